"""Decides what a mail becomes: a new ticket, or a message, a response or a note of its ticket. This
depends on the author and on how far the sender can be trusted (docs/osticket.md 4.3 and row O).
Nothing is written here.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape

from helpdesk import mail_ids, organizations, text
from helpdesk.errors import Banned
from helpdesk.mail.inbound.incoming import IncomingMail
from helpdesk.mail.inbound.thread import Match
from helpdesk.mail_syntax.addresses import Mailbox
from helpdesk.model.actor import SYSTEM
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import Body, EntryKind, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import LONGEST_NAME, NewPerson
from helpdesk.model.tickets import NewTicket
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key
from helpdesk.storage.person_items import folded, holder_key

MOST_RECIPIENTS = 200
"""Other recipients of one mail who join its ticket at most; the raw mail names them all."""

LONGEST_TYPE, LONGEST_CONTENT_ID = 100, 250
"""Characters of a file's media type and Content-ID that are kept."""


# --- an entry of a ticket -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Addition:
    """What a mail adds to a ticket."""

    kind: EntryKind
    entry: NewEntry


def as_entry(mail: IncomingMail, match: Match) -> Addition:
    """The mail as an entry of the ticket that it belongs to."""
    message = mail.message
    agent = mail.agent if _answers_as_agent(mail, match) else None
    if agent:
        return _from_agent(mail, agent)
    # A trusted sender is identified with a person; others are shown under the name they give.
    person = match.person
    if person is None:
        new = _new_entry(mail, _under_sender(message.body, mail.sender.mailbox))
        return Addition("message", new)
    by_owner = person.id == match.ticket.person
    new = replace(
        _new_entry(mail, message.body, by_owner=by_owner),
        person=person.id,
        poster=person.name or mail.name,
        # A reply to somebody else's mail was not written to the desk (docs/osticket.md 4.2).
        autorespond=mail.confirmable and not match.foreign,
        joins=not (match.takes_part or mail.automatic),
    )
    return Addition("message", new)


def _from_agent(mail: IncomingMail, agent: Agent) -> Addition:
    new = replace(_new_entry(mail, mail.message.body), agent=agent.id, poster=agent.name)
    if mail.automatic:
        return Addition("note", new)
    if note := _as_note(new.body):
        return Addition("note", replace(new, body=note))
    return Addition("response", new)


def _new_entry(mail: IncomingMail, body: Body, *, by_owner: bool = False) -> NewEntry:
    """The mail as an entry of an unknown author."""
    return NewEntry(
        body=body,
        poster=mail.name,
        source="Email",
        # A report needs no answer: the ticket's history shows what became of its mail.
        alert=mail.alerts and mail.message.report is None,
        reopens=not mail.automatic,
        files=tuple(map(_within_bounds, mail.message.files)),
        mail=_from_mail(mail, mail.message.quoted, by_owner=by_owner),
    )


def _answers_as_agent(mail: IncomingMail, match: Match) -> bool:
    """Whether the mail is an agent's reply to a mail that the desk sent to that agent, with a
    verified sender (docs/osticket.md, row O).
    """
    agent, signed = mail.agent, match.signed
    if agent is None or mail.suspicious or not mail.believed or not mail.authentic:
        return False
    if signed is None or signed.role != "S":
        return folded(match.sent_to) == mail.address
    return signed.to == agent.id or (signed.to == 0 and mail.from_admin)


_NOTE = "#note"


def _as_note(body: Body) -> Body | None:
    """The body without its first line, if that is `#note`; else None."""
    plain = text.as_plain(text.sanitize(body)[0])
    first = next(filter(None, map(str.strip, plain.splitlines())), "")
    if first.lower() != _NOTE:
        return None
    rest = re.sub(re.escape(_NOTE), "", body.text, count=1, flags=re.IGNORECASE)
    return replace(body, text=rest if body.format == "html" else rest.lstrip())


def _under_sender(body: Body, sender: Mailbox) -> Body:
    """The body preceded by a line that names its sender, who is not a participant."""
    address = f"<{sender.address}>" if sender.address else ""
    line = " ".join(["Received From:", *filter(None, (sender.name, address))])
    if body.format == "html":
        return replace(body, text=f"<p>{escape(line)}</p>\n{body.text}")
    return replace(body, text=f"{line}\n\n{body.text}")


# --- a new ticket ---------------------------------------------------------------------------


def as_ticket(mail: IncomingMail, found: Mapping[Key, Item]) -> NewTicket:
    """The mail as a new ticket. `found` are the items of `thread.first_keys`.

    Raises:
        Banned: the sender is unknown, and the desk accepts no mail from unknown senders.
    """
    message = mail.message
    _check_registered(mail, found)
    # A reply that opens a ticket is kept with its quote, which is its context; only the returned
    # mail of a bounce is cut.
    body = message.body
    if not message.bounce:
        body = replace(body, text=body.text + message.quoted)
    return NewTicket(
        requester=NewPerson(email=mail.sender.mailbox.address, name=mail.name),
        subject=message.subject,
        body=body,
        priority=_priority(mail),
        source="Email",
        alert=mail.alerts,
        autorespond=mail.confirmable,
        files=tuple(map(_within_bounds, message.files)),
        mail=_from_mail(mail, message.quoted if message.bounce else "", by_owner=True),
    )


def _check_registered(mail: IncomingMail, found: Mapping[Key, Item]) -> None:
    if (
        not mail.known.settings.accept_unregistered_email
        and "banned" not in mail.passed
        and holder_key(mail.address) not in found
        and not _has_organization(mail.address)
    ):
        raise Banned(mail.address)


def _has_organization(address: str) -> bool:
    """Whether an active organization has the address's domain."""
    domain = address.rpartition("@")[2]
    after: int | None = 0
    while domain and after is not None:
        listed, after = organizations.list_organizations(SYSTEM, after=after)
        if any(row.active and row.domain.lower() == domain for row in listed):
            return True
    return False


def _priority(mail: IncomingMail) -> int | None:
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


def _from_mail(mail: IncomingMail, quoted: str, *, by_owner: bool) -> FromMail:
    return FromMail(
        message_id=mail.record_id,
        raw=mail.raw_key,
        whole=mail.raw,
        identity=mail.identity,
        quoted=quoted,
        recipients=tuple(_recipients(mail)) if mail.known.settings.add_email_collabs else (),
        recipients_active=by_owner,
        suspicious=mail.suspicious,
        passed=mail.passed,
    )


def _recipients(mail: IncomingMail) -> list[NewPerson]:
    """The other recipients of the mail, if a person sent it to the desk (docs/osticket.md 4.3)."""
    message = mail.message
    boxes = (*message.to, *message.cc)
    reached = (*boxes, *message.delivered_to)
    addressed = mail.envelope.recipients or any(mail_ids.is_ours(one.address) for one in reached)
    if not addressed or mail.automatic or not mail.believed or mail.suspicious:
        return []
    staff = {folded(row.email) for row in mail.known.agents.values()}
    left_out = {*staff, mail.address, folded(os.environ["ADMIN_EMAIL"])}
    found: dict[str, NewPerson] = {}
    for box in boxes:
        address = folded(box.address)
        if address not in left_out and not mail_ids.is_ours(address):
            name = box.name[:LONGEST_NAME] or box.address
            found.setdefault(address, NewPerson(email=box.address, name=name))
    return list(found.values())[:MOST_RECIPIENTS]
