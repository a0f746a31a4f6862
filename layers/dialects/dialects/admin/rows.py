"""Bodies for catalogue rows and organizations."""

from typing import Annotated, Literal

from pydantic import Field

from dialects.admin.values import (
    MOST_ITEMS,
    Address,
    Body,
    ChosenId,
    Count,
    Holiday,
    Id,
    Identifier,
    Name,
    NumberFormat,
    Pattern,
    Rows,
    Short,
    TemplateLine,
    TemplateText,
    Text,
    TimeZone,
    Username,
    Week,
    WrittenTime,
)


class FieldBody(Body):
    """A custom field of a topic; without an id it gets a new one."""

    id: ChosenId | None = None
    name: Identifier
    label: Name
    kind: Literal[
        "text", "memo", "phone", "datetime", "choice", "boolean", "number", "email", "ip"
    ] = "text"
    required: bool = False
    # No default_factory: `models.partial` gives the field another default.
    choices: dict[Short, Short] = Field(default={}, max_length=MOST_ITEMS)
    pattern: Pattern = ""
    earliest: WrittenTime = ""
    latest: WrittenTime = ""
    agents_only: bool = False
    sort: Count = 0


class RowBody(Body):
    """A row; a new one may bring the id that it wants."""

    id: ChosenId | None = None


class FormFieldBody(FieldBody):
    """A custom field of the ticket form or of the contact form."""

    form: Literal["ticket", "contact"] = "ticket"


class DepartmentBody(RowBody):
    """A department."""

    name: Name
    parent: Id | None = None
    public: bool = True
    active: bool = True
    sla: Id | None = None
    schedule: Id | None = None
    manager: Id | None = None
    autorespond: bool = True
    alert_members: bool = False
    note: Text = ""
    follow_up: Literal["yes", "new_ticket", "new_ticket_after_certain_time"] = "yes"
    reopen_days: Count | None = None
    follow_up_assignment: bool = True
    assignment_timeout: Count | None = None


class TopicBody(RowBody):
    """A help topic with its custom fields."""

    name: Name
    parent: Id | None = None
    active: bool = True
    department: Id | None = None
    priority: Id | None = None
    sla: Id | None = None
    status: Id | None = None
    agent: Id | None = None
    team: Id | None = None
    autorespond: bool = True
    number_format: NumberFormat | Literal[""] = ""
    fields: Annotated[tuple[FieldBody, ...], Field(max_length=MOST_ITEMS)] = ()


class StatusBody(RowBody):
    """A status of tickets."""

    name: Name
    state: Literal["open", "closed", "archived", "deleted"]
    sort: Count = 0
    reopens: bool = False


class PriorityBody(RowBody):
    """A priority; the lower its urgency, the sooner."""

    name: Name
    tag: Identifier
    urgency: Count


class SlaBody(RowBody):
    """An SLA; `hours` of grace in the working hours of its schedule."""

    name: Name
    hours: Annotated[int, Field(ge=1, le=24 * 366)]
    active: bool = True
    schedule: Id | None = None
    overdue_alerts: bool = True


class ScheduleBody(RowBody):
    """Working hours: weekdays `0` (Monday) to `6`, each from and to a minute of the day."""

    name: Name
    days: Week
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=MOST_ITEMS)] = ()
    time_zone: TimeZone = "UTC"


class TeamBody(RowBody):
    """A team of agents."""

    name: Name
    active: bool = True
    lead: Id | None = None
    members: Rows = ()


class AgentBody(RowBody):
    """An agent."""

    name: Name
    email: Address
    username: Username
    active: bool = True
    phone: Short = ""
    department: Id | None = None
    departments: Rows = ()


class ServiceBody(RowBody):
    """A service that people depend on."""

    name: Name
    description: Text = ""


class TemplateBody(Body):
    """A mail template; existing ones may be rewritten."""

    name: Name
    subject: TemplateLine
    body: TemplateText


class OrganizationBody(RowBody):
    """An organization."""

    name: Name
    shared: bool = True
    domain: Short = ""
    domain_assignment: bool = False
    active: bool = True
    note: Text = ""
    vip: bool = False


BODIES: dict[str, type[Body]] = {
    "departments": DepartmentBody,
    "topics": TopicBody,
    "statuses": StatusBody,
    "priorities": PriorityBody,
    "slas": SlaBody,
    "schedules": ScheduleBody,
    "teams": TeamBody,
    "agents": AgentBody,
    "services": ServiceBody,
    "fields": FormFieldBody,
    "templates": TemplateBody,
    "organizations": OrganizationBody,
}
"""The model of a new row of each kind."""
