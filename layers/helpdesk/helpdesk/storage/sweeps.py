"""Queries of scheduled jobs: due tickets, events and drafts, from all shards of an index partition
(docs/decisions/0031).
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter

from helpdesk.clock import to_iso
from helpdesk.storage import aws, shards, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, DUE, INDEXES, LEAST, PENDING, Key


def merged(
    partition: str,
    index: str,
    *,
    between: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Iterator[Item]:
    """The items of an index partition, merged from all its shards, in the order of the index; one
    round trip per shard and MB.
    """
    sort_key = INDEXES[index][1]
    parts = (
        table.query(name, index=index, between=between, limit=limit)
        for name in shards.to_read(partition)
    )
    return islice(heapq.merge(*parts, key=itemgetter(sort_key)), limit)


def with_all_shards(listed: Callable[[], list[Key]]) -> list[Key]:
    """The result of a job's first query, `listed`. Reads the number of shards in the same round
    trip, and repeats the query if there are more than this container knew. An idle job reads the
    catalogue's version nowhere else, and would never learn of new shards.
    """
    known, found = shards.seen().read, list[Key]()
    aws.together(lambda: found.extend(listed()), _learn)
    return found if shards.seen().read <= known else listed()


def _learn() -> None:
    table.fetch([CATALOGUE_VERSION])


def fallen_due(at: datetime, limit: int | None = None) -> list[Key]:
    """The unmarked tickets whose deadline is before `at`, the longest overdue first; one round
    trip.
    """
    due = merged(DUE, "g09", between=(LEAST, to_iso(at)), limit=limit)
    return [Key(item["pk"], item["sk"]) for item in due]


def still_due(found: Mapping[Key, Item], at: datetime) -> list[Item]:
    """Those of these items that are still due in the table: the index may lag behind."""
    return _still(DUE, found, at)


def asleep_until(at: datetime, limit: int | None = None) -> list[Key]:
    """The pending tickets whose time has come by `at`, the longest ago first; one round trip."""
    due = merged(PENDING, "g09", between=(LEAST, to_iso(at)), limit=limit)
    return [Key(item["pk"], item["sk"]) for item in due]


def still_asleep(found: Mapping[Key, Item], at: datetime) -> list[Item]:
    """Those of these items that are still due in the table: the index may lag behind."""
    return _still(PENDING, found, at)


def _still(partition: str, found: Mapping[Key, Item], at: datetime) -> list[Item]:
    until = to_iso(at)
    return [
        item
        for item in found.values()
        if shards.is_in(item.get("p9"), partition) and item.get("s9", until) < until
    ]
