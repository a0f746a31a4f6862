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
"""The phase of work on an open ticket. A pending one waits until a time: then somebody is reminded,
or it is closed.
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request and everything that lists show of it, so that a list needs no further reads.

    `due` is a date set by a user; `estimated_due` is the SLA's deadline. `last_closed` is updated
    at every closing, `closed` is set only while the ticket is closed. `respondent` is the agent who
    answered last.

    `phase` is the stored value; `stage` is the effective one. `first_response`, `agent_contact` and
    `customer_contact` are times of communication: that of a customer is updated only by the first
    message after an answer. `created_by` and `updated_by` are people or agents. `preferences` are a
    caller's own values, `time_units` the sum of accounted time and `bookings` the ids of its parts.
    `merged_into` is the ticket that has this one's thread now.

    `services` are those that the ticket is about, including deleted ones; `start` and `end` are the
    time span, `next_update` is when to expect news. `closed_time` and `reopened_time` are the last
    values given by a caller (docs/notific.md 5.4). `description` is the entry that describes the
    ticket; if it is None, the first message does.
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
        """When it was last closed, in whole seconds: the caller's time, or the actual one."""
        at = self.closed_time or self.last_closed
        return at.replace(microsecond=0) if at else None

    @property
    def stage(self) -> Phase:
        """The effective phase of an open ticket: new until somebody has answered, unless another
        was set.
        """
        answered = self.first_response or self.respondent or self.answered
        return self.phase or ("open" if answered else "new")

    @property
    def pending(self) -> bool:
        """Whether it is open and waits until a time: then it is never overdue."""
        return self.phase in {"pending_reminder", "pending_close"}

    @property
    def last_contact(self) -> datetime | None:
        """The time of the last communication."""
        times = [at for at in (self.agent_contact, self.customer_contact) if at]
        return max(times, default=None)

    @property
    def deadline(self) -> datetime | None:
        """The deadline: the date that was set, else the SLA's."""
        return self.due or self.estimated_due


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket with its children (ids) and its entries, oldest first."""

    ticket: Ticket
    children: tuple[int, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A requested ticket; names and ids are as given, not yet resolved.

    A reference to a catalogue row is an id (`int`) or a name (`str`). `priority` and `topic` given
    as an unknown id are ignored, everything else unknown is refused (docs/osticket.md, row H).
    `parent` lists the references to try in order: a number (`str`) or an id (`int`). `due` as text
    is read in the desk's time zone. An empty body means that none was sent. `fields` holds all
    other values, by field name or id; values that belong to no form are ignored. A `mail` is
    accepted as it is: no form, limit of files or missing address refuses it.

    `person` is the requester by id, instead of an address. With `form` off, no name and no message
    are required, and the ticket begins with `entry`, or without one; else with the requester's
    message of `body` and `files`. `number` is one chosen by the caller. `mentions` are the agents
    who follow the ticket; `links` name tickets by id, each with the relation of the new ticket to
    it.

    `services` are ids. `tells` is whether their subscribers, or the requester if there are none,
    are notified by mail (docs/notific.md 9); None: only if the services were named by somebody who
    manages them.
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
    """Marks a value that stays as it is, if None has its own meaning."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Change:
    """A requested change of a ticket; values that are None stay as they are.

    Rows of the catalogue are named by id (`int`) or name (`str`), an agent also by address. `due`
    as text is read in the desk's time zone; None clears it. `release` unassigns the agent; `clear`
    names other values to clear: `topic`, `sla`, `team`. `parent` is the reference of the new
    parent. An `entry` of blanks is ignored.

    `alike` has values of `status` and `priority` that a ticket may keep, since the caller does not
    distinguish them from the requested ones. `phase` applies to open tickets; `pending_until` to
    pending ones. `person` is a requester by id. `preferences` and `fields` are merged into the
    existing ones. `by` is who changes it. `customers` are the names of values that a customer's key
    may change. `strict` refuses a change that names only unknown custom fields.

    `closed_time` closes an open ticket and `reopened_time` reopens a closed one, if it differs from
    the stored one. `release_from` unassigns this agent, if assigned. An entry that `describes`
    becomes the ticket's description. `tells` is whether subscribers are notified of this change: of
    any (True), of none (False), or only that the ticket was closed or reopened (None).
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
