"""Mails requested by an admin: sends a refused mail again.

The request writes an event that names the mail; the consumer of the queue composes the mail again
from the event that caused it, and sends it as all other mail (`send`).
"""

from collections.abc import Callable
from contextlib import suppress

from helpdesk import operations, sent_mail
from helpdesk.clock import now, to_iso
from helpdesk.errors import Conflict, Damaged, NotAllowed, NotFound
from helpdesk.events import history, outbox
from helpdesk.events.history import Consumer, Event, audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.outbound import gather, notices, previews, send, sending
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import Notification
from helpdesk.model.actor import Actor
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MAIL_STOPPED, Key, event_key, mail_key
from helpdesk.storage.transact import Cancelled, ConditionFailed

AGAIN = "mail_sent_again"
"""The kind of events that request to send a mail again."""

LONGEST_ID = 200
"""Most characters of a mail's id: an event's id, a hyphen, and a digest."""

BROADCAST = "broadcast."
"""The prefix of the names of templates for subscribers."""

Rebuild = Callable[[Event, Item], tuple[Notification, MailContext] | None]
"""Composes a mail again from the event that caused it; None if the event no longer causes it."""


def check(actor: Actor) -> None:
    """Refuses a key that sees only part of the desk.

    Raises:
        NotAllowed
    """
    if actor.bound:
        raise NotAllowed("can_manage_desk")


def key_of(mail: str) -> Key:
    """The key of the mail with this id, which is its tag in SES.

    Raises:
        NotFound: It is not a mail's id.
    """
    event, _, name = mail.partition("-")
    if not (event and name) or len(mail) > LONGEST_ID:
        raise NotFound("mail", mail)
    return mail_key(event, name)


def find(mail: str) -> Item:
    """The item of a mail. One round trip.

    Raises:
        NotFound: There is no such mail.
        Damaged: Its item cannot be read.
    """
    item = table.get(key_of(mail))
    if item is None:
        raise NotFound("mail", mail)
    return send.checked(item)


# --- requests -------------------------------------------------------------------------------


def again(actor: Actor, mail: str, once: IdempotencyRecord | None = None) -> str:
    """Requests to send a refused mail again; returns its id. Two round trips.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such mail.
        Conflict: `not_refused`: it is still waiting, or SES has accepted it.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        Damaged: Its item cannot be read.
    """
    check(actor)
    if once:
        once.replay(table.get(once.key))
    about = find(mail)
    if about["state"] != "refused":
        raise Conflict("not_refused")
    at = now()
    consumer: Consumer = "broadcast" if about["template"].startswith(BROADCAST) else "notify"
    data = {"mail": mail, "of": about["ticket"], "template": about["template"]}
    event = audit_event(AGAIN, actor, at, todo=[consumer], data=data)
    there = Key(about["pk"], about["sk"])
    digest = person_items.address_digest(about["to"])
    waits = transact.set_attributes(
        there,
        {"state": "intent", "intent": to_iso(at), **sent_mail.listed(digest, at, event.key)},
        remove=("error", "p8"),
        condition="#state = :refused",
        values={":refused": "refused"},
    )
    try:
        operations.commit(event, [waits], once=once, result=mail)
    except Cancelled as cancelled:
        raise Conflict("not_refused") from cancelled
    return mail


# --- sending --------------------------------------------------------------------------------


def notify(key: Key) -> None:
    """Sends the mails of one event, or those requested by an admin. If SES does not accept them
    now, the event is deferred.
    """
    for event in to_send(key, "notify"):
        with send.deferring(event, "notify"):
            if event.kind == AGAIN:
                send_again(event, rebuild)
                outbox.finish(event, "notify")
            elif event.kind == previews.TEST:
                _send_tests(event)
                outbox.finish(event, "notify")
            else:
                send.tell(event)


def to_send(key: Key, consumer: Consumer) -> list[Event]:
    """The event, if it has mail for this consumer to send now. While SES accepts no mail it is
    deferred, unless it is time to give up, when a last attempt is made. One round trip.
    """
    sending.begin()
    found = table.fetch([key, MAIL_STOPPED])
    stop, at = sending.read_stop(found.pop(MAIL_STOPPED, None)), now()
    events = outbox.since_restore(outbox.waiting(found, consumer), consumer)
    if stop is None or not stop.holds(at):
        return events
    due = [event for event in events if at - event.at > send.GIVE_UP]
    for event in events:
        if event not in due:
            outbox.defer(event, consumer, stop.until)
    return due


def send_again(event: Event, rebuild: Rebuild) -> None:
    """Sends the mail that an event requests; a mail that is no longer caused is marked as refused.

    Raises:
        MailRefused, Underway.
    """
    try:
        about = find(str(event.data.get("mail", "")))
    except NotFound:
        return  # its ticket has been deleted
    if about.get("test"):
        previews.send_test(about)
        return
    cause = cause_of(about)
    rebuilt = rebuild(cause, about) if cause else None
    if rebuilt is None:
        _refuse(about)
        return
    notification, mail_context = rebuilt
    send.send_all([notification], mail_context, asked=True)


def _send_tests(event: Event) -> None:
    """Sends the test mail that an event requests."""
    for item in table.query(f"MAIL#{event.id.sk.removeprefix('V#')}"):
        with suppress(Damaged):
            about = send.checked(item)
            if about["state"] in {"intent", "leased"}:
                previews.send_test(about)


def cause_of(about: Item) -> Event | None:
    """The event that caused a mail; None if it is gone or damaged."""
    key = event_key(about["ticket"], about["pk"].partition("#")[2])
    item = table.get(key)
    try:
        return history.as_event(key, item) if item else None
    except Damaged:
        return None


def rebuild(event: Event, about: Item) -> tuple[Notification, MailContext] | None:
    """A mail of `notify`, composed again from its event."""
    mail_context = gather.gather(event)
    if mail_context is None:
        return None
    wanted = {one.name: one for one in notices.messages(mail_context.context)}
    found = wanted.get(about["sk"])
    return (found, mail_context) if found else None


def _refuse(about: Item) -> None:
    refused = transact.set_attributes(
        Key(about["pk"], about["sk"]),
        {"state": "refused", "error": "gone", **sent_mail.failed("refused")},
        condition="#state = :intent",
        values={":intent": "intent"},
    )
    try:
        transact.write(refused)
    except ConditionFailed:
        return
