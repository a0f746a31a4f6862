"""What admins send, as pydantic models: the shapes of all bodies, and how they are read.

A field that is not in a body stays as it is, or has the model's default. A field that nobody knows
is refused: a key with `network` instead of `networks` would otherwise be open to the world.
"""

import re
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Annotated, Any, Literal, TypeVar, cast
from urllib.parse import unquote
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from dialects.admin.refuse import Unreadable
from dialects.endpoint import Request
from helpdesk.catalogue.stock import FIELDS
from helpdesk.directory.changes import HIGHEST_CHOSEN_ID
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.keys.manage import LONGEST_OVERLAP, PERMISSIONS, KeyFacts, network
from helpdesk.model.catalogue import CustomField

M = TypeVar("M", bound=BaseModel)

MOST_ITEMS = 100
"""Items a list in a body may have, and that a page of a list shows at most."""

HIGHEST_ID = 2**31 - 1
LEAST_MINUTES_A_WEEK = 5 * 60
LEAP_YEAR = 2024


# --- kinds of values ------------------------------------------------------------------------


def _one_line(text: str) -> str:
    # Names end up in the headers of mails.
    if not text.isprintable():
        raise PydanticCustomError("one_line", "must be one line of printable text")
    return text


def _lines(text: str) -> str:
    if not all(part.isprintable() for part in re.split(r"[\r\n\t]", text)):
        raise PydanticCustomError("printable", "must not hold control characters")
    return text


def _network(text: str) -> str:
    try:
        return network(text)
    except ValueError:
        raise PydanticCustomError("network", "must be a network such as 10.0.0.0/8") from None


def _time(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        read = datetime.fromisoformat(text)
        # What carries no offset is UTC, like every time that the desk shows.
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        problem = "must be a time such as 2027-01-31T23:59:59Z"
        raise PydanticCustomError("time", problem) from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError("time_zone", "must be a time zone such as Europe/Berlin")
    return text


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        raise PydanticCustomError("expression", "must be a regular expression") from None
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}", text):
        raise PydanticCustomError("email", "must be an e-mail address")
    return text.lower()


def _permission(text: str) -> str:
    if text not in PERMISSIONS:
        raise PydanticCustomError("permission", "must be among " + ", ".join(PERMISSIONS))
    return text


def _week(days: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    # Deadlines are counted in these hours: too few of them, and an SLA would never run out.
    if any(start >= end for start, end in days.values()):
        raise PydanticCustomError("hours", "must end after they start")
    if sum(end - start for start, end in days.values()) < LEAST_MINUTES_A_WEEK:
        raise PydanticCustomError("week", "must add up to five hours a week")
    return days


def _holiday(text: str) -> str:
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError:
        if not re.fullmatch(r"(0[1-9]|1[0-2])-[0-6]-(-1|[1-4])", text):
            problem = "must be MM-DD or MM-weekday-nth, such as 12-25 or 11-3-4"
            raise PydanticCustomError("holiday", problem) from None
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_one_line)]
Name = Annotated[Line, Field(min_length=1, max_length=128)]
Short = Annotated[Line, Field(max_length=255)]
Text = Annotated[str, Field(max_length=65_536), AfterValidator(_lines)]
Address = Annotated[Line, AfterValidator(_address)]
Id = Annotated[int, Field(ge=1, le=HIGHEST_ID)]
ChosenId = Annotated[int, Field(ge=1, le=HIGHEST_CHOSEN_ID)]
Count = Annotated[int, Field(ge=0, le=HIGHEST_ID)]
Ids = Annotated[frozenset[Id], Field(max_length=MOST_ITEMS)]
Rows = Annotated[tuple[Id, ...], Field(max_length=MOST_ITEMS)]
Network = Annotated[str, Field(max_length=64), AfterValidator(_network)]
Time = Annotated[datetime, BeforeValidator(_time)]
TimeZone = Annotated[Line, AfterValidator(_time_zone)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,49}$")]
NumberFormat = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\\-]{0,20}#{1,9}$")]
Minute = Annotated[int, Field(ge=0, le=24 * 60)]
Permission = Annotated[
    str, AfterValidator(_permission), Field(json_schema_extra={"enum": list(PERMISSIONS)})
]


