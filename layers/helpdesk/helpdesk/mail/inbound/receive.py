"""What becomes of a mail: a ticket, an entry of one, or nothing because it was here before.

The same operation whether SES brings a mail or `POST /api/tickets.email` (docs/mail.md). The rules
are docs/osticket.md 4.2 to 4.4 and row O: how a mail finds its thread, and what it becomes there
depends on who wrote it and on how far that can be believed.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape
from typing import Literal

from helpdesk import mail_ids, organizations, text
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.errors import Banned, ChangedUnderYou, Duplicate, NotAllowed, NotFound
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.parsing import mime
from helpdesk.mail.parsing.headers import Header, Mailbox, mailboxes, message_ids
from helpdesk.mail.parsing.message import Message, read_message
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import Body, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import NewPerson, Person
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.scope import visible
from helpdesk.storage import person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    MAIL_SECRET,
    Key,
    entry_key,
    message_id_key,
    number_key,
    participant_key,
    ticket_key,
)
from helpdesk.tickets import create, entries, threads

MOST_RECIPIENTS = 200
"""Other recipients of one mail who join its ticket; the mail itself names them all."""

MOST_THREADS = 10
"""Tickets that one mail may refer to; the nearest are looked at."""

LONGEST_TYPE, LONGEST_CONTENT_ID = 100, 250
"""Characters of what a mail says of a file that are kept."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What SES found out about a mail: PASS, FAIL, GRAY, PROCESSING_FAILED; empty for unknown."""

    spam: str = ""
    virus: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail came: from whom (for SPF), to whom, and what is to be thought of it."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    verdicts: Verdicts = Verdicts()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mail became. The number is that of the ticket it belongs to, empty where a loop's is
    gone. `kept` tells whether an entry names the place of the whole mail; `another`, of a
    duplicate, that it says something else than the mail before it: some senders give all their
    mails the same Message-ID.
    """

    kind: Literal["opened", "added", "duplicate", "loop"]
    number: str
    kept: bool = True
    another: bool = False


def receive(
    actor: Actor, raw: bytes, envelope: Envelope, place: str, once: IdempotencyRecord | None = None
) -> Outcome:
    """Takes in a mail of any bytes. `place` is the S3 key under which the whole mail is kept;
    `once` records the number of the ticket.

    Errors: Banned, TooManyOpen, NotAllowed and NotFound (a bound key), AlreadyAnswered, KeyReused,
    ChangedUnderYou, Throttled, Unavailable. Nothing of a mail itself is an error.
    """
    known = cache.current()
    settings = known.settings
    message = read_message(raw, settings.reply_separator if settings.strip_quoted_reply else "")
    mail = _Mail(actor, raw, message, envelope, place, known)
    found = table.fetch(_first_keys(mail))
    _check_sender(mail, found)
    before = _before(mail, found)
    hidden = before is not None and actor.bound and not before.number
    if hidden and not mail_ids.is_ours(mail.address):
        mail = mail.apart()
        before = _before(mail, found)
    if before:
        if actor.bound and not before.number:
            raise NotFound("ticket")
        return before
    if message.sender.address and person_items.folded(message.sender.address) in settings.ban_list:
        raise Banned(person_items.folded(message.sender.address))
    try:
        match = _find_thread(mail, found)
        if match is None:
            ticket = create.open_ticket(actor, _new_ticket(mail, found), once)
            return Outcome("opened", ticket.number)
        _add(mail, match, once)
    except Duplicate as duplicate:
        # One came at this moment. Where it came to others, the next attempt goes apart from theirs.
        before = _before(mail, table.fetch(_first_keys(mail)))
        if before and before.number:
            return before
        raise ChangedUnderYou from duplicate
    return Outcome("added", match.ticket.number)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail with all that is known of it before anything is looked up."""

    actor: Actor
    raw: bytes
    message: Message
    envelope: Envelope
    place: str
    known: Catalogue

    @property
    def address(self) -> str:
        """The sender's address, folded; empty for nobody."""
        return person_items.folded(self.message.sender.address)

    @property
    def name(self) -> str:
        """How the sender is called."""
        return self.message.sender.name[: entries.LONGEST_NAME] or self.message.sender.address

    @property
    def suspicious(self) -> str:
        """What is wrong with the mail; empty for nothing."""
        verdicts = self.envelope.verdicts
        found = {"spam": verdicts.spam, "dmarc": verdicts.dmarc}
        return ", ".join(name for name, verdict in found.items() if verdict == "FAIL")

    @property
    def believed(self) -> bool:
        """Whether the sender may be who they say: nothing speaks against it."""
        wrapper = self.message.wrapper
        # What was forwarded as a whole was checked for the one who forwarded it.
        own = wrapper is None or person_items.folded(wrapper.address) == self.address
        # Of several senders nobody can tell whose domain was asked (RFC 7489, 6.6.1).
        lines = self.message.header.all("from")
        named = {person_items.folded(box.address) for line in lines for box in mailboxes(line)}
        alone = named - {""} == {self.address}
        return bool(self.address) and own and alone and self.envelope.verdicts.dmarc != "FAIL"

    @property
    def automatic(self) -> bool:
        """Whether a machine wrote it."""
        return self.message.bounce or self.message.auto_reply

    @property
    def confirmable(self) -> bool:
        """Whether a machine may answer. To whom a list has sent it, its sender does not know
        (RFC 3834, 2).
        """
        listed = self.message.header.first("list-id")
        return not (self.automatic or self.suspicious or listed)

    @property
    def agent(self) -> Agent | None:
        """The agent with the sender's address."""
        rows = self.known.agents.values()
        found = (
            row for row in rows if row.active and person_items.folded(row.email) == self.address
        )
        return next(found, None) if self.address else None

    @property
    def said(self) -> str:
        """What stands for all that the mail says, whatever way it came."""
        message = self.message
        told = (self.address, message.subject, message.text, message.html)
        files = (sha256(file.data).digest() for file in message.files)
        parts = (*(sha256(words.encode(errors="replace")).digest() for words in told), *files)
        return sha256(b"".join(parts)).hexdigest()[:32]

    @property
    def own_id(self) -> str:
        """The Message-ID under which a key has this mail for itself."""
        told = f"{self.actor.key} {self.message.message_id}"
        return f"<{sha256(told.encode()).hexdigest()}@local>"

    def apart(self) -> "_Mail":
        """The mail as one that only this key knows. What it may not see must not show, not even by
        a mail that is known already.
        """
        return replace(self, message=replace(self.message, message_id=self.own_id))

    @property
    def from_staff(self) -> bool:
        """Whether staff has the sender's address."""
        return self.agent is not None or (
            bool(self.address) and self.address == person_items.folded(os.environ["ADMIN_EMAIL"])
        )


