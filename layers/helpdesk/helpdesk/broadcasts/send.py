"""The consumer `broadcast`: mails every subscriber about a change of a ticket, each once.

People are mailed in the order of their ids, in small batches, and after each batch the progress is
stored in the broadcast's item (`state`). Each mail has its own state, as every mail of the desk
(`mail.outbound.send`): an interrupted run skips nobody, and at most the one mail whose acceptance
by SES was not recorded is sent twice.

It has its own queue and function, and a rate below that of the account, so that answers and alerts
never wait for it.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import escape
from typing import get_args

from helpdesk import customers, mail_ids, mail_secret, people
from helpdesk.broadcasts import state, unsubscribing
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import SETTINGS, Catalogue, stored_zone
from helpdesk.clock import from_iso
from helpdesk.errors import Damaged, DeskError
from helpdesk.events import outbox
from helpdesk.events.history import Event
from helpdesk.mail.outbound import asked, send, sending
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import Notification, NotificationContext, Recipient
from helpdesk.model.entries import Entry
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.people import User
from helpdesk.storage import entry_items, person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    MAIL_SECRET,
    Key,
    entry_key,
    mail_key,
    ticket_key,
)
from helpdesk.storage.reading import readable, reading, reference
from helpdesk.tickets import descriptions
from helpdesk.tickets.telling import What

AT_ONCE = 10
"""People mailed in one batch, after which the progress is stored."""

MOST_SECONDS = 60.0
"""How long one delivery works; an unfinished broadcast is queued again."""

MOST_OF_RATE, AT_A_TIME = 0.6, 2
"""The fraction of the account's rate for all broadcasts, and how many run concurrently."""

HEADERS = {
    "Precedence": "bulk",
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}


def broadcast(key: Key) -> None:
    """Continues the broadcast of one event, and removes `broadcast` from its consumers when
    everybody has been mailed. The event is deferred if mails of an earlier run may have been sent,
    and if SES accepts no mail for now.

    Raises:
        Damaged: The event, or the broadcast's item, cannot be read.
    """
    for event in asked.to_send(key, "broadcast"):
        with send.deferring(event, "broadcast"):
            if event.kind == asked.AGAIN:
                asked.send_again(event, rebuild)
                outbox.finish(event, "broadcast")
            else:
                _broadcast(event)


def _broadcast(event: Event) -> None:
    run = state.take(event)
    if run is None:
        return  # another run has it; if that one crashes, `requeue` queues the event again
    try:
        done = _go_on(event, run)
    except state.Lost:
        return
    except Exception:
        run.release(finished=False)
        raise
    run.release(finished=done)
    if done:
        outbox.finish(event, "broadcast")
    else:
        outbox.queue_again(event, "broadcast")


def _go_on(event: Event, run: state.Run) -> bool:
    """Whether everybody has been written to."""
    mail_context = _gather(event)
    if mail_context is None:
        return True
    ids = [number for number in _audience(event) if number > run.cursor]
    run.count(len(ids))
    end = time.monotonic() + MOST_SECONDS
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        began = time.monotonic()
        sent, skipped, left = _write_to(some, event, mail_context)
        run.advance(some[-1], sent=sent, skipped=skipped, again=run.again | left)
        if some[-1] != ids[-1] and time.monotonic() > end:
            return False
        _keep_pace(began, sent)
    return _write_again(event, run, mail_context)


def _write_again(event: Event, run: state.Run, mail_context: MailContext) -> bool:
    """Handles the people whose mail another run had started; returns whether none are left.

    Raises:
        Underway: Somebody is.
    """
    waiting = sorted(run.again)
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        sent, skipped, left = _write_to(some, event, mail_context)
        settled = set(some) - left
        run.advance(run.cursor, sent=sent, skipped=skipped, again=run.again - settled)
    if run.again:
        raise send.Underway
    return True


def _keep_pace(began: float, sent: int) -> None:
    rate = float(os.environ.get("BROADCASTS_PER_SECOND") or 0)
    if rate > 0:
        rate = min(rate, sending.rate() * MOST_OF_RATE / AT_A_TIME)
        time.sleep(max(sent / rate - (time.monotonic() - began), 0))


# --- whom -----------------------------------------------------------------------------------


def _audience(event: Event) -> list[int]:
    """The ids of all recipients, in order: the subscribers of the services, or only the requester.
    One round trip for each service and for each megabyte of its subscribers.
    """
    services = _services(event)
    if not services:
        return [event.person] if event.person is not None else []
    return sorted({number for service in services for number in customers.subscribers(service)})


def _services(event: Event) -> list[int]:
    named = event.data.get("services", ())
    return [one for one in named if type(one) is int] if isinstance(named, Sequence) else []


