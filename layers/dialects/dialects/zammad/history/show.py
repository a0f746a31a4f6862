"""Shows a ticket's history in Zammad's terms (docs/zammad.md 17.20)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import names, show
from dialects.zammad.accountings.show import amount
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.events.timeline import Happening
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.tickets import Ticket

ATTRIBUTES: Mapping[str, str] = {
    "status": "state",
    "phase": "state",
    "department": "group",
    "agent": "owner",
    "person": "customer",
    "priority": "priority",
    "subject": "title",
    "kind": "type",
    "tag": "tag",
    "time_unit": "time_unit",
}
"""Zammad's attributes for the desk's fields; the others keep their name."""

OBJECTS: Mapping[str, str] = {
    "ticket": "Ticket",
    "link": "Ticket",
    "entry": "Ticket::Article",
    "mention": "Mention",
}

PHASES: Mapping[str, str] = {
    "new": "new",
    "open": "open",
    "pending_reminder": "pending reminder",
    "pending_close": "pending close",
}

_PEOPLE = {"agent", "person"}
_ROWS = {"status", "department", "priority"}


def listed(actor: Actor, ticket: Ticket, happenings: Sequence[Happening]) -> Response:
    """The history of a ticket, with the users in it."""
    known = cache.seen()
    shapes = Shapes(actor, known, [ticket])
    users = set(_users(happenings))
    shapes.directory.read(users)
    shapes.read()
    rows = [_row(one, ticket, shapes, known) for one in happenings]
    assets = shapes.assets()
    assets["User"] = {**assets.get("User", {}), **shapes.directory.users(users, actor)}
    return show.document({"history": rows, "assets": assets}, "ticket_history.json")


def _users(happenings: Sequence[Happening]) -> Iterator[int]:
    for one in happenings:
        yield one.by
        if one.field in _PEOPLE or one.thing == "mention":
            yield from (who for who in (one.before, one.after) if isinstance(who, int))


def _row(one: Happening, ticket: Ticket, shapes: Shapes, known: Catalogue) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": one.id,
        "o_id": ticket.id if one.thing in {"ticket", "link"} else one.number,
        "object": OBJECTS[one.thing],
        "type": one.what,
        "attribute": _attribute(one),
        "value_from": _value(one, one.before, ticket, shapes, known),
        "value_to": _value(one, one.after, ticket, shapes, known),
        "created_by_id": one.by,
        "created_at": show.time(one.at),
    }
    if one.field in _PEOPLE | _ROWS:
        row |= {"id_from": one.before, "id_to": one.after}
    return row


def _attribute(one: Happening) -> str:
    if one.thing == "link":
        return "links"
    return ATTRIBUTES.get(one.field, one.field)


def _value(one: Happening, value: Any, ticket: Ticket, shapes: Shapes, known: Catalogue) -> str:
    """A value as its name or as text; empty for None."""
    if one.field == "agent" and value in {None, 0}:
        value = NOBODY
    if value is None:
        return ""
    if one.field in _PEOPLE or one.thing == "mention":
        return shapes.directory.login(value)
    if one.field in _ROWS:
        return _row_name(one.field, value, ticket, known)
    return _as_text(one.field, value)


def _row_name(field: str, row: int, ticket: Ticket, known: Catalogue) -> str:
    if field == "status":
        return names.state_of(replace(ticket, status=row, merged_into=None), known)[1]
    if field == "priority":
        return names.priority_of(row, known)[1]
    department = known.departments.get(row)
    return names.group_name(department, known) if department else str(row)


def _as_text(field: str, value: object) -> str:
    if field == "phase":
        return PHASES.get(str(value), str(value))
    if field == "time_unit":
        return amount(str(value)) or ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
