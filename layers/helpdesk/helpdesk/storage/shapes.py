"""Versions of the shape of stored items.

Stored items outlive the code. Readers accept items of any shape: attributes missing from an older
one get the model's default, unknown ones of a newer one are ignored (`storage.reading`). A writer
notes its own shape as `v`. In a ticket it leaves unknown attributes as they are; people and
organizations are written whole. `make migrate` rewrites older items in today's shape, so that a
later release need not read older ones. Entries note their shape but are not migrated: they make up
most of the data, and no release has stored them differently yet.

A release that changes how tickets, people or organizations are stored raises SHAPE. It must still
write what the previous release reads, since functions are updated one after another and may be
rolled back; attributes that nobody reads any more are dropped one release later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHAPE = 1
"""The shape in which this code writes tickets, entries, people and organizations; 0 is that of
items without a noted shape.
"""

NAME = "v"
"""The attribute that holds the shape."""


def is_old(item: Mapping[str, Any]) -> bool:
    """Whether an item has an earlier shape. An item of a later release has not, and is left as it
    is.
    """
    shape = item.get(NAME, 0)
    return type(shape) is int and shape < SHAPE


def missing(item: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes to set so that an item is as this code would write it. Unknown ones stay: a
    later release may have written them.
    """
    empty: tuple[object, ...] = (None, "", {}, [])
    changed = {name: v for name, v in wanted.items() if v not in empty and item.get(name) != v}
    return changed | {NAME: SHAPE}
