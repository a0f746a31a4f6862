"""Versions of the shape of stored items.

What is stored outlives the code. Readers take items of any shape: what an older one lacks has the
model's default, what a newer one has besides is ignored (`storage.reading`). A writer notes its own
shape as `v`. Of a ticket it leaves what it does not know as it is; people and organizations it
writes whole. `make migrate` gives the items of before the shape of today, so that a later release
need not read older ones than that. Entries tell their shape and stay as they are: they are most of
what is stored, and no release has stored them otherwise yet.

A release that changes how tickets, people or organizations are stored raises SHAPE. It goes on
writing what the release before it reads, since functions change one after another and may change
back; what nobody reads any more goes with the release after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHAPE = 1
"""The shape in which this code writes tickets, entries, people and organizations; 0 is that of
items from before it was noted.
"""

NAME = "v"
"""The attribute that holds it."""


def is_old(item: Mapping[str, Any]) -> bool:
    """Whether an item is of an earlier shape. One of a later release is not, and stays as it is."""
    shape = item.get(NAME, 0)
    return type(shape) is int and shape < SHAPE


def missing(item: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes to set so that an item is as this code would write it. Those that it would not
    write stay: a later release may have.
    """
    empty: tuple[object, ...] = (None, "", {}, [])
    changed = {name: v for name, v in wanted.items() if v not in empty and item.get(name) != v}
    return changed | {NAME: SHAPE}
