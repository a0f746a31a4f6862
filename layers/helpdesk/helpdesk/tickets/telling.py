"""Events that notify the subscribers of a ticket: one for each change to be told, written in the
transaction of the change (docs/notific.md 9).

Nobody is notified by accident: a ticket has services only if an authorised caller has named them,
and other APIs notify only that it was closed or reopened.
"""

from datetime import datetime
from typing import Any, Literal

from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import to_iso
from helpdesk.events.history import ticket_event
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.tickets import Ticket
from helpdesk.storage.transact import Write

BROADCAST = "broadcast"
"""The kind of these events."""

What = Literal["created", "updated", "closed", "reopened"]

_TIMES = ("start", "end", "due", "next_update")
"""The times that subscribers are shown."""


def events(
    actor: Actor,
    before: Ticket | None,
    after: Ticket,
    known: Catalogue,
    at: datetime,
    *,
    tells: bool | None = None,
) -> list[Write]:
    """The event that tells of a change, if there is anybody to notify.

    Its data says `what` has happened, of which `services`, under which `subject`, with which entry
    as its `description` (if it names none, `descriptions.find` is used), and the times that are
    set. If no service is named, the person of the event is notified.

    Args:
        actor: Who has changed it.
        before: The ticket before; None for a new one.
        after: The ticket as it is written.
        known: The catalogue.
        at: When.
        tells: Whether all changes are told (True), none (False), or only that a ticket with
            services was opened, closed or reopened (None).
    """
    what = _what(before, after, known, tells=tells)
    services = [service.id for service in known.services_of(after)]
    alone = bool(tells) and after.person not in {NOBODY, THE_DESK}
    if what is None or not (services or alone):
        return []
    data: dict[str, Any] = {"what": what, "services": services, "subject": after.subject}
    data |= _times(after)
    if after.description is not None:
        data["description"] = after.description
    return [
        ticket_event(
            BROADCAST, actor, after.id, at, todo=("broadcast",), person=after.person, data=data
        )
    ]


def _what(
    before: Ticket | None, after: Ticket, known: Catalogue, *, tells: bool | None
) -> What | None:
    if tells is False:
        return None
    if before is None:
        return "created"
    was_open, is_open = (known.state_of(row) == "open" for row in (before, after))
    if was_open != is_open:
        return "reopened" if is_open else "closed"
    shown = (*_TIMES, "description")
    differs = any(getattr(before, name) != getattr(after, name) for name in shown)
    return "updated" if tells and differs else None


def _times(ticket: Ticket) -> dict[str, str]:
    times = {name: getattr(ticket, name) for name in _TIMES}
    times["closed"] = ticket.last_closing if ticket.closed else None
    times["reopened"] = None if ticket.closed else ticket.reopened_time
    return {name: to_iso(time) for name, time in times.items() if time}
