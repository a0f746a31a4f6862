"""Shows links between tickets, with the linked tickets."""

from collections.abc import Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import show
from dialects.zammad.links.read import TICKET
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.relations import Link, LinkKind
from helpdesk.tickets.relations import Standing

KINDS: dict[LinkKind, int] = {"normal": 1, "parent": 2, "child": 3}
"""The ids of the kinds of links."""

TICKET_ID = 1
"""Zammad's id of the object type `Ticket` in links."""


def listed(actor: Actor, linked: Sequence[Standing]) -> Response:
    """The links of a ticket, as seen from it."""
    tickets = {ticket.id: ticket for _, ticket in linked}
    shapes = Shapes(actor, cache.seen(), list(tickets.values()))
    shapes.read()
    return show.document({"links": links(linked), "assets": shapes.assets()}, "links.json")


def links(linked: Sequence[Standing]) -> list[dict[str, Any]]:
    """Links as seen from their ticket."""
    return [
        {"link_type": kind, "link_object": TICKET, "link_object_value": ticket.id}
        for kind, ticket in linked
    ]


def created(link: Link) -> Response:
    """A new link."""
    body: dict[str, Any] = {
        "id": link.id,
        "link_type_id": KINDS[link.kind],
        "link_object_source_id": TICKET_ID,
        "link_object_source_value": link.source,
        "link_object_target_id": TICKET_ID,
        "link_object_target_value": link.target,
        "created_at": show.time(link.at),
        "updated_at": show.time(link.at),
    }
    return show.answer(body, 201)
