"""Sends the mails of an event, each once (docs/architecture.md; docs/osticket.md 4.5).

`notices` determines the mails and recipients, `gather` reads their data, `compose` builds them. One
item per event and recipient holds the state of a mail (docs/aws.md m8):

    intent    to be sent; no run is sending it now
    leased    a run is sending it, or crashed while sending: until `lease` no other run may
    done      SES has accepted it, as its answer or its SEND event said
    refused   it can never be sent; `error` says why

A mail that SES rejects because of its content or recipient is refused at once. Every other failure
is retried, with the event deferred (`deferring`), until GIVE_UP.

A crash between SES's answer and `done` leaves the lease. SES's SEND event then writes `done`; if
none arrives before the lease expires, the mail is sent again, since a duplicate mail does less harm
than a lost one.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from secrets import token_hex

from aws_lambda_powertools import Logger

from helpdesk import mail_ids, sent_mail
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import Damaged, DeskError, Throttled, Unavailable
from helpdesk.events import outbox
from helpdesk.events.history import Consumer, Event, ticket_event
from helpdesk.mail.outbound import bounds, compose, gather, notices, render, sending, suppression
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import Notification, NotificationContext
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Key,
    entry_key,
    mail_key,
    message_id_key,
    sent_key,
    ticket_key,
)
from helpdesk.storage.person_items import folded
from helpdesk.storage.reading import reading
from helpdesk.storage.ses import MailRefused, MailRejected, SendingStopped
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

log = Logger()

LEASE = timedelta(minutes=10)
"""How long to wait for SES's SEND event before the mail is sent again (docs/aws.md m8)."""

