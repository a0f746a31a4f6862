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
    """What somebody wrote, as sent, and in which format (docs/osticket.md, row N)."""

    text: str
    format: Format = "text"


NOTE = "note"
"""The channel of what is no communication: nobody was spoken to, nobody waits for an answer."""


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

    HTML bodies are stored cleaned; text bodies as sent. `person` or `agent` says who wrote it.
    What a mail quoted is in `quoted`, in the body's format and shown to nobody unasked; `raw` is
    the S3 key of the whole mail, which is kept for some months.

    The kind alone says who may see it: notes are internal. `channel` says how it was said (`email`,
    `phone`, `web`, `note`, ...), `sender` as what its writer spoke; both follow from the kind where
    they are empty (`channel_of`, `sender_of`). `created_by` is who brought it into the desk, where
    that is not who wrote it. `preferences` are a caller's own values. `message_id` is that of the
    mail that it came by, `mailed` that of the first mail that it went out by.
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
    """How an entry was said; where nothing tells, as osTicket has it: notes are notes, responses
    went out by mail, messages came in by their source.
    """
    if entry.channel:
        return entry.channel
    if entry.kind == "note":
        return NOTE
    if entry.kind == "response":
        return "email"
    return _CHANNELS.get(entry.source.lower(), "web")


def sender_of(entry: Entry) -> Sender:
    """As what the writer of an entry spoke."""
    return entry.sender or ("customer" if entry.kind == "message" else "agent")


@dataclass(frozen=True, slots=True)
class FromMail:
    """What comes along with a ticket or an entry that somebody mailed.

    `quoted` was cut from the body and has its format; `raw` is the S3 key of the whole mail, which
    itself is in `whole`.
    `identity` is a digest of sender, date and subject: another mail under the same Message-ID has
    another. `recipients` are the others it went to: active ones get what is answered. `suspicious`
    says what is wrong with the mail, such as `spam`; the ticket is marked with it. `passed` names
    the rules that do not keep it out: `banned`, `too_many_open`.
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
    """A message, response or note as somebody wants it added to a ticket.

    `person` or `agent` wrote it, neither for somebody unknown; `poster` is their name. A message
    `reopens` a closed ticket, unless a machine wrote it. Whoever `joins` takes part in the ticket
    from then on. `autorespond` asks for a confirmation to who wrote, `alert` lets staff hear of it.
    A response goes to those who take part; to the addresses of `mail_to` where that is not None,
    which may be none. A message with a `mail_to` goes to nobody. The agents of `mentions` are to
    follow the ticket, where they see it. `kind`, `channel`, `sender` and the rest as of `Entry`.
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
