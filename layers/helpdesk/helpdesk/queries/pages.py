"""Pages: fetches the tickets of a query plan, and matches each of them again.

Indexes lag behind. Tickets are read strongly consistent, so a page shows only current matches.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Protocol

from helpdesk.clock import to_iso
from helpdesk.errors import Damaged, TooWide
from helpdesk.model.queries import Sort
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.queries import limits
from helpdesk.queries.plans import Plan
from helpdesk.queries.query import Query
from helpdesk.storage import aws, listings, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, padded, ticket_key
from helpdesk.storage.listings import IndexEntry


class Fetch(Protocol):
    """A function that fetches the tickets of index entries."""

    def __call__(
        self, entries: Sequence[IndexEntry], /, *beside: Callable[[], None]
    ) -> list[Ticket | None]:
        """The tickets in the order of their entries, None for a missing or damaged one. The calls
        `beside` are made in parallel.
        """
        ...


def fetch_tickets(
    entries: Sequence[IndexEntry], /, *beside: Callable[[], None]
) -> list[Ticket | None]:
    """A `Fetch` of tickets without their threads."""
    keys = [ticket_key(entry.ticket) for entry in entries]
    items: dict[Key, Item] = {}
    # Fetching comes first: it runs in this thread, so it may itself call `aws.together`.
    aws.together(lambda: items.update(table.fetch(keys)), *beside)
    return [_ticket(items.get(key)) for key in keys]


def _ticket(item: Item | None) -> Ticket | None:
    try:
        return ticket_items.as_ticket(item) if item else None
    except Damaged:
        return None


class Threads:
    """A `Fetch` of tickets with their threads, which it keeps by ticket id in `found`."""

    def __init__(self) -> None:
        self.found: dict[int, Thread] = {}

    def __call__(
        self, entries: Sequence[IndexEntry], /, *beside: Callable[[], None]
    ) -> list[Ticket | None]:
        """See `Fetch`."""
        tickets = [entry.ticket for entry in entries]
        # Reading comes first: it runs in this thread, so it may itself call `aws.together`.
        aws.together(lambda: self.read(tickets), *beside)
        return [self.found[one].ticket if one in self.found else None for one in tickets]

    def read(self, tickets: Sequence[int]) -> None:
        """Reads the threads of these tickets."""
        read = ticket_items.read_threads(tickets)
        self.found |= {thread.ticket.id: thread for thread in read if thread}


def serve(query: Query, plan: Plan, fetch: Fetch) -> list[Ticket]:
    """The page of a plan; fetches its tickets in batches and saves the cursor of the next page.

    Args:
        query: what the tickets must match.
        plan: where to look for them.
        fetch: fetches the tickets that are likely to be shown. Tickets that are only matched or
            skipped are fetched without threads.

    Raises:
        TooWide: more than `plan.most` tickets would have to be fetched.
    """
    limit, next_offset = query.page.limit, query.page.offset + query.page.limit
    entries, skip = _once_each(plan.entries), plan.skip
    if plan.exact:
        entries, skip = islice(entries, skip, None), 0
    found: list[Ticket] = []
    fetched, size, saved = 0, plan.sample or skip + limit + limits.SPARE, False
    while batch := [*islice(entries, size)]:
        fetched += len(batch)
        if plan.most and fetched > plan.most:
            raise TooWide
        # The page likely ends here, so the cursor is saved while the tickets are fetched.
        ends_at = skip + limit - len(found) - 1
        likely = batch[ends_at : ends_at + 1] if not plan.sample else []
        saved = saved or bool(likely)
        saving = (partial(query.cursors.save, next_offset, entry) for entry in likely)
        tickets = (fetch_tickets if plan.sample or skip else fetch)(batch, *saving)
        for entry, ticket in zip(batch, tickets, strict=True):
            if ticket is None or not query.filters.holds(ticket):
                continue
            if skip:
                skip -= 1
                continue
            found.append(ticket)
            if len(found) == limit:
                if likely != [entry]:
                    query.cursors.save(next_offset, entry)
                return found
        size = max(size, min(size * 2, listings.LONGEST_PAGE))
    if saved:
        # The page did not end where expected: the cursor saved for that is wrong.
        query.cursors.forget(next_offset)
    return found


def _once_each(entries: Iterable[IndexEntry]) -> Iterator[IndexEntry]:
    # A ticket that moves from one bucket to another is in both for a moment.
    seen: set[int] = set()
    for entry in entries:
        if entry.ticket not in seen:
            seen.add(entry.ticket)
            yield entry


def sort_matches(query: Query, candidates: Iterable[IndexEntry]) -> list[Ticket]:
    """All candidates that match, in the page's order; fetches all of them."""
    fetched = fetch_tickets([*_once_each(candidates)])
    found = [ticket for ticket in fetched if ticket and query.filters.holds(ticket)]
    sort = query.page.sort
    found.sort(key=lambda ticket: _order(ticket, sort), reverse=query.page.descending)
    return found


def _order(ticket: Ticket, sort: Sort) -> str:
    by = {"created": "", "updated": to_iso(ticket.updated), "number": ticket.number}[sort]
    return f"{by}#{padded(ticket.id)}"
