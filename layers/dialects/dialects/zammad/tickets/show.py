"""Shows tickets in all shapes (docs/zammad.md 5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import names, show
from dialects.zammad.accountings.show import amount
from dialects.zammad.assets import Directory
from dialects.zammad.read import Bag
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.tickets import Ticket
from helpdesk.tickets import find

NO_SLA: Mapping[str, None] = dict.fromkeys(
    (
        "first_response_escalation_at",
        "first_response_in_min",
        "first_response_diff_in_min",
        "close_escalation_at",
        "close_in_min",
        "close_diff_in_min",
        "update_escalation_at",
        "update_in_min",
        "update_diff_in_min",
    )
)
"""Attributes that Zammad's own SLAs would set."""


class Shapes:
    """Tickets as visible to one caller.

    Args:
        actor: the caller.
        known: the catalogue.
        tickets: all tickets that will be shown.
    """

    def __init__(self, actor: Actor, known: Catalogue, tickets: Sequence[Ticket]) -> None:
        self.actor, self.known, self.tickets = actor, known, tickets
        self.directory = Directory(known)
        self._shown = find.shown_entries(actor, tickets)

    def plain(self, ticket: Ticket) -> dict[str, Any]:
        """A ticket's own attributes."""
        return plain(ticket, self._shown[ticket.id], self.actor, self.known)

    def with_ids(self, ticket: Ticket) -> dict[str, Any]:
        """Adds the ids of related records; accounted time is for staff only."""
        staff = self.actor.customer is None
        return {
            **self.plain(ticket),
            "referencing_checklist_ids": [],
            "article_ids": sorted(self._shown[ticket.id]),
            "ticket_time_accounting_ids": [*ticket.bookings] if staff else [],
        }

    def expanded(self, ticket: Ticket) -> dict[str, Any]:
        """Adds the names of referenced records; empty references have no name."""
        row, directory = self.with_ids(ticket), self.directory
        department = self.known.departments.get(ticket.department)
        organization = directory.organization(ticket.organization)
        by_name = {
            "group": names.group_name(department, self.known) if department else None,
            "organization": organization.name if organization else None,
            "state": names.state_of(ticket, self.known)[1],
            "priority": names.priority_of(ticket.priority, self.known)[1],
            "owner": directory.login(row["owner_id"]),
            "customer": directory.login(ticket.person),
            "created_by": directory.login(row["created_by_id"]),
            "updated_by": directory.login(row["updated_by_id"]),
            "create_article_type": _TYPES.get(row["create_article_type_id"]),
            "create_article_sender": _SENDERS.get(row["create_article_sender_id"]),
        }
        row |= {name: value for name, value in by_name.items() if value is not None}
        # A booking has no name, so even Zammad lists none.
        return {**row, "ticket_time_accounting": [], "referencing_checklists": []}

    def assets(self) -> dict[str, Any]:
        """All tickets with everything they refer to."""
        directory, tickets = self.directory, self.tickets
        organizations = {ticket.organization for ticket in tickets}
        groups = {ticket.department for ticket in tickets}
        people = [who for ticket in tickets for who in people_of(ticket)]
        found = {
            "Ticket": {str(ticket.id): self.with_ids(ticket) for ticket in tickets},
            "User": directory.users(people, self.actor),
            "Organization": directory.organizations(organizations, self.actor),
            "Group": directory.groups(groups, self.actor),
        }
        return {name: rows for name, rows in found.items() if rows}

    def read(self) -> None:
        """Reads the people and organizations for `expanded` and `assets`: one round trip."""
        people = [who for ticket in self.tickets for who in people_of(ticket)]
        self.directory.read(people, [ticket.organization for ticket in self.tickets])


_TYPES = {number: name for name, number in names.TYPES.items()}
_SENDERS = dict(names.SENDERS.values())


def found(ticket: Ticket, values: Bag, actor: Actor) -> Response:
    """A ticket that was read."""
    return _one(ticket, values, actor, 200, ids=False)


def written(ticket: Ticket, values: Bag, actor: Actor, status: int) -> Response:
    """A ticket that was created or changed: it lists its articles in the default shape, too."""
    return _one(ticket, values, actor, status, ids=True)


