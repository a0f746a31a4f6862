"""The desk's mails as admins see them: a list, and each mail with its content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Literal, get_args

from helpdesk import sent_mail
from helpdesk.broadcasts import send as broadcasts
from helpdesk.clock import from_iso, now
from helpdesk.mail.outbound import asked, compose, previews, render
from helpdesk.mail.outbound.compose import MailContext
from helpdesk.mail.outbound.notices import Notification
from helpdesk.mail.outbound.send import KEPT, checked, sent_before
from helpdesk.mail.parsing.message import Message, read_message
from helpdesk.model.actor import Actor
from helpdesk.model.files import NewFile
from helpdesk.storage import aws, person_items, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, sent_key, ticket_key
from helpdesk.storage.reading import make, readable, reading

State = Literal["waiting", "sent", "refused", "bounced", "complained"]

STATES: tuple[State, ...] = get_args(State)

_FAILED = {"refused", "bounced", "complained"}
"""States whose mails have a separate list."""

MOST_LOOKED_AT = 500
"""Mails that one page examines; if few match, the page is short and the next one continues."""

_DAYS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of the desk. `at` is when it was due, `reason` a word of docs/mail.md if it was not
    delivered. `number` is the ticket's; `subject`, `size` (bytes) and `files` are None if not
    recorded: before the mail is composed, and for mails of older versions.
    """

    id: str
    at: datetime
    to: str
    template: str
    ticket: int
    state: State
    reason: str = ""
    number: str = ""
    subject: str | None = None
    size: int | None = None
    files: int | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A mail with its content, composed again from its ticket and the current templates, since the
    sent mail is not stored. None if nothing causes the mail any more.
    """

    sent: SentMail
    message: Message | None
    files: tuple[NewFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mails: of a state, to an address, about a ticket."""

    state: State | None = None
    to: str = ""
    ticket: int | None = None


# --- the list -------------------------------------------------------------------------------


def list_mails(
    actor: Actor, wanted: Wanted, *, before: str, limit: int
) -> tuple[list[SentMail], str | None]:
    """A page of mails, newest first, from the cursor `before` on (empty for the newest); and the
    cursor of the next page, None after the last.

    The mails of a ticket are found by its events, those to an address and undelivered ones in
    separate lists, all others by day. Other filters are matched mail by mail, for at most
    MOST_LOOKED_AT of them; then a page may have fewer than `limit`.

    Raises:
        NotAllowed: The key sees only part of the desk.
    """
    asked.check(actor)
    places = _places(wanted, before)
    found: list[SentMail] = []
    looked_at, last = 0, ""
    while looked_at < MOST_LOOKED_AT and (some := list(islice(places, max(limit, 25)))):
        items = table.fetch([key for key, _ in some])
        for key, place in some:
            looked_at, last = looked_at + 1, place
            read = readable(as_sent, [items[key]] if key in items else [])
            found += (mail for mail in read if _fits(mail, wanted))
            if len(found) == limit:
                return found, last if _goes_on(places, some, place) else None
    return found, last if looked_at >= MOST_LOOKED_AT else None


def _goes_on(places: Iterator[tuple[Key, str]], some: list[tuple[Key, str]], place: str) -> bool:
    return some[-1][1] != place or next(places, None) is not None


def _fits(mail: SentMail, wanted: Wanted) -> bool:
    return (
        (wanted.state is None or mail.state == wanted.state)
        and (not wanted.to or mail.to == person_items.folded(wanted.to))
        and (wanted.ticket is None or mail.ticket == wanted.ticket)
    )


def _places(wanted: Wanted, before: str) -> Iterator[tuple[Key, str]]:
    """The keys of mails in the order of the list, each with its cursor."""
    if wanted.ticket is not None:
        return _of_ticket(wanted.ticket, before)
    if wanted.to:
        listed = sent_mail.to_address(person_items.address_digest(wanted.to))
        return _of_list(listed, "g06", "s1", before)
    if wanted.state is not None and wanted.state in _FAILED:
        return _of_list(sent_mail.in_state(wanted.state), "g08", "s1", before)
    return _of_days(before, 1 if wanted.state == "waiting" else KEPT.days)


