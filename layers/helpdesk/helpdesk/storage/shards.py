"""Shards of the index partitions in which all tickets, or all events, meet.

A partition takes 1,000 write units a second, however the table is scaled. A busy desk writes these
under several names, `ALL`, `ALL#1` and so on, and reads all of them as one; every other desk has
the first name alone, and pays for no query more (docs/decisions/0031). How many there are stands on
the item of the catalogue's version, as the generations of the index do, for the same reason: every
request reads it first.

Readers may know of more than are written: what stands in the others is found until `make migrate`
has moved it and lets nobody read them any more.
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
    """How many shards are written, and how many are read; since when these, where some are read
    that are written no more.
    """

    written: int = 1
    read: int = 1
    since: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for what would hide something."""
        if not 1 <= self.written <= self.read <= MOST:
            raise ValueError("read")

    def stored(self) -> dict[str, Any]:
        """The value of ATTRIBUTE."""
        return {name: value for name, value in asdict(self).items() if value}


_seen = Shards()
"""What this container has seen last."""


def seen() -> Shards:
    """The shards as this container has seen them last; no round trip."""
    return _seen


def note(item: Mapping[str, Any]) -> None:
    """Takes over what the item of the catalogue's version tells. Where that cannot be read, all
    that there may be are read, so that nothing is hidden.
    """
    global _seen  # noqa: PLW0603 - what this container knows
    try:
        _seen = of(item)
    except Damaged:
        _seen = Shards(_seen.written, MOST)


def forget() -> None:
    """Lets this container know nothing yet."""
    global _seen  # noqa: PLW0603 - what this container knows
    _seen = Shards()


def of(item: Mapping[str, Any]) -> Shards:
    """What the item of the catalogue's version tells.

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
    """The name under which something of this number is written: ids follow each other, so that the
    rest of a division spreads them evenly.
    """
    return _named(partition, number % _seen.written)


def to_read(partition: str) -> list[str]:
    """The names under which something may stand."""
    return [_named(partition, shard) for shard in range(_seen.read)]


def beyond(partition: str) -> list[str]:
    """The names under which nothing is written any more."""
    return to_read(partition)[_seen.written :]


def _named(partition: str, shard: int) -> str:
    return f"{partition}#{shard}" if shard else partition


def is_in(name: object, partition: str) -> bool:
    """Whether this is the name of one of a partition's shards."""
    return isinstance(name, str) and name.partition("#")[0] == partition
