"""Tickets in the order of an index: of a bucket, of a person, organization or agent, of all;
tickets by text in their subject; and their counters.

A bucket holds all tickets of one status, department and topic. Only keys are read here, and reads
of an index are not consistent: callers fetch each ticket, and match it again, before showing it.
"""

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Literal, NamedTuple

from helpdesk.errors import Damaged
from helpdesk.model.queries import Counts, Flow, Sort
from helpdesk.storage import aws, shards, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    ALL,
    GREATEST,
    HIGHEST_ID,
    INDEXES,
    LEAST,
    SEQUENCES,
    Key,
    flow_key,
    padded,
    rank_key,
)
from helpdesk.storage.reading import readable, reading, reference

LONGEST_PAGE = 1_000
"""Most entries that are read at a time: about 120 KB."""

_OF_BUCKET = {"created": "g01", "updated": "g02", "number": "g03"}
_OF_ALL = {"updated": "g04", "number": "g05"}

_BUCKET = re.compile(r"[0-9]{1,10}#[0-9]{1,10}#[0-9]{1,10}")


class IndexEntry(NamedTuple):
    """A ticket's position in an index.

    Args:
        order: the sort key, which ends in the ticket's id.
        ticket: the ticket's id.
        bucket: `status#department#topic`; empty if the index does not have it.
    """

    order: str
    ticket: int
    bucket: str = ""


class KeyRange(NamedTuple):
    """A part of an index partition.

    Args:
        descending: whether to read from the greatest sort key down.
        after: the sort key after which to start, in this direction; None to start at the end of the
            partition.
        low: the lower bound of sort keys, possibly a prefix; None for no bound.
        high: the upper bound; a key that extends it is greater.
    """

    descending: bool
    after: str | None = None
    low: str | None = None
    high: str | None = None

    def bounds(self) -> tuple[str, str] | None:
        """The least and the greatest sort key of the range; None for all."""
        if self[1:] == (None, None, None):
            return None
        low, high = self.low or LEAST, self.high or GREATEST
        if self.after is None:
            return low, high
        text, number = self.after[:-10], self.after[-10:]
        if not number.isdecimal():
            # Not a key that the desk has written; the nearest text below is good enough.
            below = f"{self.after[:-1]}{chr(max(ord(self.after[-1]) - 1, 0))}{GREATEST}"
            behind = self.after + LEAST
        else:
            below, behind = text + padded(int(number) - 1), text + padded(int(number) + 1)
        return (low, min(high, below)) if self.descending else (max(low, behind), high)

    def holds(self, order: str) -> bool:
        """Whether a sort key is in the range."""
        if (self.low and order < self.low) or (self.high and order > self.high):
            return False
        if self.after is None:
            return True
        return order < self.after if self.descending else order > self.after


def read(index: str, pk: str, key_range: KeyRange, limit: int) -> list[IndexEntry]:
    """The first `limit` entries of a key range of one partition; one round trip per MB."""
    sort_key, bounds = INDEXES[index][1], key_range.bounds()
    if bounds and bounds[0] > bounds[1]:
        return []
    found = table.query(
        pk,
        index=index,
        between=bounds,
        newest_first=key_range.descending,
        limit=limit,
    )
    return [_entry(item, sort_key) for item in found]


def _entry(item: Item, sort_key: str) -> IndexEntry:
    # The page must keep its length, or it would look like the last one: a damaged entry here points
    # to a ticket that does not exist, or is detected when the ticket is fetched.
    number = item["pk"].removeprefix("T#")
    bucket = item.get("p1", "")
    return IndexEntry(
        item[sort_key],
        int(number) if number.isdecimal() else 0,
        bucket if _BUCKET.fullmatch(bucket) else "",
    )


def pages(index: str, pk: str, key_range: KeyRange, size: int) -> Iterator[IndexEntry]:
    """All entries of a key range, read in growing pages: a caller that reads on is likely to read
    much.
    """
    while True:
        page = read(index, pk, key_range, size)
        yield from page
        if len(page) < size:
            return
        key_range = key_range._replace(after=page[-1].order)
        size = max(size, min(size * 2, LONGEST_PAGE))