GIVE_UP = timedelta(days=4)
"""How long a mail is retried that SES refuses temporarily (RFC 5321, 4.5.4.1)."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=10)
"""Backoff of an event whose mail SES did not accept: initial and longest wait; it doubles each
time. SES recommends ten minutes at most (docs/mail.md).
"""

KEPT = timedelta(days=90)
"""How long the items of sent mails are kept."""

_STATES = {"intent", "leased", "done", "refused"}
_ROLES = {"U", "S"}


class Underway(DeskError):
    """Another run is sending this mail, or crashed while doing so: retry at `until`, or after a
    while.
    """

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__()
        self.until = until


@contextmanager
def deferring(event: Event, consumer: Consumer) -> Iterator[None]:
    """Defers an event whose mail could not be sent inside the block."""
    try:
        yield
    except (SendingStopped, Underway) as later:
        until = later.until
    except MailRefused:
        until = None
    else:
        return
    wait = min(FIRST_WAIT * 2 ** min(event.tries.get(consumer, 0), 10), LONGEST_WAIT)
    until = until or now() + wait
    log.info("put off", about=" ".join(event.id), until=to_iso(until))
    outbox.defer(event, consumer, until)


def tell(event: Event) -> None:
    """Sends the mails of one event, and removes `notify` from its consumers when all are done.
    Another call sends the remaining ones.

    Raises:
        MailRefused, Underway.
    """
    if mail_context := gather.gather(event):
        send_all(notices.messages(mail_context.context), mail_context)
    if not outbox.finish(event, "notify"):
        sent_mail.forget_mails(event.id)  # the ticket was deleted meanwhile


# --- sending it once ------------------------------------------------------------------------


def send_all(
    wanted: Iterable[Notification], mail_context: MailContext, *, asked: bool = False
) -> None:
    """Sends each mail; a failure does not hold up the others. Raises the first error. Mails that an
    admin `asked` for do not count towards the limits of `bounds`.
    """
    event, ticket = mail_context.context.event, mail_context.context.ticket.id
    named = event.id.sk.removeprefix("V#")
    mails = {mail_key(named, notification.name): notification for notification in wanted}
    addresses = {notification.to.address: notification.to.digest for notification in mails.values()}
    records = table.fetch(
        [
            *mails,
            *map(suppression.key, addresses),
            *(sent_key(ticket, digest) for digest in addresses.values()),
        ]
    )
    failures: list[DeskError] = []
    for mail, notification in mails.items():
        try:
            if _is_settled(checked(records[mail]) if mail in records else None):
                continue  # before composing, which may take seconds with files
            _send(mail, notification, mail_context, records, asked=asked)
        except SendingStopped:
            raise  # SES would not accept the others either
        except DeskError as error:
            failures.append(error)
    # A retry may succeed for other errors, but not for damaged items, so these come last.
    failures.sort(key=lambda failure: isinstance(failure, Damaged))
    if failures:
        raise failures[0]


def checked(about: Item) -> Item:
    """The item of a mail, checked for the required attributes.

    Raises:
        Damaged: One is missing or invalid.
    """
    with reading("mail", about):
        texts = [about[name] for name in ("to", "template", "state")]
        if not all(isinstance(text, str) for text in texts) or type(about["ticket"]) is not int:
            raise TypeError("to")
        if type(about.get("entry", 0)) is not int or about.get("role", "U") not in _ROLES:
            raise TypeError("entry")
        if about["state"] not in _STATES:
            raise ValueError("state")
        from_iso(about["intent"])
        if about["state"] == "leased":
            from_iso(about["lease"])
    return about


def _send(
    mail: Key,
    notification: Notification,
    mail_context: MailContext,
    records: Mapping[Key, Item],
    *,
    asked: bool,
) -> None:
    to, about = notification.to, _about(notification, mail_context)
    address = render.mailable(to.address)
    if address is None or (
        error := _refused(notification, mail_context.context, mail, records, asked=asked)
    ):
        refuse(mail, about, "address" if address is None else error)
        return
    # Composed before the lease is taken: a failure here must not look like an interrupted sending.
    had = sent_before(records.get(sent_key(mail_context.context.ticket.id, to.digest)))
    composed = compose.compose(notification, mail_context, address, had)
    about |= {"size": len(composed), "files": len(compose.files_of(notification, mail_context))}
    tag = compose.tag(notification, mail_context.context)
    since = None if asked else mail_context.context.event.at
    send_leased(mail, about, composed, address, tag, since=since)


def send_leased(
    mail: Key, about: Item, composed: bytes, address: str, tag: str, *, since: datetime | None
) -> None:
    """Sends a composed mail, unless another run has sent it or is sending it.

    `since` is when it was due, None to take it from its item.

    Raises:
        MailRefused: SES does not accept it now, but may later.
        Underway: Another run is sending it, or it is not known whether SES has accepted it.
    """
    leased_at = now()
    if not lease(mail, about):
        return
    try:
        sent = sending.send(composed, recipient=address, tag=tag)
    except MailRejected as rejected:
        log.info("mail rejected", code=rejected.code)
        refuse(mail, about, rejected.code, seen="leased")
    except MailRefused as refusal:
        if release(mail, refusal, since):
            raise
    except (Throttled, Unavailable) as unknown:
        raise Underway(leased_at + LEASE) from unknown
    else:
        record_sent(mail, sent, about)


def sent_before(latest: Item | None) -> list[str]:
    """The mails that an address got about a ticket, as `compose` expects them, from the item of
    `sent_key`.
    """
    return [text for name in _SENT if isinstance(text := (latest or {}).get(name), str)]


def _about(notification: Notification, mail_context: MailContext) -> Item:
    context = mail_context.context
    at, shown = now(), context.shown
    answers = context.entry is not None and context.entry.kind == "response"
    return {
        "ticket": context.ticket.id,
        "entry": shown.id if shown else None,
        "template": notification.template,
        "to": folded(notification.to.address),
        "role": notification.to.role,
        "answers": (answers and notification.to.role == "U") or None,
        "intent": to_iso(at),
        "number": context.ticket.number,
        "subject": compose.subject(notification, context),
        **sent_mail.listed(notification.to.digest, at, context.event.id),
        "ttl": seconds(at + KEPT),
    }


def lease(mail: Key, about: Item) -> bool:
    """Acquires the lease to send a mail; False if the mail need not be sent any more.

    Raises:
        Underway: another run holds it.
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
            raise Underway(_lease_end(there.old, at)) from there
        return _held(there.old, holder)
    return True


def _lease_end(found: Item | None, at: datetime) -> datetime:
    try:
        return max(from_iso((found or {})["lease"]), at)
    except (LookupError, TypeError, ValueError):
        return at + LEASE


