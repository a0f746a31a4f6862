"""Marks each ticket whose deadline has passed once, however often the job runs (docs/aws.md m15).
Code that shows a ticket compares the deadline with the clock. The stored flag is for counters,
alerts and the history, which cannot.
"""

from dataclasses import replace

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import NotAllowed
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, sweeps, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, ticket_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled

MOST_MARKED = 500
"""Tickets that one call marks at most; the next call continues."""


def mark_overdue(actor: Actor = SYSTEM) -> int:
    """Marks the overdue tickets, the longest overdue first; returns how many.

    The author of the events is always SYSTEM, whoever calls. A ticket that cannot be marked does
    not hold up the others; the next call tries it again.

    Raises:
        NotAllowed: The key sees only part of the desk.
        ChangedUnderYou: Others kept changing one of the tickets.
    """
    if actor.bound:
        raise NotAllowed("can_exec_cron")
    at = now()
    due = sweeps.with_all_shards(lambda: sweeps.fallen_due(at, MOST_MARKED))
    if not due:
        return 0
    found = table.fetch([CATALOGUE_VERSION, *due])
    known = cache.current(found)
    left = list(readable(_late, sweeps.still_due(found, at)))
    return aws.count_done(lambda one: _mark(*one, known), left)


def _late(item: Item) -> tuple[Ticket, str]:
    return ticket_items.as_ticket(item), item["s9"]


def _mark(ticket: Ticket, due: str, known: Catalogue) -> bool:
    """Whether this call has marked the ticket; False if somebody has changed it since it was
    read.
    """
    # The run may be long, and clients that poll for changes rely on their times
    # (`queries.changed`).
    at = now()
    state = known.state_of(ticket)
    late = replace(ticket, overdue=True, updated=at, version=ticket.version + 1)
    event = ticket_event(
        "overdue",
        SYSTEM,
        ticket.id,
        at,
        before=facets_of(ticket, state),
        after=facets_of(late, state),
    )
    flag = transact.set_attributes(
        ticket_key(ticket.id),
        {
            "overdue": True,
            "updated": to_iso(at),
            "s2": ticket_items.listed(late, state)["s2"],
            "version": late.version,
        },
        remove=["p9", "s9"],
        condition="#version = :seen AND #s9 = :due",
        values={":seen": ticket.version, ":due": due},
    )
    try:
        operations.commit(event, [flag])
    except Cancelled:
        return False
    return True
