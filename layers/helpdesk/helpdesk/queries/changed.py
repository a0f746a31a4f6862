"""Tickets in the order in which they were changed, for those who follow a desk: each change that
stays is seen once, and none is passed over, whatever is written meanwhile.

The index of all tickets by update (g04) is read upwards from a position, up to HORIZON before now.
By then nothing can come to lie below what was read any more: a change bears the time at which its
request began, no request lives for HORIZON, and it includes the difference between clocks and what
an index lags behind. A ticket that has been changed since it was indexed is left out, because it
comes again at its new place, which lies above the horizon.

Filters are matched by the tickets themselves. Counters, postings and other lists would each lag
behind in its own way, so none of them is asked.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from itertools import islice
from typing import NamedTuple

from helpdesk import operations, times
from helpdesk.catalogue import cache
from helpdesk.clock import now, to_iso
from helpdesk.errors import Invalid, Problem
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Moment, Wanted
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.queries import filters, limits, pages
from helpdesk.queries.filters import Filters
from helpdesk.scope import as_seen_by, reads_threads
from helpdesk.storage import listings
from helpdesk.storage.keys import padded
from helpdesk.storage.listings import IndexEntry, KeyRange

HORIZON = timedelta(seconds=30)
"""How long a change waits before it is shown: longer than API Gateway waits for a request."""

_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#\d{10}", re.ASCII)


class Changes(NamedTuple):
    """Some tickets that were changed, the longest ago first.

    Args:
        tickets: those that match, as they are now.
        cursor: where to go on, now or later. It holds for ever, and for any filters.
        more: whether to go on at once: not all changes up to the horizon have been looked at.
    """

    tickets: list[Ticket]
    cursor: str
    more: bool


class ChangedThreads(NamedTuple):
    """The same with the threads of the tickets."""

    threads: list[Thread]
    cursor: str
    more: bool


def find_changes(actor: Actor, wanted: Wanted, since: Moment, cursor: str, limit: int) -> Changes:
    """The next tickets that match, of those changed at a time or after it.

    Round trips: one, those of `filters.resolve_first`, one for each page of the index and one for
    its tickets. A call looks at MOST_CANDIDATES entries and MOST_LOOKED_AT tickets at most, and
    then says that there is more.

    Args:
        actor: who asks.
        wanted: the filters.
        since: when to begin; it does not matter where there is a cursor.
        cursor: where an earlier call has ended; empty for none.
        limit: how many tickets to give at most.

    Raises:
        Invalid: `cursor`, for what no call has given; `date`, for a time that is none.
    """
    found, _ = operations.first_round_trip([])
    known = cache.current(found)
    position = _position(cursor) if cursor else _beginning(since, known.settings.default_timezone)
    asked = filters.resolve_first(wanted)
    if asked and wanted.condition:
        # Those who follow a desk have none so far, and need not load what finds tickets by one.
        from helpdesk.queries import conditions  # noqa: PLC0415

        asked = asked._replace(condition=conditions.resolve(actor, wanted.condition))
    resolved = asked and filters.resolve(actor, asked, known)
    if resolved is None:
        # What names nothing yet may do so tomorrow, so the position stays.
        return Changes([], _cursor(position), more=False)
    return _read_on(resolved, position, limit)


def find_changed_threads(
    actor: Actor, wanted: Wanted, since: Moment, cursor: str, limit: int
) -> ChangedThreads:
    """The same with threads, which cost one round trip more. Args and errors as there."""
    changes = find_changes(actor, wanted, since, cursor, limit)
    if not reads_threads(actor):
        bare = [Thread(ticket, (), ()) for ticket in changes.tickets]
        return ChangedThreads(bare, changes.cursor, changes.more)
    threads = pages.Threads()
    threads.read([ticket.id for ticket in changes.tickets])
    known = cache.seen()
    # What was changed or deleted a moment ago comes at its new place, or no more.
    same = (
        threads.found[ticket.id]
        for ticket in changes.tickets
        if ticket.id in threads.found and threads.found[ticket.id].ticket.updated == ticket.updated
    )
    shown = [as_seen_by(actor, thread, known) for thread in same]
    return ChangedThreads(shown, changes.cursor, changes.more)


def _read_on(wanted: Filters, position: str, limit: int) -> Changes:
    horizon = to_iso(now() - HORIZON)
    key_range = KeyRange(descending=False, after=position, high=horizon)
    size = min(limit + limits.SPARE, limits.MOST_LOOKED_AT)
    entries = listings.of_all("updated", key_range, size)
    tickets: list[Ticket] = []
    read = looked_at = 0
    while batch := [*islice(entries, size)]:
        read += len(batch)
        may_match = [entry for entry in batch if wanted.holds_bucket(entry.bucket)]
        looked_at += len(may_match)
        fetched = dict(zip(may_match, pages.fetch_tickets(may_match), strict=True))
        for entry in batch:
            if len(tickets) == limit:
                return Changes(tickets, _cursor(position), more=True)
            position, ticket = entry.order, fetched.get(entry)
            if ticket and _is_at(entry, ticket) and wanted.holds(ticket):
                tickets.append(ticket)
        enough = read >= limits.MOST_CANDIDATES or looked_at >= limits.MOST_LOOKED_AT
        if enough or len(tickets) == limit:
            more = next(entries, None) is not None
            return Changes(tickets, _cursor(position), more)
    return Changes(tickets, _cursor(position), more=False)


def _is_at(entry: IndexEntry, ticket: Ticket) -> bool:
    """Whether a ticket still stands where the index has it."""
    return entry.order == f"{to_iso(ticket.updated)}#{padded(ticket.id)}"


# --- positions ------------------------------------------------------------------------------


def _beginning(since: Moment, zone: str) -> str:
    """The position right before a moment."""
    try:
        moment = times.read(since, times.zone(zone))
    except ValueError as wrong:
        raise Invalid(Problem("updated_since", "date")) from wrong
    return f"{to_iso(moment)}#{padded(0)}"


def _cursor(position: str) -> str:
    return urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _position(cursor: str) -> str:
    try:
        position = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        position = ""
    if not _POSITION.fullmatch(position):
        raise Invalid(Problem("cursor", "cursor"))
    return position
