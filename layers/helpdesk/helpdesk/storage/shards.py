"""Shards of the index partitions that hold all tickets, or all events.

A partition accepts 1,000 write units a second, however the table is scaled. A busy desk writes
these under several names, `ALL`, `ALL#1` and so on, and reads all of them as one; every other desk
has only the first name, and needs no extra queries (docs/decisions/0031). The number of shards is
in the item of the catalogue's version, as the generations of the index are, for the same reason:
every request reads it first.

More shards may be read than written: items in the others are found until `make migrate` has moved
them and ends the reading of these shards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.clock import from_iso
from helpdesk.errors import Damaged
from helpdesk.storage.keys import CATALOGUE_VERSION
from helpdesk.storage.reading import make, reading

ATTRIBUTE = "shards"
"""The attribute of the catalogue's version; a desk that never had more than one has none."""

MOST = 16


@dataclass(frozen=True, slots=True)
class Shards:
    """How many shards are written, how many are read, and since when if more are read than
    written.
    """

    written: int = 1
    read: int = 1
    since: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for values that would hide items."""
        if not 1 <= self.written <= self.read <= MOST:
            raise ValueError("read")

    def stored(self) -> dict[str, Any]:
        """The value of ATTRIBUTE."""
        return {name: value for name, value in asdict(self).items() if value}


_seen = Shards()
"""The shards as last seen by this container."""


def seen() -> Shards:
    """The shards as last seen by this container; no round trip."""
    return _seen


def note(item: Mapping[str, Any]) -> None:
    """Takes over the shards from the item of the catalogue's version. If it is damaged, all
    possible shards are read, so that nothing is hidden.
    """
    global _seen  # noqa: PLW0603 - what this container knows
    try:
        _seen = of(item)
    except Damaged:
        _seen = Shards(_seen.written, MOST)


def forget() -> None:
    """Resets this container's state."""
    global _seen  # noqa: PLW0603 - what this container knows
    _seen = Shards()


def of(item: Mapping[str, Any]) -> Shards:
    """The shards in the item of the catalogue's version.

    Raises:
        Damaged: It cannot be read.
    """
    found = item.get(ATTRIBUTE)
    if found is None:
        return Shards()
    with reading("shards", CATALOGUE_VERSION):
        told = make(Shards, dict(found))
        if told.since:
            from_iso(told.since)
        return told


def to_write(partition: str, number: int) -> str:
    """The shard to which the item with this number is written: ids are consecutive, so the
    remainder of a division spreads them evenly.
    """
    return _named(partition, number % _seen.written)


def to_read(partition: str) -> list[str]:
    """The shards that may hold items."""
    return [_named(partition, shard) for shard in range(_seen.read)]


def beyond(partition: str) -> list[str]:
    """The shards that are read but no longer written."""
    return to_read(partition)[_seen.written :]


def _named(partition: str, shard: int) -> str:
    return f"{partition}#{shard}" if shard else partition


def is_in(name: object, partition: str) -> bool:
    """Whether this is the name of one of a partition's shards."""
    return isinstance(name, str) and name.partition("#")[0] == partition