def _held(found: Item | None, holder: str) -> bool:
    # The AWS client retries a write whose answer was lost, and then finds its own lease.
    return found is not None and found.get("holder") == holder


def _settled(found: Item | None, holder: str) -> bool:
    return _held(found, holder) or _is_settled(found)


def _is_settled(found: Item | None) -> bool:
    return (found or {}).get("state") in {"done", "refused"}


def release(mail: Key, refusal: MailRefused, since: datetime | None) -> bool:
    """Releases a lease after SES has refused the mail, so that nothing was sent. False if it has
    refused for longer than GIVE_UP: then the mail is marked as refused.
    """
    found = table.get(mail)
    late = found is not None and now() - (since or from_iso(found["intent"])) > GIVE_UP
    log.warning("mail refused", code=refusal.code, left=late)
    if late and found:
        refuse(mail, found, refusal.code, seen="leased")
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
    """Records that SES has accepted a mail, under the Message-ID that SES gave it.

    With this record an answer to the id finds the ticket, and is recognised as an agent's if the
    mail went to one. The next mail to the same address about the ticket references the id, and the
    response that was mailed gets it as its own. Of a test mail only the state is recorded.
    Idempotent.
    """
    if not about.get("test"):
        _record_thread(mail, message_id, about)
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


def _record_thread(mail: Key, message_id: str, about: Item) -> None:
    record = {name: about.get(name) for name in ("ticket", "entry", "to", "role")}
    transact.write(
        transact.put(message_id_key(mail_ids.digest(message_id)), record | {"mail": mail.pk})
    )
    transact.write(
        transact.update(
            sent_key(about["ticket"], person_items.address_digest(about["to"])),
            "SET #first = if_not_exists(#first, :sent), #latest = :sent, #ttl = :ttl",
            {":sent": f"{about['intent']} {message_id}", ":ttl": seconds(now() + KEPT)},
            names={f"#{name}": name for name in (*_SENT, "ttl")},
        )
    )
    if about.get("answers"):
        _name_entry(about, message_id)


def _name_entry(about: Item, message_id: str) -> None:
    """Records in a response the Message-ID of its first mail; does nothing if the response is gone,
    or has moved to another ticket.
    """
    named = transact.set_attributes(
        entry_key(about["ticket"], about["entry"]),
        {"mailed": message_id},
        condition="attribute_exists(pk) AND attribute_not_exists(#mailed)",
    )
    with suppress(ConditionFailed):
        transact.write(named)


_SENT = {"first", "latest"}
"""The attributes of the first and the latest mail that an address got about a ticket."""


# --- mails that are never sent --------------------------------------------------------------


def _refused(
    notification: Notification,
    context: NotificationContext,
    mail: Key,
    records: Mapping[Key, Item],
    *,
    asked: bool,
) -> str:
    """Why a mail must not be sent; empty if it may."""
    if suppression.key(notification.to.address) in records:
        return "suppressed"
    if asked or not context.mailed:
        return ""
    return bounds.exceeded(notification, context, mail, counted=mail in records)


def refuse(mail: Key, about: Item, error: str, *, seen: str = "intent") -> None:
    """Records once that a mail can never be sent: on its item and in the ticket's history."""
    refused = transact.put(
        mail,
        {
            **{name: value for name, value in about.items() if name not in {"lease", "holder"}},
            "state": "refused",
            "error": error,
            **sent_mail.failed("refused"),
        },
        condition="attribute_not_exists(pk) OR #state = :seen",
        values={":seen": seen},
        names={"#state": "state"},
    )
    # Cancelled if its outcome was recorded before, or the ticket is gone.
    with suppress(Cancelled):
        transact.commit_retried([refused, *undelivered(about, error)])


def undelivered(about: Item, reason: str) -> list[Write]:
    """The writes that record an undelivered mail in the ticket's history. Their transaction is
    cancelled if the ticket is gone.
    """
    if about.get("test"):
        return []  # a test mail does not belong to the ticket
    ticket = about["ticket"]
    data = {"to": about["to"], "template": about["template"], "reason": reason}
    return [
        transact.check(ticket_key(ticket), "attribute_exists(pk)"),
        ticket_event("undelivered", SYSTEM, ticket, now(), todo=(), data=data),
    ]
