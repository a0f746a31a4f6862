"""The desk's things, as frozen values.

Only shapes live here. What may be done with them is in the module of the same noun; how they are
stored is in `storage`. Times are aware and in UTC. Ids are small integers that fit 32 bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Literal

Format = Literal["text", "html", "markdown"]
EntryKind = Literal["message", "response", "note"]
FieldValue = str | int | bool | None | tuple[str, ...]

NOBODY = 1
"""The person behind tickets without a sender; never an owner of anything."""

THE_DESK = 2
"""The desk itself: keys that are bound to no one act under this id."""


# --- who acts -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and how far they see (design, section 6). Every operation takes one.

    `departments` empty means all; `customer` limits the key to one person's tickets; `agent` is
    the agent it acts as. The desk's own background work acts as `SYSTEM`.
    """

    key: int | None = None
    permissions: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()
    agent: int | None = None
    customer: int | None = None

    def may(self, *permissions: str) -> bool:
        """Whether the key has at least one of these permissions."""
        return not self.permissions.isdisjoint(permissions)

    @property
    def bound(self) -> bool:
        """Whether the key sees only a part of the desk: then it changes nothing for the whole."""
        return bool(self.departments) or self.customer is not None


SYSTEM = Actor()


# --- people ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who asks: known by one address, folded to lower case."""

    id: int
    name: str
    email: str
    phone: str = ""
    notes: str = ""
    organization: int | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """People who belong together. In a shared one they see each other's tickets; with
    `domain_assignment` new people join by the domain of their address (Zammad contract, 5.).
    """

    id: int
    name: str
    shared: bool = True
    domain: str = ""
    domain_assignment: bool = False
    active: bool = True
    note: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A requester as somebody describes them: `name` may be missing for a known address."""

    email: str
    name: str = ""
    phone: str = ""
    notes: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


# --- files and entries ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that came with a request, not stored yet; or the name of one that was uploaded.

    `upload` is the id of such an upload. Its type and `uploaded`, its size in bytes, are known once
    it has been looked at, if there is any.
    """

    name: str
    type: str
    data: bytes
    inline: bool = False
    content_id: str = ""
    upload: str = ""
    uploaded: int | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data) if self.uploaded is None else self.uploaded


@dataclass(frozen=True, slots=True)
class Upload:
    """A place for one file: a form that takes it, to be sent to `url` with these `fields`."""

    id: str
    url: str
    fields: Mapping[str, str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file of an entry; `object` is its S3 key, `size` counts bytes."""

    id: int
    name: str
    type: str
    size: int
    object: str
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What somebody wrote, as sent, and in which format (osTicket contract, row N)."""

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


# --- tickets --------------------------------------------------------------------------------


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
    as an unknown id are ignored, everything else unknown is refused (osTicket contract, row H).
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


# --- lists ----------------------------------------------------------------------------------

Sort = Literal["created", "updated", "number"]
"""What lists can be in the order of: `created` is the order of ids, `number` that of text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets; what is None does not matter, what is given must all hold.

    `status` and `department` are ids or names, a department also a path; one that names nothing
    matches nothing (osTicket contract, row 33). `tickets` are ids; `email` is an address of the
    person, in any case. Each text of `subject` stands somewhere in the ticket's subject, whatever
    case and accents; blank ones do not matter.
    """

    status: int | str | None = None
    department: int | str | None = None
    topic: int | None = None
    person: int | None = None
    organization: int | None = None
    agent: int | None = None
    tickets: tuple[int, ...] | None = None
    email: str | None = None
    subject: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list. Tickets that are equal in `sort` are in the order of their ids."""

    sort: Sort = "created"
    descending: bool = True
    offset: int = 0
    limit: int = 20


# --- statistics -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets: archived ones are closed, overdue ones open (osTicket contract, row L)."""

    open: int = 0
    closed: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.closed

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.open + other.open, self.closed + other.closed, self.overdue + other.overdue
        )


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts by department, and by agent and department; ids with tickets only."""

    departments: Mapping[int, Counts]
    agents: Mapping[int, Mapping[int, Counts]]

    @property
    def whole(self) -> Counts:
        """All departments together."""
        return sum(self.departments.values(), Counts())


# --- the catalogue --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that an admin added to the ticket form, the contact form or a topic's form."""

    id: int
    name: str
    label: str
    form: Literal["ticket", "contact", "topic"] = "ticket"
    kind: Literal[
        "text", "memo", "phone", "datetime", "choice", "boolean", "number", "email", "ip"
    ] = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    earliest: str = ""
    latest: str = ""
    agents_only: bool = False
    sort: int = 0


