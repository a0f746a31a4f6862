"""Lists of tickets: filtered, searched, sorted, page by page (docs/data-model.md; docs/aws.md m12
to m14).

The first round trip reads the number of tickets in each bucket (status, department and topic), and
the beginning of the candidate list of each filter that has one (`query`). Then the page is read by
the first of these plans (`plans`) that applies:

1. No filter has a candidate list: the buckets are read in order and merged. All tickets by id need
   no index, because ids are dense. A span of time in the list's own order bounds what is read; a
   priority, which no index knows, is looked for among the tickets in order.
2. A candidate list was read to its end, or the buckets hold few tickets: what stands in all such
   lists is fetched and sorted.
3. One person, organization or agent, by id: their list is already in order.
4. A text or a word that many tickets contain, or a span of time that many lie in: the first
   tickets of the list without it are looked at, which very likely hold a page of it.
5. Else the candidate lists are read on, and intersected where one of them ends.
6. Else the list without the candidate lists is walked.

A page that would read more than `limits` allow is refused, never truncated. Each ticket of a page
is fetched and matched again (`pages`), so that a lagging index shows no wrong result.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.queries import limits, pages, plans
from helpdesk.queries.candidates import CandidateList, Owned, intersect
from helpdesk.queries.query import Query, prepare
from helpdesk.scope import as_seen_by, reads_threads
from helpdesk.storage import aws
from helpdesk.storage.listings import IndexEntry


def find_tickets(actor: Actor, wanted: Wanted, page: Page) -> list[Ticket]:
    """One page of the tickets that match and that the actor may see.

    Two or three round trips for a first page, up to four if a text has more than PROBE postings;
    one more after a jump, and for an address, a number, an agent or a time; for an opening time
    also those of `spans.ids_of`.

    Raises:
        Invalid: `date`, for a bound of a span that is not a time.
        TooWide: the page would read more than `limits` allow.
    """
    query = prepare(actor, wanted, page, limits.PROBE)
    return [] if query is None else _page(query, pages.fetch_tickets)


def list_tickets(actor: Actor, wanted: Wanted, page: Page) -> tuple[list[Ticket], int]:
    """The page of `find_tickets`, and the total number of matches. The total is the sum of buckets,
    or the length of the list of a person, an organization or an agent, if these suffice; else all
    matches are fetched and counted. Round trips as `find_tickets`.

    Raises:
        Invalid: as `find_tickets`. TooWide: as `find_tickets`, and if more than MOST_CANDIDATES
            tickets had to be fetched.
    """
    return _page_and_total(actor, wanted, page, pages.fetch_tickets)


def find_sorted(
    actor: Actor, wanted: Wanted, order: Callable[[list[Ticket]], list[Ticket]], page: Page
) -> tuple[list[Ticket], int]:
    """A page in any order, and the total number of matches; fetches all matches.

    Args:
        actor: who asks.
        wanted: the filters.
        order: sorts tickets.
        page: which part of them; its own order is ignored.

    Raises:
        Invalid: as of `find_tickets`.
        TooWide: if more than MOST_CANDIDATES tickets had to be fetched.
    """
    query = prepare(actor, wanted, replace(page, offset=0), limits.MOST_CANDIDATES)
    if query is None:
        return [], 0
    candidates = intersect(query.lists, query.filters)
    if candidates is None:
        candidates = plans.read_all(query)
    matches = order(pages.sort_matches(query, candidates))
    return _cut(matches, page), len(matches)


def list_threads(actor: Actor, wanted: Wanted, page: Page) -> tuple[list[Thread], int]:
    """The page of `list_tickets` with the threads of its tickets. Threads are read instead of the
    tickets and cost no extra round trip, except one if tickets had to be fetched to be matched or
    counted, and one if a body is in S3. Children are as stored. Threads are empty for an actor who
    may not read them (`scope.reads_threads`).

    Raises:
        TooWide: as `list_tickets`.
    """
    if not reads_threads(actor):
        listed, total = list_tickets(actor, wanted, page)
        return [Thread(ticket, (), ()) for ticket in listed], total
    threads = pages.Threads()
    tickets, total = _page_and_total(actor, wanted, page, threads)
    threads.read([ticket.id for ticket in tickets if ticket.id not in threads.found])
    known = cache.seen()
    # A ticket that was deleted since it was listed is left out.
    found = (threads.found[ticket.id] for ticket in tickets if ticket.id in threads.found)
    return [as_seen_by(actor, thread, known) for thread in found], total


def _page(  # noqa: PLR0911 - one return for each plan
    query: Query, fetch: pages.Fetch
) -> list[Ticket]:
    """The page, by the first applicable plan of the module's docstring."""
    if query.is_empty:
        return []
    if not query.sources:
        plan = plans.scan_buckets(query) if query.exact else plans.walk(query)
        return pages.serve(query, plan, fetch)
    candidates = intersect(query.lists, query.filters)
    if candidates is None:
        candidates = plans.read_few(query)
    if candidates is not None and not _frequent(query, candidates):
        return _of_candidates(query, candidates, fetch)
    if query.only_owner and query.page.sort == "created":
        return pages.serve(query, plans.scan_owner(query, query.only_owner), fetch)
    if not all(isinstance(source, Owned) for source in query.sources):
        found = pages.serve(query, plans.sample_first(query), fetch)
        if len(found) == query.page.limit:
            return found
    if candidates is None:
        candidates = intersect(_read_on(query), query.filters)
    if candidates is not None:
        return _of_candidates(query, candidates, fetch)
    return pages.serve(query, plans.walk(query), fetch)


def _frequent(query: Query, candidates: Sequence[IndexEntry]) -> bool:
    """Whether the page is likely to be found in the first tickets of the list, so that not all
    candidates need to be fetched and sorted.
    """
    if len(candidates) <= limits.SAMPLE or query.page.sort == "created":
        return False
    expected = limits.SAMPLE * len(candidates) / max(query.most_matches, 1)
    return expected > query.skip + query.page.limit


def _of_candidates(
    query: Query, candidates: Sequence[IndexEntry], fetch: pages.Fetch
) -> list[Ticket]:
    if query.page.sort == "created":
        return pages.serve(query, plans.sort_candidates(query, candidates), fetch)
    # Their order is known only when all are fetched.
    return _cut(pages.sort_matches(query, candidates), query.page)


def _read_on(query: Query) -> list[CandidateList]:
    descending = query.page.descending
    return aws.together(
        *(
            partial(source.read, limits.MOST_CANDIDATES, descending=descending)
            for source in query.sources
        )
    )


def _page_and_total(
    actor: Actor, wanted: Wanted, page: Page, fetch: pages.Fetch
) -> tuple[list[Ticket], int]:
    query = prepare(actor, wanted, page, limits.MOST_CANDIDATES)
    if query is None:
        return [], 0
    total = _total(query)
    if total is not None:
        return _page(query, fetch), total
    # All matches must be fetched to be counted, and include the page.
    candidates = intersect(query.lists, query.filters)
    if candidates is None:
        candidates = plans.read_all(query)
    matches = pages.sort_matches(query, candidates)
    return _cut(matches, page), len(matches)


def _total(query: Query) -> int | None:
    """The number of matches, if known from buckets or the list of one owner."""
    if query.filters.beside_buckets:
        return None
    if not query.sources:
        return query.most_matches
    if (owner := query.only_owner) is None:
        return None
    entries = owner.continued(query.lists[0], descending=query.page.descending)
    return sum(query.filters.holds_bucket(entry.bucket) for entry in entries)


def _cut(matches: list[Ticket], page: Page) -> list[Ticket]:
    return matches[page.offset : page.offset + page.limit]
