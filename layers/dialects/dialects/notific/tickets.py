"""Tickets (docs/notific.md 5): incidents and planned work, with the affected services."""

from collections.abc import Sequence
from datetime import datetime

from dialects.notific.read import Window
from dialects.notific.refuse import TooLong
from dialects.notific.shapes import Properties, Value
from helpdesk import text
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import Invalid, Problem
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Change, NewTicket, Ticket
from helpdesk.queries import lists
from helpdesk.tickets import changes, create, deletion, descriptions, find
from helpdesk.tickets.change_values import check_span

MOST_LISTED = 5_000
"""Most tickets in one response: each of their descriptions is a separate read."""

LONGEST_TITLE = 255


# --- reading --------------------------------------------------------------------------------


def listed(actor: Actor, window: Window) -> list[Properties]:
    """The requested part of the tickets, by id.

    Raises:
        TooLong: There are more than fit into one response.
    """
    limit = MOST_LISTED + 1 if window.limit is None else min(window.limit, MOST_LISTED + 1)
    if not limit:
        return []
    page = Page("created", descending=False, offset=window.offset, limit=limit)
    found = lists.find_tickets(actor, Wanted(), page)
    if len(found) > MOST_LISTED:
        raise TooLong
    return _described(found)


def found(actor: Actor, number: int) -> Properties:
    """One ticket; two round trips.

    Raises:
        NotFound: The ticket does not exist, or the actor may not see it.
    """
    return _described([find.find_ticket(actor, number)])[0]


def _described(tickets: Sequence[Ticket]) -> list[Properties]:
    found, known = descriptions.find(tickets), cache.seen()
    return [
        _properties(ticket, descriptions.as_text(found.get(ticket.id)), known) for ticket in tickets
    ]


def _properties(ticket: Ticket, description: str, known: Catalogue) -> dict[str, Value]:
    is_open = known.state_of(ticket) == "open"
    return {
        "Id": ticket.id,
        "Number": ticket.number,
        "Title": ticket.subject,
        "Description": description,
        "Services": [service.id for service in known.services_of(ticket)],
        "OperatorId": ticket.agent if ticket.agent in known.agents else None,
        "CustomerId": None if ticket.person in {NOBODY, THE_DESK} else ticket.person,
        "StartTime": _seconds(ticket.start),
        "EndTime": _seconds(ticket.end),
        "ExpectedResolutionTime": _seconds(ticket.due),
        "NextUpdateTime": _seconds(ticket.next_update),
        "CreatedTime": _seconds(ticket.created),
        "UpdatedTime": _seconds(ticket.updated),
        "ClosedTime": None if is_open else ticket.last_closing,
        "ReopenedTime": ticket.reopened_time if is_open else None,
        "Status": "Open" if is_open else "Closed",
    }


def _seconds(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None


# --- writing --------------------------------------------------------------------------------


def open_ticket(actor: Actor, values: Properties, once: IdempotencyRecord | None) -> Ticket:
    """Opens a ticket. Without a CustomerId, the requester is the desk, or the key's customer.

    Raises:
        Invalid: As raised by `create.open_ticket`, and for a missing Title or Description.
        NotFound, Inactive: `agent`, `person`.
    """
    title, body = _text(values, "Title"), _text(values, "Description")
    problems = [
        Problem(field, "required")
        for field, value in (("subject", title), ("message", body))
        if not value
    ]
    if len(title) > LONGEST_TITLE:
        problems.append(Problem("subject", "too_long", detail=str(LONGEST_TITLE)))
    start = _time(values, "StartTime") or now().replace(microsecond=0)
    if problems:
        raise Invalid(*problems)
    quiet = values.get("DoNotSendEmail") is True
    services, operator, customer = (
        values.get(name) for name in ("Services", "OperatorId", "CustomerId")
    )
    person = customer if isinstance(customer, int) else actor.customer or THE_DESK
    new = NewTicket(
        requester=NewPerson(""),
        subject=title,
        body=Body(""),
        form=False,
        entry=NewEntry(Body(body), kind="message"),
        person=person,
        agent=operator if isinstance(operator, int) else None,
        services=tuple(services) if isinstance(services, list) else (),
        start=start,
        end=_time(values, "EndTime"),
        due=_time(values, "ExpectedResolutionTime"),
        next_update=_time(values, "NextUpdateTime"),
        alert=not quiet,
        autorespond=False,
        tells=not quiet,
        created_by=actor.me,
    )
    return create.open_ticket(actor, new, once)


def opened(ticket: Ticket, values: Properties) -> Properties:
    """The properties of a ticket that was just opened with these values."""
    return _properties(ticket, _plain(_text(values, "Description")), cache.seen())


def update(actor: Actor, number: int, values: Properties) -> Properties:
    """Changes a ticket's description and times, and closes or reopens it.

    Raises:
        Invalid: As raised by `changes.change_ticket`.
        NotFound: The ticket does not exist, or the actor may not see it.
    """
    quiet = values.get("DoNotSendEmail") is True
    start, end = _time(values, "StartTime"), _time(values, "EndTime")
    check_span(start, end)
    before = find.find_ticket(actor, number)
    current = descriptions.as_text(descriptions.find([before]).get(number))
    given = _plain(_text(values, "Description"))
    entry = _message(actor, given, quiet=quiet) if given not in {"", current} else None
    change = Change(
        start=start,
        end=end,
        due=_time(values, "ExpectedResolutionTime"),
        next_update=_time(values, "NextUpdateTime"),
        closed_time=_time(values, "ClosedTime"),
        reopened_time=_time(values, "ReopenedTime"),
        entry=entry,
        describes=entry is not None,
        tells=not quiet,
        by=actor.me,
    )
    changed = changes.change_ticket(actor, number, change)
    return _properties(changed, given if entry else current, cache.seen())


def delete(actor: Actor, number: int) -> Properties:
    """Deletes a ticket and returns its last values. Errors as `deletion.delete_ticket`."""
    before = found(actor, number)
    deletion.delete_ticket(actor, number)
    return before


def _message(actor: Actor, description: str, *, quiet: bool) -> NewEntry:
    """The message with a changed description."""
    known = cache.seen()
    agent = known.agents.get(actor.agent or 0)
    return NewEntry(
        Body(description),
        kind="message",
        person=None if agent else actor.me,
        agent=agent.id if agent else None,
        poster=agent.name if agent else known.settings.helpdesk_title,
        alert=not quiet,
        reopens=False,
        mail_to=(),
    )


def _plain(description: str) -> str:
    return text.as_plain(Body(description))


def _text(values: Properties, name: str) -> str:
    return str(values.get(name) or "").strip()


def _time(values: Properties, name: str) -> datetime | None:
    value = values.get(name)
    return value if isinstance(value, datetime) else None
