"""Tickets: as they are, as they are opened, as they are changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Literal

from helpdesk.model.entries import Body, Entry, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import FieldValue, NewPerson
from helpdesk.model.relations import LinkKind

Phase = Literal["new", "open", "pending_reminder", "pending_close"]
"""How far work on an open ticket has come. A pending one sleeps until a time: then somebody is
reminded, or it closes.
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request and everything that lists show of it, so that a list needs no further reads.

    `due` is a date somebody set; `estimated_due` is what the SLA promises. `last_closed` moves
    with every closing, `closed` is there only while the ticket is closed. `respondent` is the agent
    who answered last.

    `phase` is what somebody has set; what holds is `stage`. `first_response`, `agent_contact` and
    `customer_contact` are times of communication: that of a customer moves only once it has been
    answered. `created_by` and `updated_by` are people or agents. `preferences` are a caller's own
    values, `time_units` the sum of accounted time and `bookings` the ids of its parts.
    `merged_into` is the ticket that has this one's thread now.

    `services` are those that the ticket is about, deleted ones too; `start` and `end` say from when
    until when, `next_update` when more will be known. `closed_time` and `reopened_time` are as the
    last caller gave them who named a time for it (docs/notific.md 5.4). `description` is the entry
    that says what the ticket is about; where it is None, the first message does.
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
    phase: Phase | None = None
    pending_until: datetime | None = None
    first_response: datetime | None = None
    agent_contact: datetime | None = None
    customer_contact: datetime | None = None
    note: str = ""
    kind: str = ""
    preferences: Mapping[str, object] = field(default_factory=dict)
    created_by: int | None = None
    updated_by: int | None = None
    first_channel: str = ""
    first_sender: str = ""
    tags: tuple[str, ...] = ()
    time_units: str = ""
    bookings: tuple[int, ...] = ()
    merged_into: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    next_update: datetime | None = None
    closed_time: datetime | None = None
    reopened_time: datetime | None = None
    description: int | None = None

    @property
    def last_closing(self) -> datetime | None:
        """When it was closed last, in whole seconds: as a caller said, or as it happened."""
        at = self.closed_time or self.last_closed
        return at.replace(microsecond=0) if at else None

    @property
    def stage(self) -> Phase:
        """How far work has come, where the ticket is open: new until somebody has answered, unless
        somebody has set something else.
        """
        answered = self.first_response or self.respondent or self.answered
        return self.phase or ("open" if answered else "new")

    @property
    def pending(self) -> bool:
        """Whether it sleeps until a time, where it is open: it falls due for nobody."""
        return self.phase in {"pending_reminder", "pending_close"}

    @property
    def last_contact(self) -> datetime | None:
        """When somebody spoke last."""
        times = [at for at in (self.agent_contact, self.customer_contact) if at]
        return max(times, default=None)

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

    `person` is the requester by id, in place of an address. With `form` off, no name and no message
    are asked, and the ticket begins with `entry`, or with none; else with the requester's message
    of `body` and `files`. `number` is one that the caller chose. `mentions` are the agents who
    follow the ticket; `links` name tickets by id, each with what the new one becomes of it.

    `services` are ids. `tells` is whether those who chose one of them hear of the ticket by mail,
    or the requester, where it names none (docs/notific.md 9); None: only where somebody has named
    services who manages them.
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
    form: bool = True
    entry: NewEntry | None = None
    person: int | None = None
    number: str = ""
    status: int | None = None
    phase: Phase | None = None
    pending_until: datetime | None = None
    agent: int | None = None
    note: str = ""
    kind: str = ""
    preferences: Mapping[str, object] = field(default_factory=dict)
    created_by: int | None = None
    tags: tuple[str, ...] = ()
    mentions: tuple[int, ...] = ()
    links: tuple[tuple[LinkKind, int], ...] = ()
    services: tuple[int, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    next_update: datetime | None = None
    tells: bool | None = None


class Unchanged(Enum):
    """What says that a value stays as it is, where None has a meaning of its own."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be different about a ticket; what is None stays as it is.

    Rows of the catalogue are named by id (`int`) or name (`str`), an agent also by address. `due`
    as text is read in the desk's time zone; None clears it. `release` takes the ticket from its
    agent; `clear` names what else is emptied: `topic`, `sla`, `team`. `parent` is the reference of
    the ticket to be put under. An `entry` of blanks is none.

    `alike` has values of `status` and `priority` that a ticket may keep, since to the caller they
    are what is asked for. `phase` holds for open tickets; `pending_until` ends with a pending one.
    `person` is a requester by id. `preferences` and `fields` are added to those there are. `by` is
    who changes it. `customers` are the names of what a customer's key may change. `strict` refuses
    a change that names nothing but custom fields that the desk does not have.

    `closed_time` closes an open ticket and `reopened_time` reopens a closed one, where it is not
    the one that did so last. `release_from` takes the ticket from this agent, if it has them. An
    entry that `describes` becomes the ticket's description. `tells` is whether subscribers hear of
    this change: of any (True), of none (False), or only that the ticket was closed or reopened
    (None).
    """

    status: int | str | None = None
    department: int | str | None = None
    topic: int | str | None = None
    sla: int | str | None = None
    priority: int | str | None = None
    agent: int | str | None = None
    release: bool = False
    team: int | str | None = None
    clear: frozenset[str] = frozenset()
    subject: str | None = None
    due: datetime | str | int | Unchanged | None = UNCHANGED
    parent: int | str | None = None
    entry: NewEntry | None = None
    alike: Mapping[str, frozenset[int]] = field(default_factory=dict)
    phase: Phase | None = None
    pending_until: datetime | None = None
    person: int | None = None
    note: str | None = None
    kind: str | None = None
    preferences: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    by: int | None = None
    customers: frozenset[str] = frozenset({"status"})
    strict: bool = False
    release_from: int | None = None
    services: tuple[int, ...] | None = None
    start: datetime | Unchanged | None = UNCHANGED
    end: datetime | Unchanged | None = UNCHANGED
    next_update: datetime | Unchanged | None = UNCHANGED
    closed_time: datetime | None = None
    reopened_time: datetime | None = None
    describes: bool = False
    tells: bool | None = None
