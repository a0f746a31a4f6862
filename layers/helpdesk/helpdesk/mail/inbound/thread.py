"""Finds the ticket that a mail belongs to (docs/osticket.md 4.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from helpdesk import mail_ids, mail_secret
from helpdesk.catalogue.rows import Catalogue
from helpdesk.errors import Duplicate
from helpdesk.mail.inbound.incoming import IncomingMail
from helpdesk.mail.parsing import mime
from helpdesk.mail.parsing.header_block import read_header
from helpdesk.mail.parsing.message import Message
from helpdesk.mail_ids import MailIdentity
from helpdesk.mail_syntax.headers import Header, message_ids
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.scope import visible
from helpdesk.storage import person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    MAIL_SECRET,
    Key,
    message_id_key,
    number_key,
    participant_key,
    ticket_key,
)
from helpdesk.storage.reading import readable, reference
from helpdesk.tickets import find

_HEADERS_ALONE = {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}

MOST_THREADS = 10
"""Most tickets referenced by a mail that are tried, the nearest first."""

_NUMBER = re.compile(r"#([A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?)")

_MAIL = "mail"
"""The attribute that only the records of the desk's own mails have: the key of the mail's item."""


# --- references in the mail -----------------------------------------------------------------


def first_keys(mail: IncomingMail) -> list[Key]:
    """The keys to read first: records of the Message-IDs that the mail names, its sender, the
    number in its subject, and the secret of the desk's own ids.
    """
    ids = (mail.record_id, *_answered_ids(mail.message))
    keys = [MAIL_SECRET, *map(record_key, ids)]
    if mail.actor.bound:
        keys.append(record_key(mail.private_id))
    if mail.address:
        keys.append(person_items.holder_key(mail.address))
    if number := _NUMBER.search(mail.message.subject):
        keys.append(number_key(number[1]))
    return keys


def record_key(message_id: str) -> Key:
    """The key of the record of a received or sent mail with this Message-ID."""
    return message_id_key(mail_ids.digest(message_id))


def _answered_ids(message: Message) -> list[str]:
    """The Message-IDs that the mail replies to, the nearest first."""
    ids = [*message.in_reply_to, *reversed(message.references)]
    if message.bounce or message.report:
        # The returned mail names its references; the report itself replies to nothing.
        for header in returned_headers(message):
            ids += message_ids([header.first("message-id")])
            ids += reversed(message_ids(header.all("references")))
    # Without the mail's own id, which other mails may have, too.
    return [one for one in dict.fromkeys(ids) if one != message.message_id]


def returned_headers(message: Message) -> Iterator[Header]:
    """The headers of the mails that a report returns, in full or as headers only."""
    for file in message.files:
        if file.type in mime.MESSAGES or file.type in _HEADERS_ALONE:
            yield read_header(file.data)


def _signed_identities(mail: IncomingMail, found: Mapping[Key, Item]) -> list[MailIdentity]:
    """The ids signed by the desk: those in References first, then those in addresses."""
    secret = mail_secret.read(found)
    if not secret:
        return []
    message = mail.message
    boxes = (*message.to, *message.cc, *message.delivered_to)
    addresses = (*(box.address for box in boxes), *mail.envelope.recipients)
    named = [one.strip("<>").partition("@")[0] for one in _answered_ids(message)]
    named += [a.partition("@")[0].rpartition("+")[2] for a in addresses if mail_ids.is_ours(a)]
    return [signed for one in named if (signed := mail_ids.verify(one, secret))]


def find_own_mail(mail: IncomingMail, found: Mapping[Key, Item]) -> Duplicate | None:
    """The ticket of the desk's own mail that came back; None for other mail. The mail is recognised
    by its SES id, or by what the desk wrote into it before that id was known (docs/osticket.md
    4.4). `found` are the items of `first_keys`.
    """
    record = found.get(record_key(mail.record_id))
    if record and _MAIL in record:
        return Duplicate(record["ticket"])
    if mail_ids.is_ours(mail.address) and (signed := _signed_identities(mail, found)):
        return Duplicate(signed[0].ticket)
    return None


# --- the ticket -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket that a mail belongs to.

    `person` is the sender, if known and trusted; `takes_part` tells whether they are a participant.
    `signed` is the desk's own id by which the ticket was found; `sent_to` is the staff address that
    got the answered mail, if it was found by SES's id. `foreign` tells that the ticket was found
    only by the Message-ID of somebody else's mail.
    """

    ticket: Ticket
    person: Person | None
    takes_part: bool
    signed: MailIdentity | None
    sent_to: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A ticket that a mail references, and by what."""

    ticket: int
    signed: MailIdentity | None = None
    sent_to: str = ""
    foreign: bool = False
    by_number: bool = False


def find_thread(mail: IncomingMail, found: Mapping[Key, Item]) -> Match | None:
    """The first ticket that the mail references and this actor sees, if it accepts mail; else None.
    In this order: an id signed by the desk, the SES id of one of the desk's mails, the id of a
    received mail, the number in the subject if the sender is a participant. A merged ticket is
    replaced by its merge target. `found` are the items of `first_keys`.
    """
    if mail_ids.is_ours(mail.address) and "loop" not in mail.passed:
        return None
    person = _known_sender(mail, found)
    candidates = _candidates(mail, person, found)
    items = _fetch([candidate.ticket for candidate in candidates], person)
    for candidate in candidates:
        item = items.get(ticket_key(candidate.ticket))
        ticket = next(readable(ticket_items.as_ticket, [item] if item else []), None)
        if ticket is None or not visible(mail.actor, ticket):
            continue
        takes_part = _takes_part(ticket, person, items)
        if candidate.by_number and not takes_part:
            return None
        if ticket.merged_into is not None:
            # Participants of a merged ticket continue in the ticket that has its thread now.
            ticket = find.follow_merges(ticket)
            if not visible(mail.actor, ticket):
                continue
        match = Match(
            ticket, person, takes_part, candidate.signed, candidate.sent_to, candidate.foreign
        )
        return match if _takes_mail(ticket, mail.known) else None
    return None


def _known_sender(mail: IncomingMail, found: Mapping[Key, Item]) -> Person | None:
    if not (mail.address and mail.believed):
        return None
    item = found.get(person_items.holder_key(mail.address))
    return next(readable(person_items.as_person, [item] if item else []), None)


def _candidates(
    mail: IncomingMail, person: Person | None, found: Mapping[Key, Item]
) -> list[_Candidate]:
    ids = _answered_ids(mail.message)
    named = [record for one in ids if (record := found.get(record_key(one)))]
    records = [record for record in named if reference(record, "ticket") is not None]
    number = _number_holder(mail, person, found)
    return [
        *(_Candidate(signed.ticket, signed) for signed in _signed_identities(mail, found)),
        *(_Candidate(one["ticket"], sent_to=_staff_of(one)) for one in records if _MAIL in one),
        *(_Candidate(one["ticket"], foreign=True) for one in records if _MAIL not in one),
        *([_Candidate(number, by_number=True)] if number else []),
    ]


def _staff_of(record: Item) -> str:
    """The address to which a mail of the desk was sent, if it is that of staff."""
    return str(record.get("to", "")) if record.get("role") == "S" else ""


def _number_holder(
    mail: IncomingMail, person: Person | None, found: Mapping[Key, Item]
) -> int | None:
    number = _NUMBER.search(mail.message.subject)
    if number is None or person is None or mail.suspicious:
        return None
    return ticket_items.number_holder(dict(found), number[1])


def _fetch(numbers: Sequence[int], person: Person | None) -> dict[Key, Item]:
    keys: list[Key] = []
    for number in list(dict.fromkeys(numbers))[:MOST_THREADS]:
        keys.append(ticket_key(number))
        if person:
            keys.append(participant_key(number, person.id))
    return table.fetch(keys)


def _takes_part(ticket: Ticket, person: Person | None, items: Mapping[Key, Item]) -> bool:
    if person is None:
        return False
    return ticket.person == person.id or participant_key(ticket.id, person.id) in items


def _takes_mail(ticket: Ticket, known: Catalogue) -> bool:
    status = known.statuses.get(ticket.status)
    return status is not None and (
        status.state == "open" or (status.state == "closed" and status.reopens)
    )
