"""Generations of the Index table: whole copies of what it holds, side by side in one table.

A desk begins with one that has no name. `projection.rebuild` makes another beside it: both are
written meanwhile, then readers move over at once, and the old one is removed (docs/aws.md m24;
docs/decisions/0028). Which there are stands on the item of the catalogue's version, which every
request reads in its first round trip anyway; `storage.table` notes it whenever it comes by. How
many shards there are stands there, too (`storage.shards`). A busy desk may trust the item for a
second or two instead (docs/decisions/0031).

The name of a generation stands before its partition keys. Nothing above `storage` knows it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

from helpdesk.errors import Damaged
from helpdesk.storage import shards
from helpdesk.storage.keys import CATALOGUE_VERSION
from helpdesk.storage.reading import make, reading

ATTRIBUTE = "index"
"""The attribute of the catalogue's version; a desk that was never rebuilt has none."""

BESIDE = ("PM#", "KU#", "FLOW#")
"""Partitions that belong to no generation: nothing in `Desk` tells what they hold, and each of
their items expires.
"""

_MARK = "!"


@dataclass(frozen=True, slots=True)
class Generations:
    """Which generations there are.

    `serving` is read. What is put goes there and into the one that is `building`; what is removed
    goes from the `retiring` ones, too, of which nothing may be left behind. Events are counted in
    the one that is being built when it is `counting`, which it is not from the beginning.
    """

    serving: str = ""
    building: str | None = None
    counting: bool = False
    retiring: tuple[str, ...] = ()

    def written(self, kind: Literal["Put", "Update", "Delete", "ConditionCheck"]) -> Sequence[str]:
        """The generations that a write of this kind goes to."""
        live = (self.serving,) if self.building is None else (self.serving, self.building)
        return (*live, *self.retiring) if kind == "Delete" else live

    def stored(self) -> dict[str, Any]:
        """The value of ATTRIBUTE."""
        return asdict(self) | {"retiring": list(self.retiring)}


_seen = Generations()
"""What this container has seen last."""

_item: tuple[float, dict[str, Any]] | None = None
"""The item of the catalogue's version as it was read last, and when."""


def seen() -> Generations:
    """The generations as this container has seen them last; no round trip."""
    return _seen


def note(item: Mapping[str, Any]) -> None:
    """Takes over what the item of the catalogue's version tells. One that cannot be read changes
    nothing.
    """
    global _seen, _item  # noqa: PLW0603 - what this container knows
    _item = (time.monotonic(), dict(item))
    shards.note(item)
    with suppress(Damaged):
        _seen = of(item)


def trusted() -> dict[str, Any] | None:
    """The item of the catalogue's version, where this container has read it within
    `CATALOGUE_SECONDS`; by default never.
    """
    seconds = float(os.environ.get("CATALOGUE_SECONDS") or 0)
    if not seconds or _item is None or time.monotonic() - _item[0] >= seconds:
        return None
    return dict(_item[1])


def distrust() -> None:
    """Lets the item be read at the next look: this container has a mind to change it."""
    global _item  # noqa: PLW0603 - what this container knows
    _item = None


def forget() -> None:
    """Lets this container know nothing yet."""
    global _seen  # noqa: PLW0603 - what this container knows
    _seen = Generations()
    shards.forget()
    distrust()


def of(item: Mapping[str, Any]) -> Generations:
    """What the item of the catalogue's version tells.

    Raises:
        Damaged: It cannot be read.
    """
    found = item.get(ATTRIBUTE)
    if found is None:
        return Generations()
    with reading("generations", CATALOGUE_VERSION):
        return make(Generations, {**found, "retiring": tuple(found.get("retiring", ()))})


def partition(pk: str, generation: str) -> str:
    """The partition key as it is stored."""
    return f"{generation}{_MARK}{pk}" if generation and not pk.startswith(BESIDE) else pk


def bare(pk: str, generation: str) -> str:
    """The partition key without its generation."""
    return pk.removeprefix(f"{generation}{_MARK}") if generation else pk