def _check_sender(mail: _Mail, found: Mapping[Key, Item]) -> None:
    """A customer's key brings that customer's mail only. Errors: NotAllowed."""
    sender = found.get(person_items.holder_key(mail.address), {}).get("id")
    if mail.actor.customer is not None and sender != mail.actor.customer:
        raise NotAllowed("can_act_for_others")


def _before(mail: _Mail, found: Mapping[Key, Item]) -> Outcome | None:
    """What a mail that came before has become, or one of the desk's own that came back; without a
    number where this key may not see its ticket.
    """
    if loop := _own_mail(mail, found):
        return Outcome("loop", _number(mail.actor, loop), kept=False)
    if mark := found.get(_mark_key(mail.message.message_id)):
        seen = Duplicate(mark["ticket"], mark["number"])
        entry = table.get(entry_key(mark["ticket"], mark["entry"])) or {}
        kept = entry.get("raw") == mail.place
        another = not kept and mark.get("said", mail.said) != mail.said
        return Outcome("duplicate", _number(mail.actor, seen), kept=kept, another=another)
    return None


def _number(actor: Actor, duplicate: Duplicate) -> str:
    item = table.get(ticket_key(duplicate.ticket))
    if item is None:
        return "" if actor.bound else duplicate.number
    ticket = ticket_items.as_ticket(item)
    return ticket.number if visible(actor, ticket) else ""


# --- what must be known ---------------------------------------------------------------------

_NUMBER = re.compile(r"#([A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?)")


def _first_keys(mail: _Mail) -> list[Key]:
    keys = [MAIL_SECRET, *(_mark_key(one) for one in (mail.message.message_id, *_ids(mail)))]
    if mail.actor.bound:
        keys.append(_mark_key(mail.own_id))
    if mail.address:
        keys.append(person_items.holder_key(mail.address))
    if number := _NUMBER.search(mail.message.subject):
        keys.append(number_key(number[1]))
    return keys


