"""From an event to the mail it causes, each sent once (docs/architecture.md; docs/osticket.md 4.5).

`notices` says who hears of it, `composing` what it says. One item per event and recipient says how
far a mail has come (docs/aws.md m8):

    intent    somebody will send it; nobody is sending it now
    leased    somebody is sending it, or was when they crashed: until `lease` nobody else may
    done      SES has taken it, as its answer said or its SEND event
    refused   it can never be sent; `error` says why

A crash between SES's answer and `done` leaves the lease. SES's SEND event then writes `done`; where
none comes before the lease ends, the mail is sent again: rather twice than never.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex

from aws_lambda_powertools import Logger

from helpdesk import mail_ids, sent_mail
from helpdesk.catalogue import cache
from helpdesk.catalogue.fields import SUSPICIOUS
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import DeskError
from helpdesk.events import outbox
from helpdesk.events.history import Event, ticket_event
from helpdesk.mail.outbound import compose, notices, render, suppression
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import Notification, NotificationContext
from helpdesk.model.actor import NOBODY, SYSTEM
from helpdesk.model.entries import Entry
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.storage import person_items, ses, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    MAIL_SECRET,
    Key,
    entry_key,
    loop_key,
    mail_key,
    message_id_key,
    person_key,
    sent_key,
    ticket_key,
)
from helpdesk.storage.person_items import folded
from helpdesk.storage.ses import MailRefused
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write
from helpdesk.tickets import participants

log = Logger()

LEASE = timedelta(minutes=10)
"""How long SES's SEND event is waited for before a mail without one is sent again
(docs/aws.md m8).
"""

GIVE_UP = timedelta(days=1)
"""How long SES may go on refusing a mail before it is left: whoever runs the desk has been told by
the alarm on the dead letters."""

KEPT = timedelta(days=90)
"""How long it stays known which mail went out."""

RECENT = 10
"""Entries at the end of a thread whose Message-IDs a mail refers to, beside the first."""

MOST_CONFIRMATIONS, MOST_OTHERS = 20, 300
"""What the mails of one sender set off in a day: confirmations to themselves, and mails to any one
other address (docs/decisions/0015)."""


class Underway(DeskError):
    """Somebody else is sending this mail, or crashed while doing so; time will tell."""


def notify(key: Key) -> None:
    """Sends the mails of one event and takes `notify` off it when all of them are done.

    Errors: MailRefused, Underway, Throttled, Unavailable; the next call does what is left.
    """
    for event in outbox.load([key], "notify"):
        if post := _gather(event):
            _send_all(notices.messages(post.matter), post)
        if not outbox.finish(event, "notify"):
            sent_mail.forget_mails(event.id)  # the ticket was deleted meanwhile


# --- what there is to tell ------------------------------------------------------------------


def _gather(event: Event) -> MailContext | None:
    """What is to be told; None where there is nothing to tell, or nothing left to tell of."""
    if event.ticket is None or not notices.causes_mail(event):
        return None
    about = ticket_key(event.ticket)
    wrote = entry_key(event.ticket, event.data.get("entry", 0))
    found = table.fetch([about, wrote, CATALOGUE_VERSION, MAIL_SECRET])
    if about not in found:
        return None
    entry = None
    if item := found.get(wrote):
        (entry,) = ticket_items.with_bodies(
            [(ticket_items.as_entry(event.ticket, item), item.get("object"))]
        )
    matter = NotificationContext(
        event, ticket_items.as_ticket(found[about]), cache.current(found), entry
    )
    return MailContext(_with_thread(matter), found[MAIL_SECRET]["secret"])


def _with_thread(matter: NotificationContext) -> NotificationContext:
    """The same with what came before, and who takes part. A new ticket has neither."""
    event, ticket = matter.event, matter.ticket
    if event.kind == "created":
        by_agent = event.agent is not None and not matter.mailed
        # Of what is suspicious nobody knows who wrote it: staff hears of it, whoever it names.
        unknown = by_agent or SUSPICIOUS in ticket.fields
        thread = (matter.entry,) if matter.entry else ()
        return replace(matter, thread=thread, writer=None if unknown else _requester(ticket))
    active: list[int] = []
    if event.kind == "response" or (event.kind == "message" and not matter.mailed):
        active = [
            who for who, takes_part in participants.take_part(ticket.id).items() if takes_part
        ]
    wrote = event.person if event.kind == "message" and event.person != NOBODY else None
    wanted = {who for who in (*active, wrote) if who is not None and who != ticket.person}
    # What came after it is another event's matter.
    latest = matter.entry.id if matter.entry else ticket.entries[-1]
    numbers = [number for number in ticket.entries if number <= latest]
    shown = dict.fromkeys((*numbers[:1], *numbers[-RECENT:]))
    places = [entry_key(ticket.id, number) for number in shown]
    found = table.fetch([*places, *map(person_key, wanted)])
    known = {
        who: person_items.as_person(item)
        for who in wanted
        if (item := found.get(person_key(who))) and "email" in item
    }
    if wrote == ticket.person:
        known[wrote] = _requester(ticket)
    return replace(
        matter,
        thread=_thread(matter, [found[place] for place in places if place in found]),
        writer=known.get(wrote or 0),
        collaborators=tuple(known[who] for who in active if who in known),
    )


def _requester(ticket: Ticket) -> Person:
    return Person(ticket.person, ticket.person_name, ticket.person_email)


def _thread(matter: NotificationContext, items: Iterable[Item]) -> tuple[Entry, ...]:
    """Entries, of which only the one that will be shown needs its body."""
    read = [(ticket_items.as_entry(matter.ticket.id, item), item.get("object")) for item in items]
    shown = replace(matter, thread=tuple(entry for entry, _ in read)).shown
    if matter.entry is None:
        read = [(entry, body if entry is shown else None) for entry, body in read]
        return tuple(ticket_items.with_bodies(read))
    return tuple(entry for entry, _ in read)


# --- sending it once ------------------------------------------------------------------------


def _send_all(wanted: Iterable[Notification], post: MailContext) -> None:
    """Sends each; one that cannot go now does not hold up the others. Errors: the first one's."""
    event, ticket = _name(post.matter.event), post.matter.ticket.id
    mails = {mail_key(event, message.name): message for message in wanted}
    addresses = {message.to.address: message.to.digest for message in mails.values()}
    marks = table.fetch(
        [
            *mails,
            *map(suppression.key, addresses),
            *(sent_key(ticket, digest) for digest in addresses.values()),
        ]
    )
    held_up: list[DeskError] = []
    for mail, message in mails.items():
        if _is_settled(marks.get(mail)):
            continue  # before anything is composed: with its files that may take seconds
        try:
            _send(mail, message, post, marks)
        except DeskError as error:
            held_up.append(error)
    if held_up:
        raise held_up[0]


