"""Query plans: each defines in which order a page's tickets are searched, and how they are fetched.

A plan is data. It only reads index entries, lazily as `pages.serve` iterates, which fetches the
tickets and matches them again. `lists` decides which plan applies.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from helpdesk.errors import TooWide
from helpdesk.index import counters
from helpdesk.queries import limits
from helpdesk.queries.candidates import Owned
from helpdesk.queries.query import Query
from helpdesk.storage import listings
from helpdesk.storage.keys import padded
from helpdesk.storage.listings import IndexEntry, KeyRange


class Plan(NamedTuple):
    """Index entries in the page's order, and how to process them.

    Args:
        entries: entries of tickets that may match.
        skip: matches before the page.
        exact: whether every entry is a match, except for concurrent changes; then entries before
            the page are skipped without fetching their tickets.
        sample: how many tickets to fetch first if it is unknown how many match; 0 if nearly all do,
            so that the page's size is a good estimate.
        most: how many tickets to fetch in all before the page is refused; None if `entries` are
            few.
    """

    entries: Iterable[IndexEntry]
    skip: int
    exact: bool = False
    sample: int = 0
    most: int | None = None


# --- buckets in order -----------------------------------------------------------------------


def scan_buckets(query: Query) -> Plan:
    """The tickets of the filters' buckets, in order.

    A page far down the list of ids is found by block counts, in one more round trip.

    Raises:
        TooWide: the page begins after more than DEEPEST_JUMP entries.
    """
    far = query.skip >= counters.BLOCK
    if far and query.page.sort == "created" and query.filters.by_department_only:
        query = _behind_blocks(query)
    if query.skip > limits.DEEPEST_JUMP:
        raise TooWide
    if query.page.sort == "created" and query.wide and not query.skip:
        return Plan(_walk_ids(query), skip=0)
    # To skip tickets, reading the keys of an index is cheaper than fetching by id.
    return Plan(_read_indexes(query), skip=query.skip, exact=True)


def _behind_blocks(query: Query) -> Query:
    """The query moved past all complete blocks of ids before its page (docs/aws.md m14)."""
    departments = query.filters.departments or query.known.departments.keys()
    counts = listings.block_counts(departments)
    descending, skip = query.page.descending, query.skip
    passed: int | None = None
    for block in sorted(counts, reverse=descending):
        if skip < counts[block]:
            break
        skip -= counts[block]
        passed = block
    if passed is None:
        return query
    edge = passed * counters.BLOCK if descending else (passed + 1) * counters.BLOCK - 1
    return query._replace(key_range=query.key_range._replace(after=padded(edge)), skip=skip)


def scan_owner(query: Query, owner: Owned) -> Plan:
    """The tickets of one person, organization or agent, by id.

    Raises:
        TooWide: the page begins after more than DEEPEST_JUMP entries.
    """
    if query.skip > limits.DEEPEST_JUMP:
        raise TooWide
    if query.key_range == KeyRange(query.page.descending):
        entries = owner.continued(query.lists[0], descending=query.page.descending)
    else:
        entries = owner.after(query.key_range, query.page.limit + limits.SPARE)
    if not query.exact:
        return _looked_at(query, _of_buckets(query, entries))
    return Plan(_of_buckets(query, entries), skip=query.skip, exact=True)


# --- candidates -----------------------------------------------------------------------------


def sort_candidates(query: Query, candidates: Sequence[IndexEntry]) -> Plan:
    """Candidates by id: the only order that is known before their tickets are fetched."""
    by_id = {entry.ticket: IndexEntry(padded(entry.ticket), entry.ticket) for entry in candidates}
    ordered = sorted(by_id.values(), reverse=query.page.descending)
    # Postings do not have the bucket and buckets not the text, so if both are filtered few may
    # match.
    filters = query.filters
    nearly_all = not filters.texts or (
        filters.every_bucket and all(one.complete for one in query.lists)
    )
    nearly_all = nearly_all and not filters.looks
    return Plan(
        [entry for entry in ordered if query.key_range.holds(entry.order)],
        skip=query.skip,
        sample=0 if nearly_all else limits.PROBE,
    )


def read_few(query: Query) -> list[IndexEntry] | None:
    """All entries of the filters' buckets as candidates, if there are few; else None."""
    if len(query.buckets) > limits.MOST_BUCKETS or query.most_matches > limits.PROBE:
        return None
    newest_first = KeyRange(descending=True)
    return [*listings.of_buckets(query.buckets, "created", newest_first, limits.PROBE)]


# --- walks ----------------------------------------------------------------------------------


