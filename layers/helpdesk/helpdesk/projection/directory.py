"""Effects of deleted rows of the catalogue: subscriptions to a service end, and open tickets lose
an agent. Everything is idempotent.
"""

from collections.abc import Sequence

from helpdesk import customers
from helpdesk.catalogue import cache
from helpdesk.errors import NotFound
from helpdesk.events.history import Event
from helpdesk.model.actor import SYSTEM
from helpdesk.model.tickets import Change
from helpdesk.storage import table, ticket_items
from helpdesk.storage.keys import Key, padded
from helpdesk.storage.reading import readable
from helpdesk.tickets import changes

AT_ONCE = 100
"""Tickets that are read at a time."""


def follow(waiting: Sequence[Event]) -> None:
    """Handles those of these events that record deleted rows."""
    for event in waiting:
        if event.kind == "row_deleted":
            kind, number = event.data.get("kind"), event.data.get("row")
            if kind == "services" and type(number) is int:
                customers.forget_service(number)
            elif kind == "agents" and type(number) is int:
                _release(number)


def _release(agent: int) -> None:
    """Removes an agent from its open tickets. One round trip for each hundred tickets, and two for
    each of those.
    """
    listed = [Key(item["pk"], item["sk"]) for item in table.query(padded(agent), index="g08")]
    for start in range(0, len(listed), AT_ONCE):
        found = table.fetch(listed[start : start + AT_ONCE])
        for ticket in readable(ticket_items.as_ticket, found.values()):
            if ticket.agent == agent and cache.seen().state_of(ticket) == "open":
                _release_ticket(ticket.id, agent)


def _release_ticket(ticket: int, agent: int) -> None:
    try:
        changes.change_ticket(SYSTEM, ticket, Change(release_from=agent))
    except NotFound:
        return  # deleted meanwhile
