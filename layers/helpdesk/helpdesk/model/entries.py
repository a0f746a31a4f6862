"""Entries: messages, responses and notes of a ticket's thread."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from helpdesk.model.files import Attachment, NewFile
from helpdesk.model.people import NewPerson

Format = Literal["text", "html", "markdown"]
EntryKind = Literal["message", "response", "note"]


@dataclass(frozen=True, slots=True)
class Body:
    """What somebody wrote, as sent, and in which format (docs/osticket.md, row N)."""

    text: str
    format: Format = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of a thread: a person's message, an agent's response or an internal note.

    HTML bodies are stored cleaned; text bodies as sent. `person` or `agent` says who wrote it.
    What a mail quoted is in `quoted`, in the body's format and shown to nobody unasked; `raw` is
    the S3 key of the whole mail, which is kept for some months.
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


@dataclass(frozen=True, slots=True)
class FromMail:
    """What comes along with a ticket or an entry that somebody mailed.

    `quoted` was cut from the body and has its format; `raw` is the S3 key of the whole mail, which
    itself is in `whole`.
    `said` is a digest of what it says, by which another mail under the same Message-ID is told
    from it. `recipients` are the others it went to: active ones get what is answered. `suspicious`
    says what is wrong with the mail, such as `spam`; the ticket is marked with it.
    """

    message_id: str
    raw: str
    whole: bytes
    said: str = ""
    quoted: str = ""
    recipients: tuple[NewPerson, ...] = ()
    recipients_active: bool = True
    suspicious: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A message, response or note as somebody wants it added to a ticket.

    `person` or `agent` wrote it, neither for somebody unknown; `poster` is their name. `automatic`
    is what a machine wrote: it reopens nothing. Whoever `joins` takes part in the ticket from then
    on. `autorespond` asks for a confirmation to who wrote, `alert` lets staff hear of it.
    """

    body: Body
    person: int | None = None
    agent: int | None = None
    poster: str = ""
    title: str = ""
    source: str = "API"
    alert: bool = True
    autorespond: bool = False
    automatic: bool = False
    joins: bool = False
    files: tuple[NewFile, ...] = ()
    mail: FromMail | None = None
