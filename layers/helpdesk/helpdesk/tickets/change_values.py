"""Translates a requested change into values of the ticket's fields."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from helpdesk import text, times
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import SETTINGS, Catalogue, stored_zone
from helpdesk.errors import Conflict, Invalid, NotAllowed, Problem
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Status
from helpdesk.model.people import FieldValue, Person
from helpdesk.model.tickets import UNCHANGED, Change, Ticket
from helpdesk.tickets.routing import find_department

MOST_SERVICES = 100
"""Services that one ticket may be about."""


def read(actor: Actor, change: Change, known: Catalogue) -> dict[str, Any]:
    """The new values of the ticket, by field name.

    Raises:
        NotFound: No such department, topic, status, SLA, agent or priority for this actor.
        Inactive: That row is switched off.
        Invalid: `subject`, `due` or a custom field.
        Conflict: `deleted_status`.
        NotAllowed: A customer's key asks for a status that it may not set.
    """
    values = _rows(actor, change, known)
    if change.subject is not None:
        values["subject"] = _subject(change.subject)
    if change.due is not UNCHANGED:
        values["due"] = _due(change.due, known)
    for name in ("phase", "pending_until", "note", "kind"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    for name in ("start", "end", "next_update"):
        if (value := getattr(change, name)) is not UNCHANGED:
            values[name] = value
    if change.services is not None:
        # Subscribers of the services are notified from then on (docs/notific.md 9).
        if not actor.may("can_manage_directory"):
            raise NotAllowed("can_manage_directory")
        values["services"] = services(actor, change.services, known)
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


def services(actor: Actor, wanted: Iterable[int], known: Catalogue) -> tuple[int, ...]:
    """The ids of the services that a ticket is about, without duplicates.

    Raises:
        NotAllowed: The key is a customer's.
        Invalid: `services`.
    """
    named = tuple(dict.fromkeys(wanted))
    if named and actor.customer is not None:
        raise NotAllowed("can_manage_directory")
    if unknown := [str(one) for one in named if one not in known.services]:
        raise Invalid(Problem("services", "unknown", detail=", ".join(unknown)))
    if len(named) > MOST_SERVICES:
        raise Invalid(Problem("services", "too_many", detail=str(MOST_SERVICES)))
    return named


def of_times(change: Change, before: Ticket, known: Catalogue) -> dict[str, Any]:
    """The status implied by a new `closed_time` or reopening time, if any.

    Raises:
        Invalid: `closed_time`, if the reopening time is new as well.
    """
    closes = change.closed_time if change.closed_time != before.last_closing else None
    reopens = change.reopened_time if change.reopened_time != before.reopened_time else None
    if closes and reopens:
        raise Invalid(Problem("closed_time", "both"))
    is_open = known.state_of(before) == "open"
    if closes and is_open:
        return {"status": known.closed_status, "closed_time": closes}
    if reopens and not is_open:
        return {"status": known.settings.default_ticket_status_id, "reopened_time": reopens}
    return {}


def check_span(start: datetime | None, end: datetime | None) -> None:
    """Refuses an end before the start.

    Raises:
        Invalid: `end`.
    """
    if start and end and end < start:
        raise Invalid(Problem("end", "before_start"))


def _custom_values(change: Change, known: Catalogue) -> dict[str, FieldValue]:
    """The given values of the ticket form's fields, as stored.

    Raises:
        Invalid: Lists every problem found.
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
    """The field values that identify a ticket's requester."""
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