def _one(ticket: Ticket, values: Bag, actor: Actor, status: int, *, ids: bool) -> Response:
    shapes = Shapes(actor, cache.seen(), [ticket])
    if values.flag("expand"):
        shapes.read()
        return show.answer(shapes.expanded(ticket), status)
    if values.flag("full"):
        shapes.read()
        return show.answer({"id": ticket.id, "assets": shapes.assets()}, status)
    return show.answer(shapes.with_ids(ticket) if ids else shapes.plain(ticket), status)


def many(values: Bag, shapes: Shapes) -> Response:
    """A page of the list of tickets, in the requested shape."""
    tickets = shapes.tickets
    if values.flag("expand"):
        shapes.read()
        return show.document([shapes.expanded(ticket) for ticket in tickets], "tickets.json")
    if values.flag("full"):
        shapes.read()
        ids = [ticket.id for ticket in tickets]
        body = {"record_ids": ids, "assets": shapes.assets()}
        return show.document(body, "tickets.json")
    return show.document([shapes.plain(ticket) for ticket in tickets], "tickets.json")


def people_of(ticket: Ticket) -> set[int]:
    """The ids of the users that a ticket refers to."""
    return {ticket.agent or NOBODY, ticket.person, created_by(ticket), updated_by(ticket)}


def created_by(ticket: Ticket) -> int:
    """The id of the user who created a ticket; if unknown, its requester's."""
    return ticket.created_by or ticket.person


def updated_by(ticket: Ticket) -> int:
    """The id of the user who last changed a ticket."""
    return ticket.updated_by or created_by(ticket)


def plain(ticket: Ticket, entries: Sequence[int], actor: Actor, known: Catalogue) -> dict[str, Any]:
    """A ticket's own attributes, in Zammad's order; `entries` are those the actor may see."""
    first = (ticket.first_channel, ticket.first_sender)
    if not ticket.first_channel and entries:
        source = ticket.source.lower()
        first = (source if source in {"email", "phone"} else "web", "customer")
    spoke = ticket.customer_contact or (
        ticket.created if ticket.entries and not ticket.first_channel else None
    )
    last = max(filter(None, (ticket.agent_contact, spoke)), default=None)
    custom = _custom(ticket, actor, known)
    return {
        "id": ticket.id,
        "group_id": ticket.department,
        "priority_id": names.priority_of(ticket.priority, known)[0],
        "state_id": names.state_of(ticket, known)[0],
        "organization_id": ticket.organization,
        "number": ticket.number,
        "title": ticket.subject,
        "owner_id": ticket.agent or NOBODY,
        "customer_id": ticket.person,
        "note": ticket.note or None,
        "first_response_at": show.time(ticket.first_response),
        **NO_SLA,
        "close_at": show.time(ticket.first_closed),
        "last_close_at": show.time(ticket.last_closed),
        "last_contact_at": show.time(last),
        "last_contact_agent_at": show.time(ticket.agent_contact),
        "last_contact_customer_at": show.time(spoke),
        "last_owner_update_at": None,
        "create_article_type_id": names.TYPES.get(first[0]),
        "create_article_sender_id": names.SENDERS[first[1]][0] if first[1] else None,
        "article_count": len(entries) if ticket.entries else None,
        "escalation_at": None,
        "pending_time": show.time(ticket.pending_until),
        "type": ticket.kind or None,
        "time_unit": amount(ticket.time_units) if actor.customer is None else None,
        "preferences": dict(ticket.preferences) if actor.customer is None else {},
        "updated_by_id": updated_by(ticket),
        "created_by_id": created_by(ticket),
        "created_at": show.time(ticket.created),
        "updated_at": show.time(ticket.updated),
        "checklist_id": None,
        **custom,
    }


def _custom(ticket: Ticket, actor: Actor, known: Catalogue) -> dict[str, Any]:
    """The ticket form's custom fields; for a customer, without those that only agents see."""
    rows = [row for row in known.fields.values() if row.form == "ticket"]
    own = [row for row in rows if row.name not in fields.BUILT_IN]
    if actor.customer is not None:
        own = [row for row in own if not row.agents_only]
    values = ((row.name, ticket.fields.get(row.name)) for row in own)
    return {name: list(one) if isinstance(one, tuple) else one for name, one in values}