_MAILED = "mail"
"""What only the marks of the desk's own mail have: which mail it was."""


def _mark_key(message_id: str) -> Key:
    return message_id_key(mail_ids.digest(message_id))


def _ids(mail: _Mail) -> list[str]:
    """The ids that the mail answers to, the nearest first."""
    message = mail.message
    ids = [*message.in_reply_to, *reversed(message.references)]
    if message.bounce:
        # What was returned says what it was; the report itself answers to nothing.
        for header in _returned(message):
            ids += message_ids([header.first("message-id")])
            ids += reversed(message_ids(header.all("references")))
    return list(dict.fromkeys(ids))


def _returned(message: Message) -> Iterator[Header]:
    for file in message.files:
        if file.type in mime.MESSAGES or file.type == "text/rfc822-headers":
            yield mime.read_header(file.data)


def _signed(mail: _Mail, found: Mapping[Key, Item]) -> list[MailIdentity]:
    """The ids that the desk has signed, in References first, then in addresses."""
    secret = found.get(MAIL_SECRET, {}).get("secret", "")
    message = mail.message
    boxes = (*message.to, *message.cc, *message.delivered_to)
    addresses = (*(box.address for box in boxes), *mail.envelope.recipients)
    written = [one.strip("<>").partition("@")[0] for one in _ids(mail)]
    written += [a.partition("@")[0].rpartition("+")[2] for a in addresses if mail_ids.is_ours(a)]
    if not secret:
        return []
    return [signed for one in written if (signed := mail_ids.verify(one, secret))]


def _own_mail(mail: _Mail, found: Mapping[Key, Item]) -> Duplicate | None:
    """The desk's own mail that came back: known by the id that SES gave it, or by what the desk
    wrote into it before SES had told that id (docs/osticket.md 4.4).
    """
    mark = found.get(_mark_key(mail.message.message_id))
    if mark and _MAILED in mark:
        return Duplicate(mark["ticket"])
    if mail_ids.is_ours(mail.address) and (signed := _signed(mail, found)):
        return Duplicate(signed[0].ticket)
    return None


# --- the thread it belongs to ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Match:
    """The ticket that a mail belongs to, who wrote it, and to whom the mail before it went."""

    ticket: Ticket
    person: Person | None
    takes_part: bool
    signed: MailIdentity | None
    sent_to: str = ""


def _find_thread(mail: _Mail, found: Mapping[Key, Item]) -> _Match | None:
    """The first that the mail names and that can take it (docs/osticket.md 4.2).

    In this order: an id that the desk signed, an id that SES gave to one of the desk's mails, an
    id of a mail that came in, the number in the subject from somebody who takes part.
    """
    if mail_ids.is_ours(mail.address):
        return None
    marks = [mark for one in _ids(mail) if (mark := found.get(_mark_key(one)))]
    sent = [mark for mark in marks if _MAILED in mark]
    item = found.get(person_items.holder_key(mail.address)) if mail.address else None
    person = person_items.as_person(item) if item and mail.believed else None
    named: list[tuple[int, MailIdentity | None, str]] = [
        *((signed.ticket, signed, "") for signed in _signed(mail, found)),
        *((mark["ticket"], None, _staff_of(mark)) for mark in sent),
        *((mark["ticket"], None, "") for mark in marks if _MAILED not in mark),
    ]
    by_number = _by_number(mail, person, found)
    if by_number:
        named.append((by_number, None, ""))
    there = _look_up([ticket for ticket, _, _ in named], person)
    for place, (number, signed, sent_to) in enumerate(named):
        item = there.get(ticket_key(number))
        if item is None or not visible(mail.actor, ticket := ticket_items.as_ticket(item)):
            continue
        part = _takes_part(ticket, person, there)
        if by_number and place == len(named) - 1 and not part:
            return None
        match = _Match(ticket, person, part, signed, sent_to)
        return match if _takes_mail(ticket, mail.known) else None
    return None


def _staff_of(mark: Item) -> str:
    """The address to which a mail of the desk's went, where that is staff's."""
    return str(mark.get("to", "")) if mark.get("role") == "S" else ""


