"""What is asked for of a ticket, as values of its fields."""

from datetime import datetime
from typing import Any

from helpdesk import text, times
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import SETTINGS, Catalogue, stored_zone
from helpdesk.errors import Conflict, Invalid, NotAllowed, Problem
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Status
from helpdesk.model.people import FieldValue, Person
from helpdesk.model.tickets import UNCHANGED, Change
from helpdesk.tickets.routing import find_department


def read(actor: Actor, change: Change, known: Catalogue) -> dict[str, Any]:
    """The values that the ticket is to have, by the name of its field.

    Raises:
        NotFound: No such department, topic, status, SLA, agent or priority for this actor.
        Inactive: That row is switched off.
        Invalid: `subject`, `due` or a custom field.
        Conflict: `deleted_status`.
        NotAllowed: A customer's key asks for a status that it cannot give.
    """
    values = _rows(actor, change, known)
    if change.subject is not None:
        values["subject"] = _subject(change.subject)
    if change.due is not UNCHANGED:
        values["due"] = _due(change.due, known)
    for name in ("phase", "pending_until", "note", "kind"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    if change.fields and (custom := _custom_values(change, known)):
        values["fields"] = custom
    return values


def _rows(actor: Actor, change: Change, known: Catalogue) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(change.clear)
    if change.department is not None:
        values["department"] = find_department(actor, change.department, known).id
    if change.topic is not None:
        values["topic"] = known.find_topic(change.topic).id
    if change.status is not None:
        values["status"] = _status(actor, change.status, known).id
    if change.sla is not None:
        values["sla"] = known.find_sla(change.sla).id
    if change.release:
        values["agent"] = None
    if change.agent is not None:
        values["agent"] = known.find_agent(change.agent).id
    if change.team is not None:
        values["team"] = known.find_team(change.team).id
    if change.priority is not None:
        values["priority"] = known.find_priority(change.priority).id
    return values


def _custom_values(change: Change, known: Catalogue) -> dict[str, FieldValue]:
    """The values of the ticket form's fields that are given, as they are stored.

    Raises:
        Invalid: With every problem of them.
    """
    local = stored_zone(known.settings.default_timezone, SETTINGS)
    values: dict[str, FieldValue] = {}
    problems: list[Problem] = []
    for field in known.fields.values():
        if field.form == "ticket" and field.name in change.fields:
            values[field.name], wrong = fields.read_value(field, change.fields[field.name], local)
            problems += wrong
    only = Change(fields=change.fields, strict=True)
    if not values and not problems and change == only:
        problems.append(Problem("fields", "nothing_known"))
    if problems:
        raise Invalid(*problems)
    return values


def of_requester(person: Person) -> dict[str, Any]:
    """The values of a ticket that name its requester."""
    return {
        "person": person.id,
        "person_name": person.name,
        "person_email": person.email,
        "organization": person.organization,
    }


def _status(actor: Actor, ref: int | str, known: Catalogue) -> Status:
    status = known.find_status(ref)
    if status.state == "deleted":
        raise Conflict("deleted_status")
    if actor.customer is not None and status.state == "archived":
        raise NotAllowed("can_update_tickets")
    return status


def _subject(written: str) -> str:
    subject = text.one_line(written)
    if not subject:
        raise Invalid(Problem("subject", "required"))
    if len(subject) > fields.LONGEST_LINE:
        raise Invalid(Problem("subject", "too_long", detail=str(fields.LONGEST_LINE)))
    return subject


def _due(value: object, known: Catalogue) -> datetime | None:
    if value is None:
        return None
    try:
        return times.read(value, stored_zone(known.settings.default_timezone, SETTINGS))
    except ValueError as bad:
        raise Invalid(Problem("due", "date")) from bad
