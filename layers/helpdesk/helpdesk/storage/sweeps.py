"""What jobs sweep up: the tickets, events and drafts whose time has come, of all shards of a place
where many writers meet (docs/decisions/0031).
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter

from helpdesk.clock import to_iso
from helpdesk.storage import aws, shards, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, DUE, INDEXES, PENDING, Key

_FIRST = "\x00"


def merged(
    partition: str,
    index: str,
    *,
    between: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Iterator[Item]:
    """The items that a partition of an index lists, of all its shards, in the order of the index;
    one round trip for each shard and each MB.
    """
    sort_key = INDEXES[index][1]
    parts = (
        table.query(name, index=index, between=between, limit=limit)
        for name in shards.to_read(partition)
    )
    return islice(heapq.merge(*parts, key=itemgetter(sort_key)), limit)


def with_all_shards(listed: Callable[[], list[Key]]) -> list[Key]:
    """What a job lists that begins with this: in one round trip also how many shards there are, and
    once more where there are more than this container knew. Who finds nothing to do reads the
    catalogue's version nowhere else, and would never hear of them.
    """
    known, found = shards.seen().read, list[Key]()
    aws.together(lambda: found.extend(listed()), _learn)
    return found if shards.seen().read <= known else listed()


def _learn() -> None:
    table.fetch([CATALOGUE_VERSION])


def fallen_due(at: datetime, limit: int | None = None) -> list[Key]:
    """The tickets whose deadline lies before a moment and that are not marked yet, the longest
    overdue first; one round trip.
    """
    due = merged(DUE, "g09", between=(_FIRST, to_iso(at)), limit=limit)
    return [Key(item["pk"], item["sk"]) for item in due]


def still_due(found: Mapping[Key, Item], at: datetime) -> list[Item]:
    """Those of these items for which that holds in the table, too: the index may lag behind."""
    return _still(DUE, found, at)


def asleep_until(at: datetime, limit: int | None = None) -> list[Key]:
    """The pending tickets whose time has come, the longest ago first; one round trip."""
    due = merged(PENDING, "g09", between=(_FIRST, to_iso(at)), limit=limit)
    return [Key(item["pk"], item["sk"]) for item in due]


def still_asleep(found: Mapping[Key, Item], at: datetime) -> list[Item]:
    """Those of these items for which that holds in the table, too: the index may lag behind."""
    return _still(PENDING, found, at)


def _still(partition: str, found: Mapping[Key, Item], at: datetime) -> list[Item]:
    until = to_iso(at)
    return [
        item
        for item in found.values()
        if shards.is_in(item.get("p9"), partition) and item.get("s9", until) < until
    ]
