"""The request for one page of a list, with the results of the first round trip: the input of query
plans.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.queries import candidates, filters, limits
from helpdesk.queries.candidates import CandidateList, Named, Owned, Source
from helpdesk.queries.cursors import PageCursors
from helpdesk.queries.filters import Filters
from helpdesk.queries.spans import Span
from helpdesk.storage import listings
from helpdesk.storage.keys import SEQUENCES
from helpdesk.storage.listings import IndexEntry, KeyRange

if TYPE_CHECKING:
    from helpdesk.queries.conditions import Lookup


class Query(NamedTuple):
    """The request for a page, and the results of the first round trip.

    Args:
        filters: which tickets.
        page: which part of them, in which order.
        known: the catalogue.
        last_id: the last ticket id that was allocated.
        buckets: the number of tickets in each non-empty bucket of the filters.
        sources: the candidate lists of the filters.
        lists: the beginning of each of `sources`.
        first_of_all: the first SAMPLE entries of all tickets by update or number; read only for a
            first page in this order, and only with a condition or with a candidate list in another
            order.
        cursors: the page cursors of the list.
        key_range: the part of the list that is not skipped by its keys: the requested span of time,
            after the page cursor.
        skip: matches in `key_range` before the page.
    """

    filters: Filters
    page: Page
    known: Catalogue
    last_id: int
    buckets: Mapping[str, int]
    sources: Sequence[Source]
    lists: Sequence[CandidateList]
    first_of_all: Sequence[IndexEntry]
    cursors: PageCursors
    key_range: KeyRange
    skip: int

    @property
    def most_matches(self) -> int:
        """The number of tickets in the buckets of the filters: an upper bound of matches."""
        return sum(self.buckets.values())

    @property
    def is_empty(self) -> bool:
        """Whether the page is certainly empty: its size is 0, or it is beyond the end."""
        return self.page.limit < 1 or (self.skip > 0 and self.skip >= self.most_matches)

    @property
    def wide(self) -> bool:
        """Whether the filters cover so many buckets that the list of all tickets is read."""
        return self.filters.every_bucket or len(self.buckets) > limits.MOST_BUCKETS

    @property
    def exact(self) -> bool:
        """Whether every ticket in the filters' buckets, in `key_range` and on all candidate lists
        is a match, except for concurrent changes.
        """
        filters = self.filters
        if not filters.beside_buckets:
            return True
        # Times of changes are index keys; ids only approximate when tickets were opened.
        bounded = self.page.sort == "updated" and filters.asked.created == Span()
        return bounded and not filters.looks

    @property
    def only_owner(self) -> Owned | None:
        """The person, organization or agent whose tickets are listed, if no other filter has a
        candidate list.
        """
        first, *others = self.sources or (None,)
        return first if isinstance(first, Owned) and not others else None


def prepare(actor: Actor, wanted: Wanted, page: Page, probe: int) -> Query | None:
    """Makes the first round trip, which reads what all plans need; before it those of
    `filters.resolve_first`, after it that of a condition (`conditions.Lookup.resolved`).

    Args:
        actor: who asks.
        wanted: the filters as asked.
        page: which part of the list.
        probe: entries to read of each candidate list.

    Returns:
        None if no ticket can match.

    Raises:
        Invalid: `date`, for a bound of a span that is not a time.
    """
    asked = filters.resolve_first(wanted)
    if asked is None:
        return None
    lookup = _lookup(actor, wanted)
    sources = candidates.sources(actor, asked, page.sort)
    cursors = PageCursors.of(actor, wanted, page)
    key_range = candidates.key_range(asked, page)
    buckets: dict[str, int] = {}
    lists: dict[int, CandidateList] = {}
    first_of_all: list[IndexEntry] = []
    after: list[str | None] = [None]

    def read_list(position: int, source: Source) -> None:
        lists[position] = source.read(probe, descending=page.descending)

    calls: list[Callable[[], object]] = [
        lambda: buckets.update(listings.bucket_counts()),
        *(lambda at=at, source=source: read_list(at, source) for at, source in enumerate(sources)),
        *(lookup.calls() if lookup else ()),
    ]
    if page.offset:
        calls.append(lambda: after.append(cursors.find(page.offset)))
    elif page.sort != "created" and (
        lookup or any(not isinstance(source, Owned) for source in sources)
    ):
        everything = listings.of_all(page.sort, key_range, limits.SAMPLE)
        calls.append(lambda: first_of_all.extend(islice(everything, limits.SAMPLE)))
    found, _ = operations.first_round_trip([SEQUENCES], calls=calls)

    known = cache.current(found)
    if lookup:
        condition = lookup.resolved()
        asked = asked._replace(condition=condition)
        if condition.candidates is not None:
            sources.append(Named(tuple(sorted(condition.candidates))))
            read_list(len(sources) - 1, sources[-1])
    resolved_filters = filters.resolve(actor, asked, known)
    if resolved_filters is None:
        return None
    return Query(
        filters=resolved_filters,
        page=page,
        known=known,
        last_id=listings.last_ticket(found, buckets),
        buckets={
            bucket: count
            for bucket, count in buckets.items()
            if resolved_filters.holds_bucket(bucket)
        },
        sources=sources,
        lists=[lists[at] for at in range(len(sources))],
        first_of_all=first_of_all,
        cursors=cursors,
        key_range=key_range._replace(after=after[-1]),
        skip=page.offset if after[-1] is None else 0,
    )


def _lookup(actor: Actor, wanted: Wanted) -> "Lookup | None":
    """The index lookups of the condition, if there is one."""
    if wanted.condition is None:
        return None
    # Imported here because most lists have no condition.
    from helpdesk.queries.conditions import Lookup  # noqa: PLC0415

    return Lookup(actor, wanted.condition)