# --- bodies ---------------------------------------------------------------------------------


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class KeyBody(_Body):
    """A new key."""

    name: Name
    permissions: frozenset[Permission] = frozenset()
    networks: Annotated[tuple[Network, ...], Field(max_length=MOST_ITEMS)] = ()
    active: bool = True
    expires: Time | None = None
    departments: Ids = frozenset()
    agent: Id | None = None
    customer: Id | None = None


class RotationBody(_Body):
    """For how long the secret before still works."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP // timedelta(hours=1))] = 0


class FieldBody(_Body):
    """A custom field of a topic; an id is given to it where it brings none."""

    id: ChosenId | None = None
    name: Identifier
    label: Name
    kind: Literal[
        "text", "memo", "phone", "datetime", "choice", "boolean", "number", "email", "ip"
    ] = "text"
    required: bool = False
    choices: Annotated[dict[Short, Short], Field(max_length=MOST_ITEMS)] = {}
    pattern: Annotated[str, Field(max_length=255), AfterValidator(_expression)] = ""
    earliest: Short = ""
    latest: Short = ""
    agents_only: bool = False
    sort: Count = 0


class _RowBody(_Body):
    id: ChosenId | None = None


class FormFieldBody(FieldBody):
    """A custom field of the ticket form or of the contact form."""

    form: Literal["ticket", "contact"] = "ticket"


class DepartmentBody(_RowBody):
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


class TopicBody(_RowBody):
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


class StatusBody(_RowBody):
    """A status of tickets."""

    name: Name
    state: Literal["open", "closed", "archived", "deleted"]
    sort: Count = 0
    reopens: bool = False


class PriorityBody(_RowBody):
    """A priority; the lower its urgency, the sooner."""

    name: Name
    tag: Identifier
    urgency: Count


class SlaBody(_RowBody):
    """An SLA; `hours` of grace in the working hours of its schedule."""

    name: Name
    hours: Annotated[int, Field(ge=1, le=24 * 366)]
    active: bool = True
    schedule: Id | None = None
    overdue_alerts: bool = True


class ScheduleBody(_RowBody):
    """Working hours: weekdays `0` (Monday) to `6`, each from and to a minute of the day."""

    name: Name
    days: Annotated[
        dict[Literal["0", "1", "2", "3", "4", "5", "6"], tuple[Minute, Minute]],
        AfterValidator(_week),
    ]
    holidays: Annotated[
        tuple[Annotated[str, AfterValidator(_holiday)], ...], Field(max_length=MOST_ITEMS)
    ] = ()
    time_zone: TimeZone = "UTC"


class TeamBody(_RowBody):
    """A team of agents."""

    name: Name
    active: bool = True
    lead: Id | None = None
    members: Rows = ()


class AgentBody(_RowBody):
    """An agent."""

    name: Name
    email: Address
    username: Annotated[str, Field(pattern=r"^[^\s@]{1,64}$"), AfterValidator(_one_line)]
    active: bool = True
    phone: Short = ""
    department: Id | None = None
    departments: Rows = ()


class ServiceBody(_RowBody):
    """A service that people depend on."""

    name: Name
    description: Text = ""


class TemplateBody(_Body):
    """A mail template; those there are may be rewritten."""

    name: Name
    subject: Short
    body: Text


class OrganizationBody(_RowBody):
    """An organization."""

    name: Name
    shared: bool = True
    domain: Short = ""
    domain_assignment: bool = False
    active: bool = True
    note: Text = ""


class SettingsBody(_Body):
    """The settings; every one may be left out, and then stays as it is."""

    helpdesk_title: Name = ""
    default_dept_id: Id = 1
    default_ticket_status_id: Id = 1
    default_priority_id: Id = 1
    default_help_topic: Count = 0
    default_sla_id: Count = 0
    default_schedule_id: Id = 1
    default_timezone: TimeZone = "UTC"
    ticket_number_format: NumberFormat = ""
    ticket_sequence: Literal["random", "counter"] = "random"
    max_open_tickets: Count = 0
    allow_attachments: bool = True
    max_files: Annotated[int, Field(ge=0, le=60)] = 0
    max_file_size: Count = 0
    max_files_size: Count = 0
    file_types: Annotated[tuple[Short, ...], Field(max_length=MOST_ITEMS)] = ()
    ticket_autoresponder: bool = True
    message_autoresponder: bool = True
    message_autoresponder_collabs: bool = True
    ticket_notice_active: bool = True
    email_attachments: bool = True
    ticket_alert_active: bool = True
    ticket_alert_admin: bool = True
    ticket_alert_dept_manager: bool = True
    ticket_alert_dept_members: bool = True
    message_alert_active: bool = True
    message_alert_laststaff: bool = True
    message_alert_assigned: bool = True
    message_alert_dept_manager: bool = True
    note_alert_active: bool = True
    note_alert_laststaff: bool = True
    note_alert_assigned: bool = True
    note_alert_dept_manager: bool = True
    assigned_alert_active: bool = True
    assigned_alert_staff: bool = True
    assigned_alert_team_lead: bool = True
    assigned_alert_team_members: bool = True
    transfer_alert_active: bool = True
    transfer_alert_assigned: bool = True
    transfer_alert_dept_manager: bool = True
    transfer_alert_dept_members: bool = True
    overdue_alert_active: bool = True
    overdue_alert_assigned: bool = True
    overdue_alert_dept_manager: bool = True
    overdue_alert_dept_members: bool = True
    overlimit_notice_active: bool = True
    accept_unregistered_email: bool = True
    add_email_collabs: bool = True
    use_email_priority: bool = True
    strip_quoted_reply: bool = True
    reply_separator: Short = ""
    ban_list: Annotated[tuple[Address, ...], Field(max_length=1000)] = ()


BODIES: dict[str, type[BaseModel]] = {
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
"""The kinds that `/api/admin/{kind}` knows, and what a new row of each is."""


@cache
def _changes(body: type[M]) -> type[M]:
    """The same body with every field optional: what a PATCH takes."""
    fields: dict[str, Any] = {}
    for name, field in body.model_fields.items():
        optional = copy(field)
        optional.default = None
        fields[name] = (field.annotation, optional)
    return create_model(f"{body.__name__}Changes", __base__=body, **fields)


RESERVED = {field.name for field in FIELDS}
"""Names that the desk's own forms use; a topic's field of that name would stand in their way."""


# --- reading --------------------------------------------------------------------------------


def new_key(request: Request) -> KeyFacts:
    """The facts of a key to be made. Errors: Unreadable, Invalid."""
    return cast("KeyFacts", _read(KeyBody, request.body))


def key_changes(request: Request) -> KeyFacts:
    """What is to change of a key. Errors: Unreadable, Invalid."""
    return cast("KeyFacts", _read(_changes(KeyBody), request.body))


def overlap(request: Request) -> timedelta:
    """For how long the old secret goes on; an empty body is not at all. Errors: Unreadable,
    Invalid.
    """
    return timedelta(hours=_read(RotationBody, request.body or b"{}").get("overlap_hours", 0))


def kind(request: Request) -> str:
    """Which kind of rows the path names. Errors: NotFound."""
    named = request.params.get("kind", "")
    if named not in BODIES:
        raise NotFound("kind", named)
    return named


def number(request: Request) -> int:
    """The id in the path; what cannot be one names nothing. Errors: NotFound."""
    text = request.params.get("id", "")
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise NotFound("id", text)
    return int(text)


def address(request: Request) -> str:
    """The address in the path. Whether API Gateway has decoded it is not documented."""
    written = request.params.get("address", "")
    return written if "@" in written else unquote(written)


def new_row(request: Request) -> dict[str, Any]:
    """The values of a row to be made, under the model's names. Errors: NotFound, Unreadable,
    Invalid.
    """
    return _values(_read(BODIES[kind(request)], request.body))


def row_changes(request: Request) -> dict[str, Any]:
    """What is to change of a row; its own id may stand there. Errors: NotFound, Unreadable,
    Invalid.
    """
    values = _values(_read(_changes(BODIES[kind(request)]), request.body))
    if values.pop("id", number(request)) != number(request):
        raise Invalid(Problem("id", "read_only"))
    return values


def settings(request: Request) -> dict[str, Any]:
    """What is to change of the settings. Errors: Unreadable, Invalid."""
    return _read(SettingsBody, request.body)


def page(request: Request) -> tuple[int, int]:
    """Behind which id a list goes on (`next`), and how many items it may show (`limit`).

    Errors: Invalid.
    """
    after = request.query.get("next", "0")
    if not re.fullmatch(r"[0-9]{1,10}", after, re.ASCII) or int(after) > HIGHEST_ID:
        raise Invalid(Problem("next", "page"))
    return int(after), _limit(request)


def time_page(request: Request) -> tuple[str, int]:
    """The same for a list by time: `next` is empty at first, then what the page before has told.

    Errors: Invalid.
    """
    before = request.query.get("next", "")
    if not re.fullmatch(r"[0-9a-f]{0,40}", before, re.ASCII):
        raise Invalid(Problem("next", "page"))
    return before, _limit(request)


def _limit(request: Request) -> int:
    limit = request.query.get("limit", str(MOST_ITEMS))
    if not re.fullmatch(r"[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= MOST_ITEMS:
        raise Invalid(Problem("limit", "page_size", detail=f"must be from 1 to {MOST_ITEMS}"))
    return int(limit)


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """What was read, in the model's own types."""
    if values.get("id", 0) is None:
        del values["id"]
    if "fields" in values:
        values["fields"] = _custom_fields(values["fields"])
    if "days" in values:
        values["days"] = {int(day): hours for day, hours in values["days"].items()}
    return values


