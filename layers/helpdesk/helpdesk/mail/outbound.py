"""From an event to the mail it causes, each sent once (design, section 4; osTicket measured, 4.5).

One item per event and recipient says how far a mail has come [m8]:

    intent    somebody will send it; nobody is sending it now
    leased    somebody is sending it, or was when they crashed: until `lease` nobody else may
    done      SES has taken it, as its answer said or its SEND event
    refused   it can never be sent

A crash between SES's answer and `done` leaves the lease. SES's SEND event then writes `done`; where
none comes before the lease ends, the mail is sent again: rather twice than never.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex

from aws_lambda_powertools import Logger

from helpdesk import catalogue, outbox, text
from helpdesk.catalogue import Catalogue
from helpdesk.clock import moment, now, seconds, stamp
from helpdesk.errors import DeskError
from helpdesk.events import Event
from helpdesk.mail import identity, rendering, traces
from helpdesk.mail.identity import MailIdentity, Role
from helpdesk.model import NOBODY, Agent, Body, Department, Entry, Ticket
from helpdesk.storage import postbox, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.people import folded
from helpdesk.storage.postbox import MailRefused
from helpdesk.storage.table import CATALOGUE_VERSION, MAIL_SECRET, ConditionFailed, Item, Key

log = Logger()

LEASE = timedelta(minutes=10)
"""How long SES's SEND event is waited for before a mail without one is sent again [m8]."""

GIVE_UP = timedelta(days=1)
"""How long SES may go on refusing a mail before it is left: whoever runs the desk has been told by
the alarm on the dead letters."""

KEPT = timedelta(days=90)
"""How long it stays known which mail went out."""

LONGEST_LOCAL_PART = 64
"""Characters left of an @ (RFC 5321, 4.5.3.1.1)."""

AUTORESPONSE_HEADERS = {
    "Precedence": "auto_reply",
    "X-Autoreply": "yes",
    "X-Auto-Response-Suppress": "DR, RN, OOF, AutoReply",
    "Auto-Submitted": "auto-replied",
}

ALERT_HEADERS = {
    "X-Auto-Response-Suppress": "OOF, AutoReply",
    "Auto-Submitted": "auto-generated",
}


class Underway(DeskError):
    """Somebody else is sending this mail, or crashed while doing so; time will tell."""


# --- who hears of what ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a mail; `id` is a person's or an agent's, 0 for an address without one."""

    id: int
    name: str
    address: str
    role: Role


@dataclass(frozen=True, slots=True)
class Message:
    """One mail that an event causes: which template, for whom."""

    template: str
    to: Recipient
    headers: Mapping[str, str]


def messages(event: Event, ticket: Ticket, known: Catalogue) -> list[Message]:
    """The mails that an event causes. Every recipient hears of it once per template."""
    if event.kind != "created":
        return []
    found = [*_autoresponse(event, ticket, known), *_alerts(event, ticket, known)]
    return list({_mail_name(message): message for message in reversed(found)}.values())[::-1]


def _autoresponse(event: Event, ticket: Ticket, known: Catalogue) -> Iterator[Message]:
    """Only where the request, the desk, the topic and the department all allow it, and never to
    nobody or to the desk itself (osTicket contract, row 10; measured 4.5).
    """
    topic = known.topics.get(ticket.topic or 0)
    department = known.departments.get(ticket.department)
    wanted = (
        event.data.get("autorespond")
        and known.settings.ticket_autoresponder
        and (topic is None or topic.autorespond)
        and (department is None or department.autorespond)
        and ticket.person != NOBODY
    )
    if wanted and not identity.is_ours(ticket.person_email):
        to = Recipient(ticket.person, ticket.person_name, ticket.person_email, "U")
        yield Message("ticket.autoresp", to, AUTORESPONSE_HEADERS)


