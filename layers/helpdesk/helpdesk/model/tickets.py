"""Tickets: as they are, as they are opened, as they are changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from helpdesk.model.entries import Body, Entry, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import FieldValue, NewPerson


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request and everything that lists show of it, so that a list needs no further reads.

    `due` is a date somebody set; `estimated_due` is what the SLA promises. `last_closed` moves
    with every closing, `closed` is there only while the ticket is closed. `respondent` is the agent
    who answered last.
    """

    id: int
    number: str
    subject: str
    status: int
    department: int
    priority: int
    person: int
    person_name: str
    person_email: str
    source: str
    created: datetime
    updated: datetime
    topic: int | None = None
    sla: int | None = None
    agent: int | None = None
    team: int | None = None
    respondent: int | None = None
    organization: int | None = None
    ip: str = ""
    due: datetime | None = None
    estimated_due: datetime | None = None
    closed: datetime | None = None
    first_closed: datetime | None = None
    last_closed: datetime | None = None
    overdue: bool = False
    answered: bool = False
    parent: int | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    services: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    version: int = 1

    @property
    def deadline(self) -> datetime | None:
        """When the ticket is overdue: the date that was set, else what the SLA promises."""
        return self.due or self.estimated_due


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket with its children (ids) and its entries, oldest first."""

    ticket: Ticket
    children: tuple[int, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket as somebody asks for it; names and ids are still as they were given.

    A reference to a catalogue row is an id (`int`) or a name (`str`). `priority` and `topic` given
    as an unknown id are ignored, everything else unknown is refused (docs/osticket.md, row H).
    `parent` lists what to try in order: a number (`str`) or an id (`int`). `due` as text is read in
    the desk's time zone. An empty body means that none was sent. `fields` holds everything else
    that came, by field name or id; what no form asks for is ignored. A `mail` is taken as it is:
    no form, limit of files or missing address keeps it out.
    """

    requester: NewPerson
    subject: str
    body: Body
    topic: int | str | None = None
    department: int | str | None = None
    priority: int | str | None = None
    parent: tuple[int | str, ...] = ()
    due: datetime | str | int | None = None
    source: str = "API"
    ip: str = ""
    alert: bool = True
    autorespond: bool = True
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    files: tuple[NewFile, ...] = ()
    mail: FromMail | None = None


class Unchanged(Enum):
    """What says that a value stays as it is, where None has a meaning of its own."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be different about a ticket; what is None stays as it is.

    Rows of the catalogue are named by id (`int`) or name (`str`), an agent also by address. `due`
    as text is read in the desk's time zone; None clears it. `release` takes the ticket from its
    agent. `parent` is the reference of the ticket to be put under. A `note` of blanks is none.
    """

    status: int | str | None = None
    department: int | str | None = None
    topic: int | str | None = None
    sla: int | str | None = None
    priority: int | str | None = None
    agent: int | str | None = None
    release: bool = False
    subject: str | None = None
    due: datetime | str | int | Unchanged | None = UNCHANGED
    parent: int | str | None = None
    note: NewEntry | None = None
