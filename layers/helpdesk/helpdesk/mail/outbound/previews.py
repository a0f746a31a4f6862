"""Previews of templates, and test mails for admins; a ticket's participants get none of them."""

import os
import re
from dataclasses import dataclass
from datetime import datetime

from helpdesk import operations, sent_mail
from helpdesk.catalogue import cache
from helpdesk.catalogue.mail_templates import TEMPLATES, VARIABLES
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, seconds, to_iso
from helpdesk.errors import Damaged, DeskError, NotAllowed, NotFound
from helpdesk.events.history import Event, audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.outbound import compose, render, send, suppression
from helpdesk.mail.outbound.notices import (
    ALERT_HEADERS,
    Notification,
    NotificationContext,
    Recipient,
)
from helpdesk.mail.outbound.render import Words
from helpdesk.model.actor import NOBODY, SYSTEM, Actor
from helpdesk.model.catalogue import Template
from helpdesk.model.entries import Body, Entry
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.scope import reads_threads
from helpdesk.storage import listings, person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, event_key, mail_key
from helpdesk.storage.listings import KeyRange
from helpdesk.storage.person_items import folded
from helpdesk.tickets import find

TEST = "mail_tested"
"""The kind of events that request a test mail."""

SETUP = "test"
"""The template name of a test mail that only shows that sending works."""

_SETUP = Template(
    0,
    SETUP,
    "A test from %{company.name}",
    "<p>This is a test. If you can read it, the desk sends mail.</p>",
)

_STAFF = {"ticket.overdue", "ticket.reminder"}
"""Templates for staff other than alerts."""

_PLACEHOLDER = re.compile(r"%\{([^{}]{0,60})\}")


@dataclass(frozen=True, slots=True)
class Preview:
    """A template filled in; `unknown` names the placeholders without a value."""

    words: Words
    unknown: tuple[str, ...]


def find_template(known: Catalogue, number: int) -> Template:
    """A template by its id.

    Raises:
        NotFound: There is none.
    """
    if number not in known.templates:
        raise NotFound("template", number)
    return known.templates[number]


def stock(actor: Actor, number: int) -> dict[str, str]:
    """The default subject and body of a template.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such template.
    """
    _check(actor)
    name = find_template(cache.current(), number).name
    if name not in TEMPLATES:
        # A row whose name is damaged.
        raise NotFound("template", number)
    subject, body = TEMPLATES[name]
    return {"subject": subject, "body": body}


def preview(actor: Actor, number: int, subject: str, body: str, ref: int | str | None) -> Preview:
    """A template with this subject and body, filled in for a ticket: the one with this number or
    id, else the last changed one; a made-up one if there is none, or the key may not read tickets.

    Raises:
        NotAllowed: The key sees only part of the desk, or may not read the ticket.
        NotFound: There is no such template, or no such ticket.
    """
    _check(actor)
    known = cache.current()
    template = find_template(known, number)
    thread = _thread(actor, ref, known)
    draft = Template(number, template.name, subject, body)
    used = (*_PLACEHOLDER.findall(subject), *_PLACEHOLDER.findall(body))
    unknown = tuple(dict.fromkeys(name for name in used if name not in VARIABLES))
    return Preview(_words(draft, thread, known), unknown)