def _alerts(event: Event, ticket: Ticket, known: Catalogue) -> Iterator[Message]:
    if not event.data.get("alert"):
        return
    settings = known.settings
    if settings.ticket_alert_active:
        for to in _to_alert(ticket, known):
            yield Message("ticket.alert", to, ALERT_HEADERS)
    if settings.assigned_alert_active and settings.assigned_alert_staff:
        for to in _staff(known.agents.get(ticket.agent or 0)):
            yield Message("assigned.alert", to, ALERT_HEADERS)


def _to_alert(ticket: Ticket, known: Catalogue) -> Iterator[Recipient]:
    """Whom the settings name for a new ticket: the admin, the department's manager, its members
    where the ticket is nobody's yet (osTicket measured, 4.5).
    """
    settings = known.settings
    department = known.departments.get(ticket.department)
    admin = os.environ["ADMIN_EMAIL"]
    if settings.ticket_alert_admin and admin and not identity.is_ours(admin):
        yield Recipient(0, settings.helpdesk_title, admin, "S")
    if department is None:
        return
    if settings.ticket_alert_dept_manager:
        yield from _staff(known.agents.get(department.manager or 0))
    if ticket.agent is None and (settings.ticket_alert_dept_members or department.alert_members):
        yield from _staff(*_members(department, known))


def _members(department: Department, known: Catalogue) -> Iterable[Agent]:
    for agent in known.agents.values():
        if department.id == agent.department or department.id in agent.departments:
            yield agent


def _staff(*agents: Agent | None) -> Iterator[Recipient]:
    for agent in agents:
        if agent and agent.active and agent.email and not identity.is_ours(agent.email):
            yield Recipient(agent.id, agent.name, agent.email, "S")


# --- what it says ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Matter:
    """All that the mails of one event are made from."""

    event: Event
    ticket: Ticket
    entry: Entry | None
    known: Catalogue
    secret: str


def _compose(message: Message, matter: _Matter, address: str) -> bytes:
    settings = matter.known.settings
    templates = {row.name: row for row in matter.known.templates.values()}
    said = rendering.words(
        templates[message.template],
        _values(message, matter),
        settings.reply_separator if settings.strip_quoted_reply else "",
    )
    entry = matter.entry
    about = MailIdentity(matter.ticket.id, entry.id if entry else 0, message.to.id, message.to.role)
    signed = identity.sign(about, matter.secret)
    envelope = rendering.Envelope(
        sender=(os.environ["FROM_NAME"], os.environ["FROM_ADDRESS"]),
        recipient=(message.to.name, address),
        reply_to=_reply_to(signed),
        date=now(),
        headers=dict(message.headers) | _threading(signed, entry),
    )
    return rendering.mail(said, envelope)


def _values(message: Message, matter: _Matter) -> dict[str, str]:
    """What a mail may say. One to a person holds nothing that is the desk's own business: who
    works on the ticket, how urgent it is, notes.
    """
    ticket, known, entry = matter.ticket, matter.known, matter.entry
    department = known.departments.get(ticket.department)
    topic = known.topics.get(ticket.topic or 0)
    status = known.statuses.get(ticket.status)
    values = {
        "ticket.number": ticket.number,
        "ticket.subject": ticket.subject,
        "ticket.name": ticket.person_name,
        "ticket.email": ticket.person_email,
        "ticket.status": status.name if status else "",
        "ticket.topic.name": topic.name if topic else "",
        "ticket.create_date": f"{ticket.created:%Y-%m-%d %H:%M} UTC",
        "recipient.name": message.to.name,
        "company.name": known.settings.helpdesk_title,
        "message": "",
    }
    staff = message.to.role == "S"
    if department and (staff or department.public):
        values["ticket.dept.name"] = department.name
    if entry and (staff or entry.kind != "note"):
        values["message"] = _shown(entry.body)
    if staff:
        priority = known.priorities.get(ticket.priority)
        agent = known.agents.get(ticket.agent or 0)
        values |= {
            "ticket.priority": priority.name if priority else "",
            "ticket.due_date": f"{ticket.deadline:%Y-%m-%d %H:%M} UTC" if ticket.deadline else "",
            "assignee.name": agent.name if agent else "",
        }
    return values


