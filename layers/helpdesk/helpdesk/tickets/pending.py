"""Wakes pending tickets at their `pending_until`: some are closed, others trigger a reminder."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.model.actor import SYSTEM
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, sweeps, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, ticket_key
from helpdesk.storage.transact import Cancelled
from helpdesk.tickets import effects, telling

MOST_WOKEN = 500
"""Tickets that one call wakes at most; the next call continues."""


def wake_pending() -> int:
    """Closes pending tickets whose time has come, or records a reminder in their history; returns
    how many. A ticket that cannot be woken does not hold up the others.

    Raises:
        ChangedUnderYou: Others kept changing one of the tickets.
    """
    at = now()
    due = sweeps.with_all_shards(lambda: sweeps.asleep_until(at, MOST_WOKEN))
    if not due:
        return 0
    found = table.fetch([CATALOGUE_VERSION, *due])
    known = cache.current(found)
    return aws.count_done(partial(_wake, known), sweeps.still_asleep(found, at))


def _wake(known: Catalogue, item: Item) -> bool:
    """Whether this call has woken the ticket; False if somebody has changed it since it was
    read.
    """
    at, before = now(), ticket_items.as_ticket(item)
    closes = before.phase == "pending_close"
    after = _closed(before, known, at) if closes else before
    after = replace(after, updated=at, version=before.version + 1)
    states = [known.statuses[ticket.status].state for ticket in (before, after)]
    event = ticket_event(
        "closed" if closes else "reminded",
        SYSTEM,
        before.id,
        at,
        before=facets_of(before, states[0]) if closes else None,
        after=facets_of(after, states[1]) if closes else None,
        data={"status": after.status} if closes else {"agent": before.agent},
    )
    changed, emptied = ticket_items.difference(item, after, states[1])
    woken = transact.set_attributes(
        ticket_key(before.id),
        {**changed, "version": after.version},
        remove=sorted({*emptied, "p9", "s9"}),
        condition="#version = :seen AND #s9 = :due",
        values={":seen": before.version, ":due": item["s9"]},
        names={"#s9": "s9"},
    )
    try:
        operations.commit(event, [woken, *telling.events(SYSTEM, before, after, known, at)])
    except Cancelled:
        return False
    return True


def _closed(ticket: Ticket, known: Catalogue, at: datetime) -> Ticket:
    # In the stock catalogue this is `Closed`: `Resolved` would claim more than that the time has
    # come.
    return effects.changed(ticket, {"status": known.closed_status}, known, at)