def _custom_fields(read: tuple[dict[str, Any], ...]) -> tuple[CustomField, ...]:
    """A topic's fields, numbered within the topic where they bring no id. Errors: Invalid."""
    names, ids = [field["name"] for field in read], [field.get("id") for field in read]
    if len(set(names)) < len(names) or RESERVED.intersection(names):
        raise Invalid(Problem("fields", "names"))
    chosen = [number for number in ids if number is not None]
    if len(set(chosen)) < len(chosen):
        raise Invalid(Problem("fields", "ids"))
    free = count(max(chosen, default=0) + 1)
    return tuple(
        CustomField(**{**field, "form": "topic", "id": field.get("id") or next(free)})
        for field in read
    )


def _read(body: type[BaseModel], data: bytes) -> dict[str, Any]:
    """The fields that a body holds. Errors: Unreadable, Invalid with every problem."""
    try:
        return body.model_validate_json(data).model_dump(exclude_unset=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        raise Unreadable(found[0]["msg"])
    raise Invalid(*(_problem(problem) for problem in found))


def _problem(found: ErrorDetails) -> Problem:
    path = [str(part)[:64] for part in found["loc"]]
    words = WORDS.get(found["type"]) or re.sub(r"^[A-Z][a-z]+ should", "must", found["msg"])
    return Problem(
        path[0] if path else "", found["type"], label=".".join(path) or "The body", detail=words
    )


WORDS = {
    "missing": "is required",
    "extra_forbidden": "is no field that is known here",
    "model_type": "must be an object",
    "string_pattern_mismatch": "has characters or a length that it must not have",
}
"""What pydantic says in words of its own trade."""