def sample_first(query: Query) -> Plan:
    """The first SAMPLE tickets of the list without its texts, which may contain the whole page."""
    page = query.page
    entries: Iterable[IndexEntry]
    if not query.wide:
        entries = listings.of_buckets(query.buckets, page.sort, query.key_range, limits.SAMPLE)
    elif page.sort == "created":
        entries = listings.by_id(query.last_id, query.key_range)
    elif page.offset:
        entries = listings.of_all(page.sort, query.key_range, limits.SAMPLE)
    else:
        entries = query.first_of_all
    first = _of_buckets(query, islice(entries, limits.SAMPLE))
    return Plan(first, skip=query.skip, sample=limits.SAMPLE)


def walk(query: Query) -> Plan:
    """The list without its candidate lists, up to MOST_CANDIDATES tickets."""
    by_id = query.page.sort == "created" and query.wide
    entries = _walk_ids(query) if by_id else _from_the_first(query)
    if not query.sources:
        return _looked_at(query, entries)
    return Plan(entries, skip=query.skip, sample=limits.PROBE, most=limits.MOST_CANDIDATES)


def _from_the_first(query: Query) -> Iterator[IndexEntry]:
    """The tickets of the filters' buckets in order, starting with those already read."""
    if not (query.wide and query.first_of_all):
        return _read_indexes(query)
    first = _of_buckets(query, query.first_of_all)
    if len(query.first_of_all) < limits.SAMPLE:
        return iter(first)
    behind = query.key_range._replace(after=query.first_of_all[-1].order)
    return chain(first, _read_indexes(query._replace(key_range=behind), limits.SAMPLE))


def _looked_at(query: Query, entries: Iterable[IndexEntry]) -> Plan:
    """A plan of entries that may not match; with only a span of time most do, since the span bounds
    the entries.
    """
    sample = limits.SAMPLE if query.filters.looks else 0
    if sample and query.wide and query.first_of_all:
        # Use the entries already read, if they may suffice for the page.
        ready = sum(_may_hold(query, entry) for entry in query.first_of_all)
        sample = ready if ready > query.page.limit else sample
    return Plan(entries, skip=query.skip, sample=sample, most=limits.MOST_CANDIDATES)


def read_all(query: Query) -> list[IndexEntry]:
    """All entries of the list as candidates.

    Raises:
        TooWide: there are more than MOST_CANDIDATES.
    """
    unbounded = query.key_range._replace(after=None) == KeyRange(query.page.descending)
    if unbounded and query.most_matches > limits.MOST_CANDIDATES:
        raise TooWide
    whole = query._replace(key_range=query.key_range._replace(after=None))
    by_id = query.page.sort == "created" and query.wide and not unbounded
    entries = _walk_ids(whole) if by_id else _read_indexes(whole, listings.LONGEST_PAGE)
    found = [*islice(entries, limits.MOST_CANDIDATES + 1)]
    if len(found) > limits.MOST_CANDIDATES:
        raise TooWide
    return found


# --- entries in order -----------------------------------------------------------------------


def _walk_ids(query: Query) -> Iterator[IndexEntry]:
    """All ids, which are dense and need no index; an id may have no ticket, or one in another
    bucket.
    """
    return _else_buckets(query, listings.by_id(query.last_id, query.key_range))


def _read_indexes(query: Query, size: int = 0) -> Iterator[IndexEntry]:
    """The tickets of the filters' buckets, by the index of all tickets or those of the buckets.

    Args:
        query: the query.
        size: how many to read first; 0 for as many as the page is likely to need.
    """
    sort, size = query.page.sort, size or _size(query)
    if sort == "created" or not query.wide:
        return listings.of_buckets(query.buckets, sort, query.key_range, size)
    if query.filters.every_bucket:
        # A deleted ticket may still be in the index, but must not count towards an offset.
        return _of_buckets(query, listings.of_all(sort, query.key_range, size))
    return _else_buckets(query, listings.of_all(sort, query.key_range, 2 * size))


def _else_buckets(query: Query, entries: Iterator[IndexEntry]) -> Iterator[IndexEntry]:
    """The entries of a list of all tickets that are in the filters' buckets; after its first
    MOST_CANDIDATES entries, the indexes of the buckets are merged instead.
    """
    last: IndexEntry | None = None
    for last in islice(entries, limits.MOST_CANDIDATES):
        if _may_hold(query, last):
            yield last
    if last and next(entries, None):
        rest = query.key_range._replace(after=last.order)
        yield from listings.of_buckets(query.buckets, query.page.sort, rest, _size(query))


def _of_buckets(query: Query, entries: Iterable[IndexEntry]) -> Iterator[IndexEntry]:
    return (entry for entry in entries if _may_hold(query, entry))


def _may_hold(query: Query, entry: IndexEntry) -> bool:
    return not entry.bucket or query.filters.holds_bucket(entry.bucket)


def _size(query: Query) -> int:
    return query.skip + query.page.limit + limits.SPARE