def _of_list(partition: str, index: str, place: str, before: str) -> Iterator[tuple[Key, str]]:
    between = ("0", before or "~")
    for item in table.query(partition, index=index, between=between, newest_first=True):
        if item[place] != before:
            yield Key(item["pk"], item["sk"]), item[place]


def _of_days(before: str, most: int) -> Iterator[tuple[Key, str]]:
    """Mails by day, back to the oldest that may still exist; several days are queried in parallel,
    since most of them may be empty.
    """
    today = now()
    first = (today - timedelta(days=most)).date()
    day = from_iso(f"{before[:10]}T00:00:00Z") if before else today
    while day.date() >= first:
        days = [day - timedelta(days=back) for back in range(_DAYS_AT_ONCE)]
        empty = aws.together(*(partial(_is_empty, sent_mail.of_day(one)) for one in days))
        for one, nothing in zip(days, empty, strict=True):
            if not nothing:
                yield from _of_list(sent_mail.of_day(one), "g11", "s11", before)
        day = days[-1] - timedelta(days=1)


def _is_empty(partition: str) -> bool:
    return next(iter(table.query(partition, index="g11", limit=1)), None) is None


def _of_ticket(ticket: int, before: str) -> Iterator[tuple[Key, str]]:
    """The mails of a ticket's events. A place is that of an event and of a mail of it."""
    event, _, name = before.partition("/")
    partition, between = ticket_key(ticket).pk, ("V#", event or "V#~")
    for item in table.query(partition, between=between, newest_first=True):
        of_event = f"MAIL#{item['sk'].removeprefix('V#')}"
        begin = name if item["sk"] == event else ""
        for mail in table.query(of_event, between=(begin or "0", "~")):
            if mail["sk"] != begin:
                yield Key(mail["pk"], mail["sk"]), f"{item['sk']}/{mail['sk']}"


def as_sent(item: Item) -> SentMail:
    """The mail of an item.

    Raises:
        Damaged: It cannot be read.
    """
    checked(item)
    with reading("mail", item):
        state, reason = _state(item)
        event, name = item["pk"].partition("#")[2], item["sk"]
        values: Mapping[str, Any] = {
            **item,
            "id": f"{event}-{name}",
            "at": from_iso(item["intent"]),
            "state": state,
            "reason": reason,
        }
        return make(SentMail, values)


def _state(item: Item) -> tuple[State, str]:
    outcome = item.get("outcome", "")
    if outcome in {"bounce", "complaint", "reject"}:
        told: dict[str, State] = {
            "bounce": "bounced", "complaint": "complained", "reject": "refused"
        }  # fmt: skip
        return told[outcome], outcome
    if item["state"] == "refused":
        return "refused", item.get("error", "")
    return ("sent", outcome) if item["state"] == "done" else ("waiting", item.get("error", ""))


# --- one ------------------------------------------------------------------------------------


def read(actor: Actor, mail: str) -> OpenedMail:
    """A mail with its content, without the bytes of its files.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such mail.
        Damaged: Its item cannot be read.
    """
    asked.check(actor)
    item = asked.find(mail)
    sent = as_sent(item)
    if item.get("test"):
        address = render.mailable(sent.to) or "unreachable@invalid"
        return OpenedMail(sent, read_message(previews.compose_test(item, address), ""))
    cause = asked.cause_of(item)
    rebuilt = _rebuild(cause, item) if cause else None
    if rebuilt is None:
        return OpenedMail(sent, None)
    notification, loading = rebuilt
    mail_context: MailContext = replace(loading, loads=False)
    latest = table.get(sent_key(mail_context.context.ticket.id, notification.to.digest))
    # An address that cannot be mailed is shown as written.
    address = render.mailable(notification.to.address) or "unreachable@invalid"
    raw = compose.compose(notification, mail_context, address, sent_before(latest))
    files = compose.files_of(notification, mail_context)
    return OpenedMail(sent, read_message(raw, ""), tuple(files.values()))


def _rebuild(event: Any, item: Item) -> tuple[Notification, MailContext] | None:
    if item["template"].startswith(asked.BROADCAST):
        return broadcasts.rebuild(event, item)
    return asked.rebuild(event, item)