def of_all(
    sort: Literal["updated", "number"], key_range: KeyRange, size: int
) -> Iterator[IndexEntry]:
    """All tickets, merged from the shards; a first page of `size` and then larger ones. An entry
    that moves to another shard meanwhile may occur twice.
    """
    index, names = _OF_ALL[sort], shards.to_read(ALL)
    part = size if len(names) == 1 else min(size, size // len(names) + _SPARE)
    read_on = [pages(index, name, key_range, part) for name in names]
    if len(read_on) == 1:
        return read_on[0]
    return _each_once(heapq.merge(*read_on, reverse=key_range.descending))


_SPARE = 4
"""Entries that are read of a shard beyond its share of a page: shards are not exactly even."""


def _each_once(entries: Iterator[IndexEntry]) -> Iterator[IndexEntry]:
    last = None
    for entry in entries:
        if entry.order != last:
            yield entry
        last = entry.order


def by_id(last: int, key_range: KeyRange) -> Iterator[IndexEntry]:
    """Every id up to the last one allocated, whether or not the ticket exists; no round trip."""
    low, high = key_range.bounds() or (padded(1), padded(last))
    first, last = int(low.strip(LEAST) or 1), min(int(high.strip(GREATEST) or last), last)
    ids = range(last, first - 1, -1) if key_range.descending else range(first, last + 1)
    return (IndexEntry(padded(number), number) for number in ids)


def of_buckets(
    buckets: Iterable[str], sort: Sort, key_range: KeyRange, size: int
) -> Iterator[IndexEntry]:
    """The tickets of these buckets merged into one list: `size` of each at the same time
    (docs/aws.md m13). A bucket's next page is read when half of its last one has been consumed.
    """
    descending = key_range.descending
    ends = dict.fromkeys(buckets, key_range)
    due, size = list(ends), min(size, LONGEST_PAGE)
    held: list[IndexEntry] = []
    while due:
        parts = aws.together(
            *(partial(read, _OF_BUCKET[sort], bucket, ends[bucket], size) for bucket in due)
        )
        for bucket, part in zip(due, parts, strict=True):
            held += part
            if len(part) < size:
                del ends[bucket]
            else:
                ends[bucket] = key_range._replace(after=part[-1].order)
        held.sort(reverse=descending)
        ready = held
        if ends:
            # Entries up to the nearest end of a page are complete: no later page can add one before
            # it.
            afters = [end.after or "" for end in ends.values()]
            nearest = KeyRange(descending, max(afters) if descending else min(afters))
            ready = [entry for entry in held if not nearest.holds(entry.order)]
        yield from ready
        held = held[len(ready) :]
        left = Counter(entry.bucket for entry in held)
        due = [bucket for bucket in ends if left[bucket] <= size // 2]
        size = max(size, min(size * 2, LONGEST_PAGE))


def last_ticket(found: Mapping[Key, Item], buckets: Iterable[str] | None = None) -> int:
    """The id of the last ticket opened, from the sequence of ids; if that is damaged, from the
    indexes of the buckets, in another round trip.

    Args:
        found: Items that were fetched, including that of the sequences.
        buckets: The non-empty buckets, if known.
    """
    sequences = found.get(SEQUENCES, {})
    if "ticket" in sequences:
        last = reference(sequences, "ticket")
        if last is not None and 0 < last <= HIGHEST_ID:
            return last
    newest = KeyRange(descending=True)
    listed = bucket_counts() if buckets is None else buckets
    tops = aws.together(*(partial(read, "g01", bucket, newest, 1) for bucket in listed))
    return max((entry.ticket for top in tops for entry in top), default=0)


def bucket_counts(*, consistent: bool = False) -> dict[str, int]:
    """The number of tickets in each non-empty bucket; one round trip. If a counter is damaged, the
    bucket's index is counted: its tickets must not be missing from lists. A `consistent` read is
    used to find out whether a bucket is empty; it reports a damaged one as not empty.
    """
    count_of = partial(_bucket_count, exact=not consistent)
    counted = readable(count_of, table.query("CELL", where="index", consistent=consistent))
    return {bucket: count for bucket, count in counted if count > 0}


def _bucket_count(item: Item, *, exact: bool) -> tuple[str, int]:
    with reading("counter", item):
        if not _BUCKET.fullmatch(item["sk"]):
            raise ValueError("sk")
    try:
        with reading("counter", item):
            return item["sk"], _counted(item, "n")
    except Damaged:
        return item["sk"], sum(1 for _ in table.query(item["sk"], index="g01")) if exact else 1


def _counted(item: Item, name: str) -> int:
    count = item.get(name, 0)
    if type(count) is not int or abs(count) > HIGHEST_ID:
        raise TypeError(name)
    return count


def counts() -> dict[tuple[int, int], Counts]:
    """The counters of each department and agent (0 for nobody); one round trip."""
    return dict(readable(_counts, table.query("STAT", where="index")))


def _counts(item: Item) -> tuple[tuple[int, int], Counts]:
    with reading("counter", item):
        department, agent = map(int, item["sk"].split("#"))
        named = {name: _counted(item, name) for name in ("open", "closed", "overdue")}
        return (department, agent), Counts(**named)


def flows(day: str) -> dict[tuple[int, int], Flow]:
    """How many tickets of each department and agent (0 for nobody) were opened and closed on a day;
    one round trip.
    """
    return dict(readable(_flow, table.query(flow_key(day, 0, 0).pk, where="index")))


def _flow(item: Item) -> tuple[tuple[int, int], Flow]:
    with reading("counter", item):
        department, agent = map(int, item["sk"].split("#"))
        named = {name: _counted(item, name) for name in ("opened", "closed")}
        return (department, agent), Flow(**named)


def block_counts(departments: Iterable[int]) -> Mapping[int, int]:
    """The number of tickets of these departments in each block of ids (docs/aws.md m14); one round
    trip. Empty if a counter is damaged: an offset computed from the others would be wrong.
    """
    partitions = [rank_key(department, 0).pk for department in departments]
    try:
        parts = aws.together(*(partial(_block_counts, pk) for pk in partitions))
    except Damaged:
        return {}
    found: Counter[int] = Counter()
    for part in parts:
        found.update(part)
    return found


def _block_counts(partition: str) -> dict[int, int]:
    return dict(map(_block_count, table.query(partition, where="index", consistent=False)))


def _block_count(item: Item) -> tuple[int, int]:
    with reading("counter", item):
        return int(item["sk"]), _counted(item, "n")
