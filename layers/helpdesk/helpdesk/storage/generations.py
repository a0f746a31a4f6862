"""Generations of the Index table: complete copies of its content, side by side in one table.

A desk starts with one generation, which has no name. `projection.rebuild` builds another: both are
written meanwhile, then all readers switch at once, and the old one is removed (docs/aws.md m24;
docs/decisions/0028). The item of the catalogue's version lists the generations; every request reads
it in its first round trip anyway, and `storage.table` notes its content each time. It also holds
the number of shards (`storage.shards`). A busy desk may cache the item for a second or two
(docs/decisions/0031).

The name of a generation is a prefix of its partition keys. Nothing above `storage` knows it.
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
"""Partitions that belong to no generation: they cannot be rebuilt from `Desk`, and their items
expire.
"""

_MARK = "!"


@dataclass(frozen=True, slots=True)
class Generations:
    """The existing generations.

    `serving` is read. Puts go there and to the one that is `building`; deletes go to the `retiring`
    ones, too, so that nothing is left in them. Events are counted in the generation being built
    only once it is `counting`.
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
"""The generations as last seen by this container."""

_item: tuple[float, dict[str, Any]] | None = None
"""The item of the catalogue's version as last read, and when."""


def seen() -> Generations:
    """The generations as last seen by this container; no round trip."""
    return _seen


def note(item: Mapping[str, Any]) -> None:
    """Takes over the generations from the item of the catalogue's version. A damaged one changes
    nothing.
    """
    global _seen, _item  # noqa: PLW0603 - what this container knows
    _item = (time.monotonic(), dict(item))
    shards.note(item)
    with suppress(Damaged):
        _seen = of(item)


def trusted() -> dict[str, Any] | None:
    """The item of the catalogue's version, if this container has read it within
    `CATALOGUE_SECONDS`; by default never.
    """
    seconds = float(os.environ.get("CATALOGUE_SECONDS") or 0)
    if not seconds or _item is None or time.monotonic() - _item[0] >= seconds:
        return None
    return dict(_item[1])


def distrust() -> None:
    """Drops the cached item, so that it is read again: this container is about to change it."""
    global _item  # noqa: PLW0603 - what this container knows
    _item = None


def forget() -> None:
    """Resets this container's state."""
    global _seen  # noqa: PLW0603 - what this container knows
    _seen = Generations()
    shards.forget()
    distrust()


def of(item: Mapping[str, Any]) -> Generations:
    """The generations in the item of the catalogue's version.

    Raises:
        Damaged: It cannot be read.
    """
    found = item.get(ATTRIBUTE)
    if found is None:
        return Generations()
    with reading("generations", CATALOGUE_VERSION):
        return make(Generations, {**found, "retiring": tuple(found.get("retiring", ()))})


def partition(pk: str, generation: str) -> str:
    """The partition key as stored, with its generation."""
    return f"{generation}{_MARK}{pk}" if generation and not pk.startswith(BESIDE) else pk


def bare(pk: str, generation: str) -> str:
    """The partition key without its generation."""
    return pk.removeprefix(f"{generation}{_MARK}") if generation else pk