def _shown(body: Body) -> str:
    html = text.as_html(body)
    return html if body.format == "html" else html.replace("\n", "<br>")


def _reply_to(signed: str) -> str:
    support = os.environ["SUPPORT_ADDRESS"]
    local, _, domain = support.rpartition("@")
    marked = f"{local}+{signed}"
    # Too long a name leaves no room; then References has to do.
    return f"{marked}@{domain}" if len(marked) <= LONGEST_LOCAL_PART else support


def _threading(signed: str, entry: Entry | None) -> dict[str, str]:
    ours = f"<{signed}@{os.environ['MAIL_DOMAIN']}>"
    theirs = f"<{entry.message_id.strip('<> ')}>" if entry and entry.message_id else ""
    if not theirs:
        return {"References": ours}
    return {"In-Reply-To": theirs, "References": f"{theirs} {ours}"}


# --- sending it once ------------------------------------------------------------------------


def notify(key: Key) -> None:
    """Sends the mails of one event and takes `notify` off it when all of them are done.

    Errors: MailRefused, Underway, Throttled, Unavailable; the next call does what is left.
    """
    for event in outbox.load([key], "notify"):
        matter = _matter(event)
        if matter:
            _send_all(messages(event, matter.ticket, matter.known), matter)
        if not outbox.finish(event, "notify"):
            traces.forget_mails(event.id)  # the ticket was deleted meanwhile


def _matter(event: Event) -> _Matter | None:
    """What is to be told; None where there is nothing left to tell of."""
    if event.ticket is None:
        return None
    about = table.ticket_key(event.ticket)
    wrote = table.entry_key(event.ticket, event.data.get("entry", 0))
    found = table.fetch([about, wrote, CATALOGUE_VERSION, MAIL_SECRET])
    if about not in found:
        return None
    entry = None
    if item := found.get(wrote):
        (entry,) = stored.with_bodies([(stored.as_entry(event.ticket, item), item.get("object"))])
    return _Matter(
        event=event,
        ticket=stored.as_ticket(found[about]),
        entry=entry,
        known=catalogue.current(found),
        secret=found[MAIL_SECRET]["secret"],
    )


def _send_all(wanted: Iterable[Message], matter: _Matter) -> None:
    """Sends each; one that cannot go now does not hold up the others. Errors: the first one's."""
    held_up: list[DeskError] = []
    for message in wanted:
        try:
            _send(message, matter)
        except DeskError as error:
            held_up.append(error)
    if held_up:
        raise held_up[0]


def _mail_name(message: Message) -> str:
    """What tells a mail from the others of its event. Not the address itself: it goes to SES as a
    tag, which takes few letters, and addresses have no place in keys.
    """
    return sha256(f"{message.template} {folded(message.to.address)}".encode()).hexdigest()[:32]


def _send(message: Message, matter: _Matter) -> None:
    name, event = _mail_name(message), matter.event.id.sk.removeprefix("V#")
    mail = table.mail_key(event, name)
    about = _about(message, matter)
    address = rendering.mailable(message.to.address)
    if address is None:
        with suppress(ConditionFailed):
            table.write(table.put_new(mail, about | {"state": "refused", "error": "address"}))
        return
    # Composed before the lease is taken: what fails here must not look like a mail half sent.
    composed = _compose(message, matter, address)
    if not _lease(mail, about):
        return
    try:
        sent = postbox.send(
            composed,
            sender=os.environ["FROM_ADDRESS"],
            recipient=address,
            configuration_set=os.environ["CONFIGURATION_SET"],
            tag=f"{event}-{name}",
        )
    except MailRefused as refusal:
        if _release(mail, refusal):
            raise
    else:
        record_sent(mail, sent, about)


