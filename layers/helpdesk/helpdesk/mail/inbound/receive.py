"""Turns a mail into a ticket or an entry, or into nothing if it was received before. The operation
is the same for mail from SES and from `POST /api/tickets.email` (docs/mail.md): `thread` finds the
ticket that the mail belongs to, `decide` determines what it becomes, and this module writes it
(docs/osticket.md 4.2 to 4.4 and row O).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from helpdesk import mail_ids
from helpdesk.addresses import is_banned
from helpdesk.catalogue import cache
from helpdesk.errors import Banned, ChangedUnderYou, Duplicate, Merged, NotAllowed, NotFound
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.inbound import decide, reported, thread
from helpdesk.mail.inbound.incoming import Envelope, IncomingMail
from helpdesk.mail.inbound.thread import Match
from helpdesk.mail.parsing.message import read_message
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry
from helpdesk.scope import visible
from helpdesk.storage import person_items, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, entry_key, entry_pointer_key, ticket_key
from helpdesk.storage.reading import readable, reading
from helpdesk.tickets import create, threads


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mail became.

    `number` is that of its ticket; empty for a loop whose ticket is gone. `kept` tells whether an
    entry names the S3 key of the raw mail. `ticket` and `entry` are ids; 0 for a loop.
    """

    kind: Literal["opened", "added", "duplicate", "loop"]
    number: str
    kept: bool = True
    ticket: int = 0
    entry: int = 0


_MOST_ATTEMPTS = 3
"""Attempts for a mail whose id is written concurrently by another mail."""


def receive(
    actor: Actor,
    raw: bytes,
    envelope: Envelope,
    raw_key: str,
    once: IdempotencyRecord | None = None,
    *,
    passed: frozenset[str] = frozenset(),
) -> Outcome:
    """Processes a mail of any bytes; no content is an error. `raw_key` is the S3 key of the raw
    mail, `once` records the number of the ticket, `passed` is as in `IncomingMail`.

    Raises:
        Banned, TooManyOpen: the desk accepts no mail from this sender, or no more for now.
        NotAllowed, NotFound: the key is bound, and may not see or do this.
        AlreadyAnswered, KeyReused, ChangedUnderYou.
    """
    known = cache.current()
    settings = known.settings
    message = read_message(raw, settings.reply_separator if settings.strip_quoted_reply else "")
    came = IncomingMail(actor, raw, message, envelope, raw_key, known, passed=passed)
    for _ in range(_MOST_ATTEMPTS):
        found = table.fetch(thread.first_keys(came))
        _check_customer(came, found)
        reported.take_in(came, found)
        mail, before = _received_before(came, found)
        if before:
            if actor.bound and not before.number:
                raise NotFound("ticket")
            return before
        banned = mail.address and is_banned(mail.address, settings.ban_list)
        if banned and "banned" not in passed:
            raise Banned(mail.address)
        # If it was written concurrently, the next attempt finds it.
        with suppress(Duplicate):
            return _write(mail, found, once)
    raise ChangedUnderYou


def _check_customer(mail: IncomingMail, found: Mapping[Key, Item]) -> None:
    """Refuses a customer's key for mail of others."""
    sender = found.get(person_items.holder_key(mail.address), {}).get("id")
    if mail.actor.customer is not None and sender != mail.actor.customer:
        raise NotAllowed("can_act_for_others")


# --- deduplication --------------------------------------------------------------------------


def _received_before(
    mail: IncomingMail, found: Mapping[Key, Item]
) -> tuple[IncomingMail, Outcome | None]:
    """The mail with the id under which it is recorded, and its outcome if it was received before.
    If a bound key may not see the ticket, the outcome has no number; and mail other than the desk's
    own is then recorded privately for the key, so that it does not learn that the mail is known.
    """
    mail, before = _outcome_before(mail, found)
    hidden = before is not None and mail.actor.bound and not before.number
    if hidden and not mail_ids.is_ours(mail.address):
        return _outcome_before(mail.as_private(), found)
    return mail, before


def _outcome_before(
    mail: IncomingMail, found: Mapping[Key, Item]
) -> tuple[IncomingMail, Outcome | None]:
    if "loop" not in mail.passed and (loop := thread.find_own_mail(mail, found)):
        return mail, Outcome("loop", _visible_number(mail.actor, loop), kept=False)
    record = _record(mail, found)
    if record and record.get("identity") != mail.identity:
        # Some senders use the same Message-ID for all their mails.
        mail = mail.apart()
        record = _record(mail, found)
    if record is None:
        return mail, None
    with reading("mail record", record):
        ticket = Duplicate(int(record["ticket"]), str(record["number"]))
        written = int(record["entry"])
    number = _visible_number(mail.actor, ticket)
    entry = _entry(ticket.ticket, written)
    kept = entry.get("raw") == mail.raw_key
    return mail, Outcome("duplicate", number, kept, ticket=ticket.ticket, entry=written)


def _record(mail: IncomingMail, found: Mapping[Key, Item]) -> Item | None:
    key = thread.record_key(mail.record_id)
    # The records of the Message-ID and of a bound key's private id have been fetched.
    return found[key] if key in found else table.get(key) if mail.recorded_as else None


def _entry(ticket: int, entry: int) -> Item:
    """The item of an entry, which a merge may have moved to another ticket."""
    if item := table.get(entry_key(ticket, entry)):
        return item
    pointer = table.get(entry_pointer_key(entry)) or {"ticket": ticket}
    return table.get(entry_key(pointer["ticket"], entry)) or {}


def _visible_number(actor: Actor, duplicate: Duplicate) -> str:
    item = table.get(ticket_key(duplicate.ticket))
    if item is None:
        return "" if actor.bound else duplicate.number
    ticket = next(readable(ticket_items.as_ticket, [item]), None)
    if ticket is None:
        return "" if actor.bound else duplicate.number
    return ticket.number if visible(actor, ticket) else ""


# --- writing --------------------------------------------------------------------------------


def _write(
    mail: IncomingMail, found: Mapping[Key, Item], once: IdempotencyRecord | None
) -> Outcome:
    """Writes the ticket or entry. Raises Duplicate if the mail was written meanwhile."""
    for _ in transact.attempts():
        match = thread.find_thread(mail, found)
        if match is None:
            ticket = create.open_ticket(mail.actor, decide.as_ticket(mail, found), once)
            return Outcome("opened", ticket.number, ticket=ticket.id, entry=ticket.entries[0])
        with suppress(Merged):
            # Merged concurrently: the mail goes to the merge target.
            entry = _add(mail, match, _of_ticket(match, once))
            number = match.ticket.number
            return Outcome("added", number, ticket=match.ticket.id, entry=entry.id)
    raise ChangedUnderYou


def _add(mail: IncomingMail, match: Match, once: IdempotencyRecord | None) -> Entry:
    addition = decide.as_entry(mail, match)
    add = {
        "message": threads.add_message,
        "response": threads.add_response,
        "note": threads.add_note,
    }[addition.kind]
    return add(mail.actor, match.ticket.id, addition.entry, once)


def _of_ticket(match: Match, once: IdempotencyRecord | None) -> IdempotencyRecord | None:
    """The idempotency record with the ticket as its result, since the answer is the ticket's number
    even if the mail becomes an entry.
    """
    if once is None:
        return None
    answer = once.answer
    return replace(once, answer=lambda _: answer(match.ticket))
