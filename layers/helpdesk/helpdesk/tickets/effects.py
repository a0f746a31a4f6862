"""The effects on a ticket of a new entry, and of changed values."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import to_iso
from helpdesk.errors import Conflict, Invalid, Problem
from helpdesk.model.actor import Actor
from helpdesk.model.entries import NOTE, Entry, channel_of, sender_of
from helpdesk.model.tickets import Ticket


def of_entry(ticket: Ticket, entry: Entry, at: datetime) -> dict[str, Any]:
    """The values that an entry sets on its ticket, by field name.

    A note sets none. A message marks the ticket unanswered. A response marks it answered if it is a
    communication or a mail; an agent's first one ends the phase `new`.
    """
    if entry.kind == "note":
        return {}
    spoken = channel_of(entry) != NOTE
    if entry.kind == "message":
        values: dict[str, Any] = {"answered": False}
        if spoken and _was_answered(ticket):
            values["customer_contact"] = at
        return values
    if not spoken or sender_of(entry) != "agent":
        return {}
    values = {"answered": True, "agent_contact": at}
    if entry.agent is not None:
        values["respondent"] = entry.agent
    if ticket.first_response is None:
        values["first_response"] = at
    if ticket.phase == "new":
        values["phase"] = "open"
    return values


def _was_answered(ticket: Ticket) -> bool:
    """Whether a new message would be the first since the last answer."""
    spoke, answered = ticket.customer_contact, ticket.agent_contact
    return spoke is None or (answered is not None and answered >= spoke)


def check_follow_up(actor: Actor, ticket: Ticket, known: Catalogue, at: datetime) -> None:
    """Refuses a customer's follow-up to a closed ticket whose department does not accept it.

    Raises:
        Conflict: `follow_up`.
    """
    status, department = known.statuses.get(ticket.status), known.departments.get(ticket.department)
    if actor.customer is None or department is None or status is None or status.state == "open":
        return
    days, closed = department.reopen_days, ticket.last_closed
    late = days is not None and closed is not None and at - closed > timedelta(days=days)
    if department.follow_up == "new_ticket" or (
        department.follow_up == "new_ticket_after_certain_time" and late
    ):
        raise Conflict("follow_up")


# --- changes --------------------------------------------------------------------------------


def changed(before: Ticket, values: Mapping[str, Any], known: Catalogue, at: datetime) -> Ticket:
    """The ticket with these values and their effects."""
    after = replace(before, **values)
    was_open, is_open = (known.state_of(row) == "open" for row in (before, after))
    if was_open and not is_open:
        first = before.first_closed or at
        after = replace(after, phase=None, pending_until=None, overdue=False)
        said = values.get("closed_time")
        return replace(after, closed=at, first_closed=first, last_closed=at, closed_time=said)
    if not is_open:
        return replace(after, phase=None, pending_until=None)
    if not was_open:
        said = values.get("reopened_time") or at.replace(microsecond=0)
        after = replace(after, closed=None, merged_into=None, reopened_time=said)
        after = after if "agent" in values else known.reopened(after)
    after = _phased(before, after, values, at, reopened=not was_open)
    if after.due != before.due and (after.deadline is None or after.deadline > at):
        return replace(after, overdue=False)
    return after


def _phased(
    before: Ticket, after: Ticket, values: Mapping[str, Any], at: datetime, *, reopened: bool
) -> Ticket:
    """An open ticket in the requested phase; a reopened ticket does not become new again.

    Raises:
        Invalid: `pending_until`, if a pending ticket has none, or one in the past.
    """
    if "phase" not in values:
        if reopened:
            after = replace(after, phase=None)
            after = replace(after, phase="open") if after.stage == "new" else after
    elif not reopened and values["phase"] == before.stage:
        after = replace(after, phase=before.phase)
    if not after.pending:
        return replace(after, pending_until=None)
    if after.pending_until != before.pending_until or after.pending_until is None:
        check_sleep(after, at)
    return after


def check_sleep(ticket: Ticket, at: datetime) -> None:
    """Refuses a pending ticket that would never wake, or would wake at once.

    Raises:
        Invalid: `pending_until`.
    """
    if ticket.pending and ticket.pending_until is None:
        raise Invalid(Problem("pending_until", "required"))
    if ticket.pending and ticket.pending_until and ticket.pending_until <= at:
        raise Invalid(Problem("pending_until", "past"))


def happened(
    actor: Actor, before: Ticket, after: Ticket, known: Catalogue
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kinds and the data of the events that record this change."""
    if after.status != before.status:
        was_open, is_open = (known.state_of(row) == "open" for row in (before, after))
        if was_open == is_open:
            yield "status", {"from": before.status, "to": after.status}
        else:
            yield "reopened" if is_open else "closed", {"status": after.status}
    if after.department != before.department:
        yield "transferred", {"from": before.department, "to": after.department}
    if after.agent != before.agent:
        if after.agent is None:
            yield "released", {"agent": before.agent}
        else:
            yield "assigned", {"agent": after.agent, "by": actor.agent}
    if after.person != before.person:
        yield "customer_changed", {"from": before.person, "to": after.person}
    if (after.phase, after.pending_until) != (before.phase, before.pending_until):
        until = _stored(after.pending_until)
        yield "phase", {"from": before.stage, "to": after.stage, "until": until}
    if edited := _edited(before, after, known):
        yield "edited", edited


_EDITED = (
    *("subject", "topic", "sla", "team", "priority", "due", "note", "kind"),
    *("start", "end", "next_update"),
)


def _edited(before: Ticket, after: Ticket, known: Catalogue) -> dict[str, Any]:
    edited = {
        name: [_stored(getattr(before, name)), _stored(getattr(after, name))]
        for name in _EDITED
        if getattr(after, name) != getattr(before, name)
    }
    if after.services != before.services:
        # By name, since the history outlives the services.
        edited["services"] = [service_names(row, known) for row in (before, after)]
    for name in ("fields", "preferences"):
        was, is_ = getattr(before, name), getattr(after, name)
        if names := sorted(key for key in {*was, *is_} if was.get(key) != is_.get(key)):
            edited[name] = [None, names]
    return edited


def service_names(ticket: Ticket, known: Catalogue) -> list[str]:
    """The names of the services that a ticket is about."""
    return [service.name for service in known.services_of(ticket)]


def _stored(value: object) -> object:
    return to_iso(value) if isinstance(value, datetime) else value