def _about(message: Message, matter: _Matter) -> Item:
    at, entry = now(), matter.entry
    return {
        "ticket": matter.ticket.id,
        "entry": entry.id if entry else None,
        "template": message.template,
        "to": folded(message.to.address),
        "role": message.to.role,
        "intent": stamp(at),
        "p11": f"mail#{at:%Y-%m-%d}",
        "s11": f"{stamp(at)}#{matter.event.id.sk}",
        "ttl": seconds(at + KEPT),
    }


def _lease(mail: Key, about: Item) -> bool:
    """Takes the sole right to send a mail for LEASE; False where there is nothing left to send.

    Errors: Underway where somebody else has it, Throttled, Unavailable.
    """
    at, holder = now(), token_hex(8)
    lease = {"state": "leased", "lease": stamp(at + LEASE), "holder": holder}
    try:
        table.write(table.put_new(mail, about | lease))
    except ConditionFailed as there:
        if _settled(there.old, holder):
            return _held(there.old, holder)
    else:
        return True
    try:
        table.write(
            table.update(
                mail,
                "SET #state = :state, #lease = :lease, #holder = :holder",
                {f":{name}": value for name, value in lease.items()}
                | {":intent": "intent", ":now": stamp(at)},
                condition="#state = :intent OR (#state = :state AND #lease <= :now)",
                names={f"#{name}": name for name in lease},
            )
        )
    except ConditionFailed as there:
        if not _settled(there.old, holder):
            raise Underway from there
        return _held(there.old, holder)
    return True


def _held(found: Item | None, holder: str) -> bool:
    # The client tries a write again whose answer was lost: then its own lease stands in its way.
    return found is not None and found.get("holder") == holder


def _settled(found: Item | None, holder: str) -> bool:
    return _held(found, holder) or (found or {}).get("state") in {"done", "refused"}


def _release(mail: Key, refusal: MailRefused) -> bool:
    """Gives a lease back, since it is certain that nothing went out. False where SES has refused
    the mail for so long that it is left.
    """
    found = table.get(mail)
    late = found is not None and now() - moment(found["intent"]) > GIVE_UP
    log.warning("mail refused", code=refusal.code, left=late)
    table.write(
        table.update(
            mail,
            "SET #state = :state, #error = :error REMOVE #lease, #holder",
            {":state": "refused" if late else "intent", ":error": refusal.code},
            names={name: name[1:] for name in ("#state", "#error", "#lease", "#holder")},
        )
    )
    return not late


def record_sent(mail: Key, message_id: str, about: Item) -> None:
    """Notes that SES has taken a mail, under the Message-ID that it gave it: an answer to that id
    belongs to the same ticket, and is an agent's if it went to one. May be done twice.
    Errors: Throttled, Unavailable.
    """
    table.write(
        table.put(
            table.message_id_key(identity.digest(message_id)),
            {
                **{name: about.get(name) for name in ("ticket", "entry", "to", "role")},
                "mail": mail.pk,
            },
        )
    )
    with suppress(ConditionFailed):
        table.write(
            table.update(
                mail,
                "SET #state = :done, #done = :now, message_id = :id REMOVE #lease, #holder",
                {":done": "done", ":now": stamp(now()), ":id": message_id},
                condition="attribute_exists(pk) AND #state <> :done",
                names={name: name[1:] for name in ("#state", "#done", "#lease", "#holder")},
            )
        )


# --- what SES tells afterwards --------------------------------------------------------------


def hear(notice: str) -> None:
    """Takes in one message of the configuration set's topic. Only SEND events matter so far.

    Errors: Throttled, Unavailable.
    """
    try:
        told = json.loads(notice)
    except ValueError:
        return  # SES tries a new topic with a sentence in plain English
    if told.get("eventType") != "Send":
        return
    for tag in told["mail"]["tags"].get("mail", ()):
        event, _, name = tag.partition("-")
        mail = table.mail_key(event, name)
        if about := table.get(mail):
            record_sent(mail, postbox.message_id(told["mail"]["messageId"]), about)