def _write_to(
    ids: Sequence[int], event: Event, mail_context: MailContext
) -> tuple[int, int, set[int]]:
    """Mails some people; returns how many were sent their mail, how many get none, and those for
    whom it is not known yet.
    """
    found = people.find_users(ids)
    wanted: dict[int, Notification] = {}
    for number in ids:
        if user := found.get(number):
            notification = _notification(user, event, mail_context)
            if notification is not None:
                wanted[number] = notification
    refusal: DeskError | None = None
    sending.begin(MOST_SECONDS / 2)
    try:
        send.send_all(wanted.values(), mail_context)
    except Damaged:
        pass  # it has been logged, and is counted below as skipped
    except DeskError as error:
        refusal = error
    name = event.id.sk.removeprefix("V#")
    keys = {number: mail_key(name, one.name) for number, one in wanted.items()}
    items = table.fetch(list(keys.values()))
    states = {number: items.get(key, {}).get("state") for number, key in keys.items()}
    left = {number for number, one in states.items() if one not in {"done", "refused"}}
    if refusal and left and left == wanted.keys():
        raise refusal  # SES is the cause, not one of these mails
    sent = sum(1 for one in states.values() if one == "done")
    return sent, len(ids) - sent - len(left), left


def _notification(user: User, event: Event, mail_context: MailContext) -> Notification | None:
    """The mail to one of them; None if they have unsubscribed, or cannot be mailed."""
    context = mail_context.context
    services = _services(event)
    chosen = [one for one in services if isinstance(user, Person) and one in user.services]
    unreachable = not user.email or mail_ids.is_ours(user.email) or not user.active
    if unreachable or (services and not chosen):
        return None
    link, headers = "", dict(HEADERS)
    if chosen and (base := os.environ.get("NOTIFIC_URL")):
        signed = unsubscribing.sign(user.id, chosen, mail_context.secret)
        link = f"{base}/unsubscribe?token={signed}"
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    names = [context.known.services[one].name for one in services if one in context.known.services]
    values = {
        "ticket.services": ", ".join(names),
        "ticket.times": _times(event, context.known),
        "unsubscribe": _ending(link),
    }
    to = Recipient(user.id, user.name, user.email, "U")
    return Notification(f"broadcast.{event.data['what']}", to, headers, values=values)


def rebuild(event: Event, about: Item) -> tuple[Notification, MailContext] | None:
    """A mail to a subscriber, composed again from its event; None if the event no longer causes it,
    or the address now belongs to somebody else.
    """
    holder = table.get(person_items.holder_key(about["to"]))
    number = reference(holder, "id")
    mail_context = _gather(event)
    if mail_context is None or number is None:
        return None
    user = people.find_users([number]).get(number)
    notification = _notification(user, event, mail_context) if user else None
    if notification is None or notification.name != about["sk"]:
        return None
    return notification, mail_context


# --- what -----------------------------------------------------------------------------------


def _gather(event: Event) -> MailContext | None:
    """The data that the mails are made from; None if the ticket is gone.

    Raises:
        Damaged: The event, or the ticket, cannot be read.
    """
    if event.ticket is None:
        return None
    found = table.fetch([ticket_key(event.ticket), CATALOGUE_VERSION, MAIL_SECRET])
    item = found.get(ticket_key(event.ticket))
    if item is None:
        return None
    known = cache.current(found)
    with reading("event", event.id):
        # Read for every mail, and found out here once.
        _times(event, known)
        if event.data["what"] not in get_args(What):
            raise ValueError("what")
    ticket = replace(ticket_items.as_ticket(item), subject=str(event.data.get("subject", "")))
    entry = next(_description(ticket, event), None)
    context = NotificationContext(event, ticket, known, entry)
    return MailContext(context, mail_secret.current(found))


def _description(ticket: Ticket, event: Event) -> Iterator[Entry]:
    """The entry that described the ticket at the time of the event. After a merge it is in the
    other ticket.
    """
    number = event.data.get("description")
    if type(number) is not int:
        yield from descriptions.find([ticket]).values()
        return
    for where in (ticket.id, ticket.merged_into):
        item = table.get(entry_key(where, number)) if where is not None else None
        read = readable(partial(entry_items.entry_and_body, where or 0), [item] if item else [])
        for entry in entry_items.with_bodies(list(read)):
            if not entry.internal:
                yield entry


_TIMES: Mapping[str, str] = {
    "start": "Start",
    "end": "End",
    "due": "Expected resolution",
    "next_update": "Next update",
    "closed": "Closed",
    "reopened": "Reopened",
}


def _times(event: Event, known: Catalogue) -> str:
    """The times that are set, as HTML, in the desk's time zone."""
    name = known.settings.default_timezone or "UTC"
    zone = stored_zone(name, SETTINGS)
    lines = []
    for field, label in _TIMES.items():
        if isinstance(stamp := event.data.get(field), str):
            at: datetime = from_iso(stamp).astimezone(zone)
            lines.append(f"{label}: {at:%Y-%m-%d %H:%M} {escape(name)}")
    return "<br>".join(lines)


def _ending(link: str) -> str:
    where = escape(link, quote=True)
    return f'<p><a href="{where}">No more mail about this</a></p>' if link else ""
