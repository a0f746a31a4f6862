"""Tickets in the order of their changes, for clients that poll: a client sees every ticket's latest
change once and misses none, whatever is written meanwhile.

The index of all tickets by update (g04) is read in ascending order from a position, up to HORIZON
before now. Nothing can be inserted below that any more: a change has the time at which its request
began, no request lives as long as HORIZON, which also covers clock differences and the lag of the
index. A ticket that was changed after it was indexed is left out, because it appears again at its
new position, which is above the horizon.

Filters are matched against the tickets themselves. Counters, postings and other lists lag behind
independently, so none of them is used.
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
"""How long a change is held back: longer than API Gateway's timeout of a request."""

_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#\d{10}", re.ASCII)


class Changes(NamedTuple):
    """A page of changed tickets, oldest change first.

    Args:
        tickets: those that match, as they are now.
        cursor: where to continue, now or later. It never expires, and is valid for any filters.
        more: whether to continue at once: not all changes up to the horizon have been read.
    """

    tickets: list[Ticket]
    cursor: str
    more: bool


class ChangedThreads(NamedTuple):
    """`Changes` with the threads of the tickets."""

    threads: list[Thread]
    cursor: str
    more: bool


def find_changes(actor: Actor, wanted: Wanted, since: Moment, cursor: str, limit: int) -> Changes:
    """The next matching tickets that were changed at or after a time. Round trips: one, those of
    `filters.resolve_first`, one for each page of the index and one for its tickets. A call reads
    MOST_CANDIDATES entries and MOST_LOOKED_AT tickets at most, and then reports that there is more.

    Args:
        actor: who asks.
        wanted: the filters.
        since: when to begin; ignored if there is a cursor.
        cursor: the cursor of an earlier call; empty for none.
        limit: how many tickets to return at most.

    Raises:
        Invalid: `cursor`, if it is malformed; `date`, if it is not a time.
    """
    found, _ = operations.first_round_trip([])
    known = cache.current(found)
    position = _position(cursor) if cursor else _beginning(since, known.settings.default_timezone)
    asked = filters.resolve_first(wanted)
    if asked and wanted.condition:
        # Imported here because polling clients use no condition so far.
        from helpdesk.queries import conditions  # noqa: PLC0415

        asked = asked._replace(condition=conditions.resolve(actor, wanted.condition))
    resolved = asked and filters.resolve(actor, asked, known)
    if resolved is None:
        # A name that is unknown now may be created later, so the position is kept.
        return Changes([], _cursor(position), more=False)
    return _read_on(resolved, position, limit)


def find_changed_threads(
    actor: Actor, wanted: Wanted, since: Moment, cursor: str, limit: int
) -> ChangedThreads:
    """`find_changes` with threads, which cost one more round trip. Args and errors as there."""
    changes = find_changes(actor, wanted, since, cursor, limit)
    if not reads_threads(actor):
        bare = [Thread(ticket, (), ()) for ticket in changes.tickets]
        return ChangedThreads(bare, changes.cursor, changes.more)
    threads = pages.Threads()
    threads.read([ticket.id for ticket in changes.tickets])
    known = cache.seen()
    # A ticket that was just changed appears at its new position; a deleted one no more.
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
    """Whether a ticket is still at the position in the index."""
    return entry.order == f"{to_iso(ticket.updated)}#{padded(ticket.id)}"


# --- positions ------------------------------------------------------------------------------


def _beginning(since: Moment, zone: str) -> str:
    """The position just before a moment."""
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