def _name(event: Event) -> str:
    """What tells an event from all others, in keys and tags."""
    return event.id.sk.removeprefix("V#")


def _send(mail: Key, message: Notification, post: MailContext, marks: Mapping[Key, Item]) -> None:
    to, about = message.to, _about(message, post.matter)
    address = render.mailable(to.address)
    if address is None or (error := _refused(message, post.matter, mail, marks)):
        _refuse(mail, about, "address" if address is None else error)
        return
    # Composed before the lease is taken: what fails here must not look like a mail half sent.
    before = marks.get(sent_key(post.matter.ticket.id, to.digest), {})
    had = [before[name] for name in _SENT & before.keys()]
    composed = compose.compose(message, post, address, had)
    if not _lease(mail, about):
        return
    try:
        sent = ses.send(
            composed,
            sender=os.environ["FROM_ADDRESS"],
            recipient=address,
            configuration_set=os.environ["CONFIGURATION_SET"],
            tag=f"{_name(post.matter.event)}-{message.name}",
        )
    except MailRefused as refusal:
        if _release(mail, refusal):
            raise
    else:
        record_sent(mail, sent, about)


def _about(message: Notification, matter: NotificationContext) -> Item:
    at, shown = now(), matter.shown
    return {
        "ticket": matter.ticket.id,
        "entry": shown.id if shown else None,
        "template": message.template,
        "to": folded(message.to.address),
        "role": message.to.role,
        "intent": to_iso(at),
        "p11": f"mail#{at:%Y-%m-%d}",
        "s11": f"{to_iso(at)}#{matter.event.id.sk}",
        "ttl": seconds(at + KEPT),
    }


