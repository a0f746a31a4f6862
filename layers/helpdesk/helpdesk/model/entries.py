"""Entries: messages, responses and notes of a ticket's thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from helpdesk.model.files import Attachment, NewFile
from helpdesk.model.people import NewPerson

Format = Literal["text", "html", "markdown"]
EntryKind = Literal["message", "response", "note"]
Sender = Literal["agent", "customer", "system"]


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an entry as sent, and its format (docs/osticket.md, row N)."""

    text: str
    format: Format = "text"


NOTE = "note"
"""The channel of entries that are no communication: nobody was addressed or expects an answer."""


@dataclass(frozen=True, slots=True)
class EntryHeaders:
    """The headers of an entry, as texts: what a mail program would show above it."""

    sender: str = ""
    to: str = ""
    cc: str = ""
    reply_to: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of a thread: a person's message, an agent's response or an internal note.

    HTML bodies are stored cleaned; text bodies as sent. `person` or `agent` is the author. The
    quoted part of a mail is in `quoted`, in the body's format, and shown only on request; `raw` is
    the S3 key of the raw mail, which is kept for some months.

    The kind alone decides who may see it: notes are internal. `channel` is the medium (`email`,
    `phone`, `web`, `note`, ...), `sender` the role of its author; if empty, both are derived from
    the kind (`channel_of`, `sender_of`). `created_by` is who entered it, if not the author.
    `preferences` are a caller's own values. `message_id` is that of the mail by which it was
    received, `mailed` that of the first mail by which it was sent.
    """

    id: int
    ticket: int
    kind: EntryKind
    body: Body
    poster: str
    created: datetime
    title: str = ""
    person: int | None = None
    agent: int | None = None
    source: str = ""
    message_id: str = ""
    attachments: tuple[Attachment, ...] = ()
    quoted: str = ""
    raw: str = ""
    channel: str = ""
    sender: Sender | Literal[""] = ""
    headers: EntryHeaders = EntryHeaders()
    created_by: int | None = None
    updated_by: int | None = None
    updated: datetime | None = None
    preferences: Mapping[str, object] = field(default_factory=dict)
    time_unit: str = ""
    mailed: str = ""

    @property
    def internal(self) -> bool:
        """Whether only staff may see it."""
        return self.kind == "note"


_CHANNELS = {"email": "email", "phone": "phone"}


def channel_of(entry: Entry) -> str:
    """The channel of an entry; by default as in osTicket: notes are notes, responses were sent by
    mail, messages came by their source.
    """
    if entry.channel:
        return entry.channel
    if entry.kind == "note":
        return NOTE
    if entry.kind == "response":
        return "email"
    return _CHANNELS.get(entry.source.lower(), "web")


def sender_of(entry: Entry) -> Sender:
    """The role of an entry's author."""
    return entry.sender or ("customer" if entry.kind == "message" else "agent")


@dataclass(frozen=True, slots=True)
class FromMail:
    """The mail data of a ticket or an entry that was mailed.

    `quoted` was cut from the body and has its format; `raw` is the S3 key of the raw mail, which
    itself is in `whole`. `identity` is a digest of sender, date and subject, which distinguishes
    mails with the same Message-ID. `recipients` are the other recipients: active ones get
    responses. `suspicious` tells what is wrong with the mail, such as `spam`; it is shown in the
    ticket. `passed` names the rules from which it is exempt: `banned`, `too_many_open`.
    """

    message_id: str
    raw: str
    whole: bytes
    identity: str = ""
    quoted: str = ""
    recipients: tuple[NewPerson, ...] = ()
    recipients_active: bool = True
    suspicious: str = ""
    passed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A message, response or note to be added to a ticket.

    `person` or `agent` is the author, neither if unknown; `poster` is their name. A message
    `reopens` a closed ticket, unless it is automatic. A person who `joins` becomes a participant of
    the ticket. `autorespond` requests a confirmation to the author, `alert` an alert to staff. A
    response is mailed to the participants, or to the addresses of `mail_to` (possibly none) if that
    is not None. A message with a `mail_to` is mailed to nobody. The agents of `mentions` will
    follow the ticket, if they see it. `kind`, `channel`, `sender` and the rest as of `Entry`.
    """

    body: Body
    person: int | None = None
    agent: int | None = None
    poster: str = ""
    title: str = ""
    source: str = "API"
    alert: bool = True
    autorespond: bool = False
    reopens: bool = True
    joins: bool = False
    files: tuple[NewFile, ...] = ()
    mail: FromMail | None = None
    kind: EntryKind = "note"
    channel: str = ""
    sender: Sender | Literal[""] = ""
    headers: EntryHeaders = EntryHeaders()
    mail_to: tuple[str, ...] | None = None
    mentions: tuple[int, ...] = ()
    created_by: int | None = None
    preferences: Mapping[str, object] = field(default_factory=dict)
    time_unit: str = ""