@dataclass(frozen=True, slots=True)
class Department:
    """Where tickets belong; an agent's and a key's scope is a set of these."""

    id: int
    name: str
    parent: int | None = None
    public: bool = True
    active: bool = True
    sla: int | None = None
    schedule: int | None = None
    manager: int | None = None
    autorespond: bool = True
    alert_members: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """What a request is about: it routes a new ticket and may ask for further fields."""

    id: int
    name: str
    parent: int | None = None
    active: bool = True
    department: int | None = None
    priority: int | None = None
    sla: int | None = None
    status: int | None = None
    agent: int | None = None
    team: int | None = None
    autorespond: bool = True
    number_format: str = ""
    fields: tuple[CustomField, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A named state of a ticket; `reopens` lets a new message open it again."""

    id: int
    name: str
    state: Literal["open", "closed", "archived", "deleted"]
    sort: int = 0
    reopens: bool = False


@dataclass(frozen=True, slots=True)
class Priority:
    """How urgent: the lower `urgency`, the sooner."""

    id: int
    name: str
    tag: str
    urgency: int


@dataclass(frozen=True, slots=True)
class Sla:
    """A promise: `hours` of grace, counted in the working hours of a schedule."""

    id: int
    name: str
    hours: int
    active: bool = True
    schedule: int | None = None
    overdue_alerts: bool = True


@dataclass(frozen=True, slots=True)
class Schedule:
    """Working hours: `days` maps a weekday (0 is Monday) to opening and closing minute of the day.

    `holidays` are rules: `MM-DD`, or `MM-weekday-nth` with nth -1 for the last one.
    """

    id: int
    name: str
    days: Mapping[int, tuple[int, int]]
    holidays: tuple[str, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Team:
    """Agents who answer together."""

    id: int
    name: str
    active: bool = True
    lead: int | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers. `department` is the agent's own, `departments` the others they see."""

    id: int
    name: str
    email: str
    username: str
    active: bool = True
    phone: str = ""
    department: int | None = None
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Something people depend on and may subscribe to."""

    id: int
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A mail the desk sends: osTicket's template name, a subject and an HTML body with %{...}."""

    id: int
    name: str
    subject: str
    body: str


FILE_TYPES = (
    *("png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico"),
    *("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods"),
    *("txt", "md", "csv", "json", "xml", "yaml", "yml", "log", "html", "htm", "css", "js"),
    *("zip", "tar", "gz", "tgz", "7z", "rar"),
)
"""Extensions of the files that a stock desk takes: seed 002's list (osTicket contract, row 24)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set for the whole desk, under osTicket's names where osTicket has one.

    File sizes are in bytes. `file_types` holds extensions and media types; empty allows every
    kind. `ban_list` holds addresses in lower case.
    """

    helpdesk_title: str = "Support"
    default_dept_id: int = 1
    default_ticket_status_id: int = 1
    default_priority_id: int = 2
    default_help_topic: int = 0
    default_sla_id: int = 1
    default_schedule_id: int = 1
    default_timezone: str = "UTC"
    ticket_number_format: str = "######"
    ticket_sequence: Literal["random", "counter"] = "random"
    max_open_tickets: int = 0
    allow_attachments: bool = True
    max_files: int = 5
    max_file_size: int = 10 * 1024 * 1024
    max_files_size: int = 50 * 1024 * 1024
    file_types: tuple[str, ...] = FILE_TYPES
    ticket_autoresponder: bool = True
    message_autoresponder: bool = False
    message_autoresponder_collabs: bool = True
    ticket_notice_active: bool = True
    email_attachments: bool = True
    ticket_alert_active: bool = True
    ticket_alert_admin: bool = True
    ticket_alert_dept_manager: bool = True
    ticket_alert_dept_members: bool = False
    message_alert_active: bool = True
    message_alert_laststaff: bool = True
    message_alert_assigned: bool = True
    message_alert_dept_manager: bool = False
    note_alert_active: bool = False
    note_alert_laststaff: bool = True
    note_alert_assigned: bool = True
    note_alert_dept_manager: bool = False
    assigned_alert_active: bool = True
    assigned_alert_staff: bool = True
    assigned_alert_team_lead: bool = False
    assigned_alert_team_members: bool = False
    transfer_alert_active: bool = False
    transfer_alert_assigned: bool = False
    transfer_alert_dept_manager: bool = True
    transfer_alert_dept_members: bool = False
    overdue_alert_active: bool = True
    overdue_alert_assigned: bool = True
    overdue_alert_dept_manager: bool = True
    overdue_alert_dept_members: bool = False
    overlimit_notice_active: bool = False
    accept_unregistered_email: bool = True
    add_email_collabs: bool = True
    use_email_priority: bool = False
    strip_quoted_reply: bool = True
    reply_separator: str = "-- reply above this line --"
    ban_list: tuple[str, ...] = ("test@example.com",)


# --- keys -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret (design, section 6)."""

    id: int
    name: str
    permissions: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    active: bool = True
    expires: datetime | None = None
    departments: frozenset[int] = frozenset()
    agent: int | None = None
    customer: int | None = None
    created: datetime | None = None
    last_used: datetime | None = None
    version: int = 1
