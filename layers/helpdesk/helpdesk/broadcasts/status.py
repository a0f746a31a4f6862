"""The public status page of the services (docs/notific.md 10): only what subscribers get by
mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from helpdesk.catalogue import cache
from helpdesk.errors import NotFound
from helpdesk.model.tickets import Ticket
from helpdesk.storage import table, ticket_items
from helpdesk.storage.keys import Key
from helpdesk.storage.reading import readable
from helpdesk.tickets import descriptions

MOST = 100
"""Tickets that are shown: the newest."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket of services as everybody may see it."""

    ticket: Ticket
    services: tuple[str, ...]
    description: str
    open: bool


@dataclass(frozen=True, slots=True)
class Status:
    """All that is shown: the desk's title and time zone, the services by name, and the incidents,
    newest first.
    """

    title: str
    zone: str
    services: tuple[str, ...]
    incidents: tuple[Incident, ...]


def find() -> Status:
    """The status of the services; four round trips at most.

    Raises:
        NotFound: The desk has no public status page.
    """
    known = cache.current()
    if not known.settings.status_page:
        raise NotFound("status")
    listed = table.query(ticket_items.SERVICED, index="g11", newest_first=True, limit=MOST)
    keys = [Key(item["pk"], item["sk"]) for item in islice(listed, MOST)]
    found = table.fetch(keys)
    items = [found[key] for key in keys if key in found]
    tickets: Sequence[Ticket] = list(readable(ticket_items.as_ticket, items))
    told = descriptions.find(tickets)
    incidents = (
        Incident(
            ticket,
            tuple(service.name for service in known.services_of(ticket)),
            descriptions.as_text(told.get(ticket.id)),
            known.state_of(ticket) == "open",
        )
        for ticket in tickets
    )
    return Status(
        title=known.settings.helpdesk_title,
        zone=known.settings.default_timezone or "UTC",
        services=tuple(row.name for _, row in sorted(known.services.items())),
        incidents=tuple(one for one in incidents if one.services),
    )