def _by_number(mail: _Mail, person: Person | None, found: Mapping[Key, Item]) -> int | None:
    number = _NUMBER.search(mail.message.subject)
    if number is None or person is None or mail.suspicious:
        return None
    return ticket_items.number_holder(dict(found), number[1])


def _look_up(numbers: Sequence[int], person: Person | None) -> dict[Key, Item]:
    keys: list[Key] = []
    for number in list(dict.fromkeys(numbers))[:MOST_THREADS]:
        keys.append(ticket_key(number))
        if person:
            keys.append(participant_key(number, person.id))
    return table.fetch(keys)


def _takes_part(ticket: Ticket, person: Person | None, there: Mapping[Key, Item]) -> bool:
    if person is None:
        return False
    return ticket.person == person.id or participant_key(ticket.id, person.id) in there


def _takes_mail(ticket: Ticket, known: Catalogue) -> bool:
    status = known.statuses.get(ticket.status)
    return status is not None and (
        status.state == "open" or (status.state == "closed" and status.reopens)
    )


# --- what it becomes there ------------------------------------------------------------------


def _add(mail: _Mail, match: _Match, once: IdempotencyRecord | None) -> None:
    message, ticket = mail.message, match.ticket
    if once:
        # The answer is the ticket's, whatever the operation gives.
        of_ticket = once.answer
        once = replace(once, answer=lambda _: of_ticket(ticket))
    body = message.body
    agent = mail.agent if _is_from_agent(mail, match) else None
    # Whoever can be believed is somebody; the others are whoever they say they are.
    person = match.person if agent is None else None
    if agent is None and person is None:
        body = _from_stranger(body, message.sender)
    new = NewEntry(
        body=body,
        person=person.id if person else None,
        agent=agent.id if agent else None,
        poster=agent.name if agent else (person.name if person else "") or mail.name,
        source="Email",
        alert=not (message.bounce or (mail.automatic and mail.from_staff)),
        autorespond=person is not None and mail.confirmable,
        automatic=mail.automatic,
        joins=person is not None and not (match.takes_part or mail.automatic),
        files=tuple(map(_within_bounds, message.files)),
        mail=_from_mail(
            mail, message.quoted, by_owner=person is not None and person.id == ticket.person
        ),
    )
    actor = mail.actor
    if agent is None:
        threads.add_message(actor, ticket.id, new, once)
    elif noted := (body if mail.automatic else _as_note(body)):
        threads.add_note(actor, ticket.id, replace(new, body=noted), once)
    else:
        threads.add_response(actor, ticket.id, new, once)


def _is_from_agent(mail: _Mail, match: _Match) -> bool:
    """Whether an agent answers to a mail that the desk has sent to them, and it is surely them
    (docs/osticket.md, row O).
    """
    agent, signed = mail.agent, match.signed
    if agent is None or mail.suspicious or not mail.believed or not _is_authentic(mail):
        return False
    if signed is None or signed.role != "S":
        return person_items.folded(match.sent_to) == mail.address
    return signed.to == agent.id or (signed.to == 0 and mail.from_staff and _is_admin(mail))


def _is_admin(mail: _Mail) -> bool:
    return mail.address == person_items.folded(os.environ["ADMIN_EMAIL"])


def _is_authentic(mail: _Mail) -> bool:
    """Whether SPF or DKIM has passed for the domain of the sender's own address, as DMARC asks."""
    verdicts, domain = mail.envelope.verdicts, mail.address.rpartition("@")[2]
    if verdicts.dmarc == "PASS":
        return True
    if verdicts.spf == "PASS" and _belongs(mail.envelope.sender.rpartition("@")[2], domain):
        return True
    # The first is SES's own; whatever a sender wrote stands below it.
    results = mail.message.header.first("authentication-results")
    signers = re.findall(r"dkim=pass header\.i=\S*?@([^\s;]+)", results)
    trusted = results.startswith("amazonses.com;") and verdicts.dkim == "PASS"
    return trusted and any(_belongs(signer, domain) for signer in signers)


def _belongs(checked: str, domain: str) -> bool:
    checked = checked.lower()
    return checked == domain or checked.endswith(f".{domain}")


_NOTE = "#note"