def _check(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_directory")


# --- the ticket -----------------------------------------------------------------------------


def _thread(actor: Actor, ref: int | str | None, known: Catalogue) -> Thread:
    if ref is not None:
        if not reads_threads(actor):
            raise NotAllowed("can_read_tickets")
        return find.find_thread(actor, ref)
    latest = next(listings.of_all("updated", KeyRange(descending=True), 1), None)
    if latest and reads_threads(actor):
        # If it is gone or damaged, the made-up one is used.
        try:
            return find.find_thread(actor, latest.ticket)
        except (NotFound, Damaged):
            pass
    return _made_up(known)


def _made_up(known: Catalogue) -> Thread:
    at, settings = now(), known.settings
    ticket = Ticket(
        id=0,
        number="123456",
        subject="The printer is on fire",
        status=settings.default_ticket_status_id,
        department=settings.default_dept_id,
        priority=settings.default_priority_id,
        person=NOBODY,
        person_name="Jane Doe",
        person_email="jane@example.org",
        source="Email",
        created=at,
        updated=at,
        due=at,
        entries=(0,),
    )
    body = Body("It burns. Please send somebody.")
    return Thread(ticket, (), (Entry(0, 0, "message", body, "Jane Doe", at),))


# --- the content ----------------------------------------------------------------------------


def _words(template: Template, thread: Thread, known: Catalogue) -> Words:
    ticket = thread.ticket
    staff = template.name in _STAFF or template.name.endswith(".alert")
    wanted = "response" if template.name == "ticket.reply" else "message"
    shown = [entry for entry in thread.entries if not entry.internal]
    fits = [entry for entry in shown if entry.kind == wanted] or shown
    event = Event(event_key(ticket.id, "0"), "created", now(), ticket=ticket.id)
    context = NotificationContext(event, ticket, known, fits[-1] if fits else None)
    agent = known.agents.get(ticket.agent or 0)
    name = ticket.person_name
    if staff:
        name = agent.name if agent else known.settings.helpdesk_title
    services = [known.services[one].name for one in ticket.services if one in known.services]
    values = {
        "ticket.services": ", ".join(services),
        "ticket.times": f"Start: {_minute(ticket.start or ticket.created)} UTC",
        "unsubscribe": "<p>No more mail about this</p>",
    }
    to = Recipient(0, name, "", "S" if staff else "U")
    return compose.words(template, Notification(template.name, to, values=values), context)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


# --- test mails -----------------------------------------------------------------------------


def ask_test(
    actor: Actor,
    number: int | None,
    to: str,
    ref: int | str | None = None,
    once: IdempotencyRecord | None = None,
) -> str:
    """Requests a test mail with a template filled in as by `preview`; without a template, one that
    only shows that sending works. Returns the id of the mail, which is listed among the desk's
    mails.

    Raises:
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        Others as `preview`.
    """
    _check(actor)
    if once:
        once.replay(table.get(once.key))
    known, at = cache.current(), now()
    template = _SETUP if number is None else find_template(known, number)
    thread = _made_up(known) if number is None else _thread(actor, ref, known)
    ticket = thread.ticket
    event = audit_event(TEST, actor, at, todo=["notify"], data={"template": template.name})
    digest = person_items.address_digest(to)
    key = mail_key(event.key.sk.removeprefix("V#"), digest)
    about = {
        "ticket": ticket.id,
        "number": ticket.number if ticket.id else None,
        "subject": _words(template, thread, known).subject,
        "template": template.name,
        "to": folded(to),
        "role": "U",
        "test": True,
        "state": "intent",
        "intent": to_iso(at),
        **sent_mail.listed(digest, at, event.key),
        "ttl": seconds(at + send.KEPT),
    }
    mail = f"{key.pk.partition('#')[2]}-{key.sk}"
    operations.commit(event, [transact.put_new(key, about)], once=once, result=mail)
    return mail


def send_test(about: Item) -> None:
    """Sends a requested test mail.

    Raises:
        MailRefused, Underway.
    """
    key = Key(about["pk"], about["sk"])
    address = render.mailable(about["to"])
    if address is None or table.get(suppression.key(about["to"])):
        send.refuse(key, about, "address" if address is None else "suppressed")
        return
    tag = f"{about['pk'].partition('#')[2]}-{about['sk']}"
    send.send_leased(key, about, compose_test(about, address), address, tag, since=None)


def compose_test(about: Item, address: str) -> bytes:
    """A test mail, from the current template and ticket. An answer to it is not added to the
    ticket.
    """
    known = cache.current()
    rows = {row.name: row for row in known.templates.values()}
    template = rows.get(about["template"], _SETUP)
    try:
        thread = find.find_thread(SYSTEM, about["ticket"]) if about["ticket"] else _made_up(known)
    except DeskError:
        thread = _made_up(known)
    words = _words(template, thread, known)
    envelope = render.Envelope(
        sender=(os.environ["FROM_NAME"], os.environ["FROM_ADDRESS"]),
        recipient=("", address),
        reply_to=os.environ["SUPPORT_ADDRESS"],
        date=now(),
        headers=ALERT_HEADERS,
    )
    return render.mail(words, envelope)
