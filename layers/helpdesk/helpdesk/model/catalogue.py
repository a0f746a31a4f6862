"""The rows of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["open", "closed", "archived", "deleted"]
"""The meaning of a status to the desk."""


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
    """A department, to which tickets belong; agents and keys are limited to sets of these.

    `follow_up` says whether a customer may reply to a closed ticket: always, never (they have to
    open a new one), or for `reopen_days` after it was closed. `follow_up_assignment` and
    `assignment_timeout` (minutes) are stored for callers; the desk does not act on them.
    """

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
    note: str = ""
    follow_up: Literal["yes", "new_ticket", "new_ticket_after_certain_time"] = "yes"
    reopen_days: int | None = None
    follow_up_assignment: bool = True
    assignment_timeout: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A help topic: it routes a new ticket and may ask for further fields."""

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
    """A named status of a ticket; with `reopens`, a new message opens the ticket again."""

    id: int
    name: str
    state: State
    sort: int = 0
    reopens: bool = False


@dataclass(frozen=True, slots=True)
class Priority:
    """How urgent a ticket is: the lower `urgency`, the sooner."""

    id: int
    name: str
    tag: str
    urgency: int


@dataclass(frozen=True, slots=True)
class Sla:
    """An SLA: `hours` of grace, counted in the working hours of a schedule."""

    id: int
    name: str
    hours: int
    active: bool = True
    schedule: int | None = None
    overdue_alerts: bool = True


@dataclass(frozen=True, slots=True)
class Schedule:
    """Working hours: `days` maps a weekday (0 is Monday) to the opening and closing minute.

    `holidays` are rules: `MM-DD`, or `MM-weekday-nth` with nth -1 for the last one.
    """

    id: int
    name: str
    days: Mapping[int, tuple[int, int]]
    holidays: tuple[str, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Team:
    """A team of agents."""

    id: int
    name: str
    active: bool = True
    lead: int | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent. `department` is their own, `departments` the others that they have access to."""

    id: int
    name: str
    email: str
    username: str
    active: bool = True
    phone: str = ""
    department: int | None = None
    departments: tuple[int, ...] = ()

    @property
    def scope(self) -> frozenset[int]:
        """The departments that the agent works in; empty for all of them."""
        own = () if self.department is None else (self.department,)
        return frozenset((*own, *self.departments))

    def works_in(self, department: int) -> bool:
        """Whether the agent works in a department; one without departments works in all."""
        return not self.scope or department in self.scope


@dataclass(frozen=True, slots=True)
class Service:
    """A service that people depend on and may subscribe to."""

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