def _as_note(body: Body) -> Body | None:
    """The body without its first line, where that says `#note`; None where it does not."""
    first = next(filter(None, map(str.strip, _plain(body).splitlines())), "")
    if first.lower() != _NOTE:
        return None
    rest = re.sub(re.escape(_NOTE), "", body.text, count=1, flags=re.IGNORECASE)
    return replace(body, text=rest if body.format == "html" else rest.lstrip())


def _plain(body: Body) -> str:
    return text.as_plain(text.sanitize(body)[0])


def _from_stranger(body: Body, sender: Mailbox) -> Body:
    """The body under a line that says who sent it: nobody whom the desk knows there."""
    address = f"<{sender.address}>" if sender.address else ""
    who = " ".join(["Received From:", *filter(None, (sender.name, address))])
    if body.format == "html":
        return replace(body, text=f"<p>{escape(who)}</p>\n{body.text}")
    return replace(body, text=f"{who}\n\n{body.text}")


# --- a new ticket ---------------------------------------------------------------------------


def _new_ticket(mail: _Mail, found: Mapping[Key, Item]) -> NewTicket:
    message, settings = mail.message, mail.known.settings
    if (
        not settings.accept_unregistered_email
        and person_items.holder_key(mail.address) not in found
        and not _has_organization(mail.address)
    ):
        raise Banned(mail.address)
    # Whoever opens a ticket by answering to something tells the whole story by it; only what a
    # bounce returns is none.
    body = message.body
    if not message.bounce:
        body = replace(body, text=body.text + message.quoted)
    return NewTicket(
        requester=NewPerson(email=mail.address, name=mail.name),
        subject=message.subject,
        body=body,
        priority=_priority(mail),
        source="Email",
        alert=not (message.bounce or (mail.automatic and mail.from_staff)),
        autorespond=mail.confirmable,
        files=tuple(map(_within_bounds, message.files)),
        mail=_from_mail(mail, message.quoted if message.bounce else "", by_owner=True),
    )


def _has_organization(address: str) -> bool:
    """Whether an organization takes in people of this address's domain."""
    domain = address.rpartition("@")[2]
    after: int | None = 0
    while domain and after is not None:
        listed, after = organizations.list_organizations(SYSTEM, after=after)
        if any(row.active and row.domain.lower() == domain for row in listed):
            return True
    return False


def _priority(mail: _Mail) -> int | None:
    importance = mail.message.importance
    if not importance or not mail.known.settings.use_email_priority:
        return None
    rows = mail.known.priorities.values()
    return next((row.id for row in rows if row.tag == importance), None)


# --- files and other recipients -------------------------------------------------------------


def _within_bounds(file: NewFile) -> NewFile:
    kind = file.type if len(file.type) <= LONGEST_TYPE else "application/octet-stream"
    content_id = file.content_id if len(file.content_id) <= LONGEST_CONTENT_ID else ""
    return replace(file, type=kind, content_id=content_id)


def _from_mail(mail: _Mail, quoted: str, *, by_owner: bool) -> FromMail:
    return FromMail(
        message_id=mail.message.message_id,
        raw=mail.place,
        whole=mail.raw,
        said=mail.said,
        quoted=quoted,
        recipients=tuple(_recipients(mail)) if mail.known.settings.add_email_collabs else (),
        recipients_active=by_owner,
        suspicious=mail.suspicious,
    )


def _recipients(mail: _Mail) -> list[NewPerson]:
    """Who else the mail went to, where a person sent it to the desk (docs/osticket.md 4.3)."""
    message = mail.message
    boxes = (*message.to, *message.cc)
    reached = (*boxes, *message.delivered_to)
    addressed = mail.envelope.recipients or any(mail_ids.is_ours(one.address) for one in reached)
    if not addressed or mail.automatic or not mail.believed or mail.suspicious:
        return []
    staff = {person_items.folded(row.email) for row in mail.known.agents.values()}
    left_out = {*staff, mail.address, person_items.folded(os.environ["ADMIN_EMAIL"])}
    found: dict[str, NewPerson] = {}
    for box in boxes:
        address = person_items.folded(box.address)
        if address not in left_out and not mail_ids.is_ours(address):
            name = box.name[: entries.LONGEST_NAME] or box.address
            found.setdefault(address, NewPerson(email=address, name=name))
    return list(found.values())[:MOST_RECIPIENTS]
