"""Reads the data for an event's mails: its ticket, its thread, and the participants."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from helpdesk import mail_secret
from helpdesk.catalogue import cache
from helpdesk.catalogue.fields import SUSPICIOUS
from helpdesk.events.history import Event
from helpdesk.mail.outbound import notices
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import NotificationContext
from helpdesk.model.actor import NOBODY
from helpdesk.model.entries import Entry
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.storage import entry_items, person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    MAIL_SECRET,
    entry_key,
    person_key,
    ticket_key,
)
from helpdesk.storage.reading import readable
from helpdesk.tickets import find, participants

RECENT = 10
"""Entries at the end of a thread whose Message-IDs a mail references, besides the first."""


def gather(event: Event) -> MailContext | None:
    """The context of an event's mails; None if the event causes none, or its ticket is gone."""
    if event.ticket is None or not notices.causes_mail(event):
        return None
    ticket, written = ticket_key(event.ticket), entry_key(event.ticket, event.data.get("entry", 0))
    found = table.fetch([ticket, written, CATALOGUE_VERSION, MAIL_SECRET])
    if ticket not in found:
        return None
    told = ticket_items.as_ticket(found[ticket])
    item = found.get(written)
    if item is None and "entry" in event.data and told.merged_into is not None:
        # The ticket was merged before its mails were sent.
        written = entry_key(find.follow_merges(told).id, event.data["entry"])
        item = table.get(written)
    read = readable(partial(entry_items.entry_and_body, event.ticket), [item] if item else [])
    entry = next(iter(entry_items.with_bodies(list(read))), None)
    context = NotificationContext(event, told, cache.current(found), entry)
    whole = _of_new_ticket(context) if event.kind == "created" else _with_thread(context)
    return MailContext(whole, mail_secret.current(found))


def _of_new_ticket(context: NotificationContext) -> NotificationContext:
    """The context of a new ticket, which has no earlier thread and no other participants."""
    event, ticket = context.event, context.ticket
    by_agent = event.agent is not None and not context.mailed
    # The author of a suspicious mail is unknown: staff are alerted, whoever it names.
    unknown = by_agent or SUSPICIOUS in ticket.fields
    thread = (context.entry,) if context.entry else ()
    return replace(context, thread=thread, writer=None if unknown else _requester(ticket))


def _with_thread(context: NotificationContext) -> NotificationContext:
    """The context with the earlier entries, the writer, and the active participants."""
    ticket = context.ticket
    writer, active = _writer(context), _active_participants(context)
    wanted = {who for who in (*active, writer) if who is not None and who != ticket.person}
    entries = [entry_key(ticket.id, number) for number in _thread_numbers(context)]
    found = table.fetch([*entries, *map(person_key, wanted)])
    items = [item for who in wanted if (item := found.get(person_key(who))) and "email" in item]
    people = {person.id: person for person in readable(person_items.as_person, items)}
    if writer == ticket.person:
        people[writer] = _requester(ticket)
    return replace(
        context,
        thread=_thread(context, [found[key] for key in entries if key in found]),
        writer=people.get(writer or 0),
        collaborators=tuple(people[who] for who in active if who in people),
    )


def _writer(context: NotificationContext) -> int | None:
    """The person who wrote a message, if known."""
    event = context.event
    return event.person if event.kind == "message" and event.person != NOBODY else None


def _active_participants(context: NotificationContext) -> list[int]:
    """The active participants, if the event's mails go to them."""
    kind = context.event.kind
    if kind != "response" and (kind != "message" or context.mailed):
        return []
    takes_part = participants.list_participants(context.ticket.id)
    return [who for who, active in takes_part.items() if active]


def _thread_numbers(context: NotificationContext) -> list[int]:
    """The first entry of the ticket and the latest ones up to the event; later ones belong to other
    events.
    """
    entries = context.ticket.entries
    latest = context.entry.id if context.entry else max(entries, default=0)
    numbers = [number for number in entries if number <= latest]
    return list(dict.fromkeys((*numbers[:1], *numbers[-RECENT:])))


def _requester(ticket: Ticket) -> Person:
    return Person(ticket.person, ticket.person_name, ticket.person_email)


def _thread(context: NotificationContext, items: Iterable[Item]) -> tuple[Entry, ...]:
    """The entries of these items; only the one shown in the mails is read with its body."""
    read = list(readable(partial(entry_items.entry_and_body, context.ticket.id), items))
    shown = replace(context, thread=tuple(entry for entry, _ in read)).shown
    if context.entry is None:
        read = [(entry, body if entry is shown else None) for entry, body in read]
        return tuple(entry_items.with_bodies(read))
    return tuple(entry for entry, _ in read)