def _lease(mail: Key, about: Item) -> bool:
    """Takes the sole right to send a mail for LEASE; False where there is nothing left to send.

    Errors: Underway where somebody else has it, Throttled, Unavailable.
    """
    at, holder = now(), token_hex(8)
    lease = {"state": "leased", "lease": to_iso(at + LEASE), "holder": holder}
    try:
        transact.write(transact.put_new(mail, about | lease))
    except ConditionFailed as there:
        if _settled(there.old, holder):
            return _held(there.old, holder)
    else:
        return True
    try:
        transact.write(
            transact.update(
                mail,
                "SET #state = :state, #lease = :lease, #holder = :holder",
                {f":{name}": value for name, value in lease.items()}
                | {":intent": "intent", ":now": to_iso(at)},
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
    return _held(found, holder) or _is_settled(found)


def _is_settled(found: Item | None) -> bool:
    return (found or {}).get("state") in {"done", "refused"}


def _release(mail: Key, refusal: MailRefused) -> bool:
    """Gives a lease back, since it is certain that nothing went out. False where SES has refused
    the mail for so long that it is left.
    """
    found = table.get(mail)
    late = found is not None and now() - from_iso(found["intent"]) > GIVE_UP
    log.warning("mail refused", code=refusal.code, left=late)
    if late and found:
        _refuse(mail, found, refusal.code, seen="leased")
    else:
        transact.write(
            transact.update(
                mail,
                "SET #state = :state, #error = :error REMOVE #lease, #holder",
                {":state": "intent", ":error": refusal.code},
                names={name: name[1:] for name in ("#state", "#error", "#lease", "#holder")},
            )
        )
    return not late


def record_sent(mail: Key, message_id: str, about: Item) -> None:
    """Notes that SES has taken a mail, under the Message-ID that it gave it: an answer to that id
    belongs to the same ticket, and is an agent's if it went to one; and the next mail to the same
    address about it names that id. May be done twice. Errors: Throttled, Unavailable.
    """
    mark = {name: about.get(name) for name in ("ticket", "entry", "to", "role")}
    transact.write(
        transact.put(message_id_key(mail_ids.digest(message_id)), mark | {"mail": mail.pk})
    )
    transact.write(
        transact.update(
            sent_key(about["ticket"], person_items.address_digest(about["to"])),
            "SET #first = if_not_exists(#first, :sent), #latest = :sent, #ttl = :ttl",
            {":sent": f"{about['intent']} {message_id}", ":ttl": seconds(now() + KEPT)},
            names={f"#{name}": name for name in (*_SENT, "ttl")},
        )
    )
    with suppress(ConditionFailed):
        transact.write(
            transact.update(
                mail,
                "SET #state = :done, #done = :now, message_id = :id REMOVE #lease, #holder",
                {":done": "done", ":now": to_iso(now()), ":id": message_id},
                condition="attribute_exists(pk) AND #state <> :done",
                names={name: name[1:] for name in ("#state", "#done", "#lease", "#holder")},
            )
        )


_SENT = {"first", "latest"}
"""What is kept of what somebody was sent about a ticket: the first and the latest of it."""


# --- what never goes out --------------------------------------------------------------------


def _refused(
    message: Notification, matter: NotificationContext, mail: Key, marks: Mapping[Key, Item]
) -> str:
    """Why a mail must not go out; empty where it may."""
    if suppression.key(message.to.address) in marks:
        return "suppressed"
    return "" if not matter.mailed or _within_bounds(message, matter, mail) else "loop"


def _within_bounds(message: Notification, matter: NotificationContext, mail: Key) -> bool:
    """Counts a mail among those that its cause's sender has set off today, however often this is
    asked; False where there are too many already. So robots that do not say that they are some
    cannot go on for ever, be it with the desk or, through it, with each other (RFC 3834, 2).
    """
    entry, event = matter.entry, matter.event
    sender = f"ticket {matter.ticket.id}"
    if entry and (who := entry.agent or entry.person):
        sender = str(who)
    one = sha256(f"{mail.pk} {mail.sk}".encode()).hexdigest()[:12]
    counted = transact.update(
        loop_key(f"{event.at:%Y-%m-%d} {sender}", message.to.digest),
        "ADD #mails :mail SET #ttl = :ttl",
        {
            ":mail": {one},
            ":one": one,
            ":most": MOST_CONFIRMATIONS if message.confirms else MOST_OTHERS,
            ":ttl": seconds(event.at + timedelta(days=2)),
        },
        condition="attribute_not_exists(#mails) OR contains(#mails, :one) OR size(#mails) < :most",
        names={"#mails": "mails", "#ttl": "ttl"},
    )
    try:
        transact.write(counted)
    except ConditionFailed:
        return False
    return True


def _refuse(mail: Key, about: Item, error: str, *, seen: str = "intent") -> None:
    """Notes that a mail can never be sent, on the mail and in the ticket's history, once."""
    refused = transact.put(
        mail,
        {
            **{name: value for name, value in about.items() if name not in {"lease", "holder"}},
            "state": "refused",
            "error": error,
        },
        condition="attribute_not_exists(pk) OR #state = :seen",
        values={":seen": seen},
        names={"#state": "state"},
    )
    # Cancelled where it was settled before, or the ticket is gone.
    with suppress(Cancelled):
        transact.commit_retried([refused, *undelivered(about, error)])


def undelivered(about: Item, reason: str) -> list[Write]:
    """The writes that tell the ticket's history of a mail that did not reach anybody. They go
    through only while there is such a ticket.
    """
    ticket = about["ticket"]
    told = {"to": about["to"], "template": about["template"], "reason": reason}
    return [
        transact.check(ticket_key(ticket), "attribute_exists(pk)"),
        ticket_event("undelivered", SYSTEM, ticket, now(), todo=(), data=told),
    ]
