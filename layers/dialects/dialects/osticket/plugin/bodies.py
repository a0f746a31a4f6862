"""From bodies of the plugin's API to the desk's operations, by pydantic models: changes of tickets,
replies, and links between tickets (docs/osticket.md 3.0, 3.3 and 3.10, row W).
"""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
)
from pydantic_core import ErrorDetails

from dialects import models
from dialects.endpoint import Request
from dialects.json_reading import looks_like_json
from dialects.osticket import files, xml_values
from dialects.osticket.messages import chosen_format, message
from dialects.osticket.plugin import read
from dialects.osticket.values import (
    FORMATS,
    LONGEST_REFERENCE,
    Shape,
    Values,
    field_value,
    json_value,
)
from dialects.osticket.words import Unreadable
from helpdesk import text
from helpdesk.catalogue.fields import LONGEST_LINE, truth
from helpdesk.errors import Conflict, Invalid, NotFound, Problem
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.tickets import UNCHANGED, Change

Line = Annotated[StrictStr, StringConstraints(max_length=LONGEST_LINE)]
Reference = StrictInt | Line
"""A row of the catalogue by its id or its name, a ticket by its number."""

NOTE_TITLE, NOTE_POSTER = "API Update", "API"


class TicketUpdate(BaseModel):
    """Any of these, and custom fields by their names; what is missing or null stays as it is, but
    for the due date.
    """

    model_config = ConfigDict(extra="allow")

    status: Reference | None = Field(None, alias="statusId", description="Status, name or id.")
    department: Reference | None = Field(
        None, alias="departmentId", description="Department, name or id."
    )
    topic: Reference | None = Field(None, alias="topicId", description="Help topic, id or name.")
    sla: Reference | None = Field(None, alias="slaId", description="SLA plan, name or id.")
    agent: Reference | None = Field(
        None, alias="staffId", description="Agent, by user name, address or id."
    )
    priority: Reference | None = Field(None, description="Priority, name or id.")
    priority_id: Reference | None = Field(
        None, alias="priorityId", description="The same; ignored if `priority` is given."
    )
    subject: Line | None = Field(None, description="The subject.")
    team: Reference | None = Field(None, alias="teamId", description="Team, name or id.")
    clear: list[Literal["staff", "team", "topic", "sla", "dueDate"]] | None = Field(
        None, description="Fields of the ticket to clear."
    )
    due: StrictStr | StrictInt | StrictFloat | None = Field(
        None, alias="dueDate", description="ISO 8601; null clears it."
    )
    services: list[StrictInt] | None = Field(
        None,
        description="Ids of the services that the ticket is about; their subscribers are notified "
        "when it is closed or reopened. Only for keys with `can_manage_directory`.",
    )
    parent: Reference | None = Field(
        None,
        alias="parentTicketNumber",
        description="Number of the parent ticket.",
    )
    note: StrictStr | None = Field(None, description="A note that only staff see.")
    note_title: Line | None = Field(None, alias="noteTitle", description="Its title.")
    note_format: Line | None = Field(
        None, alias="noteFormat", description="`markdown` (the default), `html` or `text`."
    )
    attachments: list[Any] | dict[str, Any] | None = Field(
        None, description="Files of the note: data URLs by file name."
    )


class TicketReply(BaseModel):
    """An agent's reply to the requester."""

    model_config = ConfigDict(extra="ignore")

    message: StrictStr | None = Field(
        None,
        description="The reply, as it is or as a data URL; required.",
        examples=["It is fixed."],
    )
    format: Line | None = Field(
        None,
        description="`markdown`, `html` or `text`; by default that of the data URL, else `text`.",
    )
    agent: Reference | None = Field(
        None,
        alias="staffId",
        description="The replying agent, by user name, address or id; by default the key's own "
        "agent. Any other agent requires `can_act_for_others`.",
    )
    alert: Any = Field(None, description="Whether other staff are notified; true by default.")
    attachments: list[Any] | dict[str, Any] | None = Field(
        None, description="Files to attach to the mail: data URLs, or `upload:ID`, by file name."
    )


class SubticketLink(BaseModel):
    """The ticket to make a subticket of the one in the path."""

    model_config = ConfigDict(extra="ignore")

    child: Reference | None = Field(None, alias="childId", description="Its number.")


# --- the operations -------------------------------------------------------------------------


def update(request: Request) -> tuple[str, Change]:
    """The ticket to update, and the change.

    Raises:
        Unreadable: The path or the body cannot be read.
        NotFound: `ticket` or `parent`, if it is not a possible reference.
        Invalid: A value has a wrong type, a file is invalid, or there are files without a note.
    """
    ref, _ = read.reference(request, "tickets-update.php", "ticket_number")
    sent = models.validate(TicketUpdate, _values(request), _problem)
    if not sent.model_fields_set:
        raise Invalid(Problem("fields", "nothing_known"))
    cleared = {{"dueDate": "due"}.get(name, name) for name in sent.clear or ()}
    change = Change(
        status=_named(sent.status),
        department=_named(sent.department),
        topic=_named(sent.topic),
        sla=_named(sent.sla),
        agent=_named(sent.agent),
        priority=_named(sent.priority_id if sent.priority is None else sent.priority),
        team=_named(sent.team),
        subject=sent.subject,
        release="staff" in cleared,
        clear=frozenset(cleared) & {"team", "topic", "sla"},
        fields={name: field_value(value) for name, value in (sent.model_extra or {}).items()},
        due=_due(sent.due) if "due" in sent.model_fields_set | cleared else UNCHANGED,
        parent=_parent(sent.parent),
        services=None if sent.services is None else tuple(sent.services),
        entry=_note(sent),
        strict=True,
    )
    return ref, change


def reply(request: Request) -> tuple[str, int | str | None, NewEntry, Shape]:
    """The ticket to answer, the agent, the entry, and the format of the response (docs/osticket.md,
    row W).

    Raises:
        Unreadable: The path or the body cannot be read, or names an unknown format.
        NotFound: `ticket`, if it is not a possible reference.
        Invalid: There is no message, a value has a wrong type, or a file is invalid.
    """
    ref, shape = read.reference(request, "tickets-reply.php", "ticket_number")
    values = _values(request)
    sent = models.validate(TicketReply, values, _problem)
    body = message(values, chosen_format(values))
    if body.text.strip() in {"", "-"} and (sent.message or "").strip() != "-":
        raise Invalid(Problem("message", "required", label="Message"))
    entry = NewEntry(
        body=body,
        alert=sent.alert is None or truth(sent.alert),
        files=files.files(sent.attachments),
    )
    return ref, _named(sent.agent), entry, shape


def link(request: Request) -> tuple[str, str, Shape]:
    """The parent, the child and the format of the answer.

    Raises:
        Unreadable: The path or the body cannot be read, or the body names no child.
        Conflict: `itself`, if both are the same.
        NotFound: `parent` or `child`, if it is not a possible reference.
        Invalid: The child is neither a number nor text.
    """
    parent, shape = read.relative(request, "tickets-subtickets-create.php", "parent", "parent ")
    sent = models.validate(SubticketLink, _values(request), _problem)
    if str(sent.child or "").strip() in {"", "0"}:
        raise Unreadable("Missing childId in request body")
    child = str(sent.child).strip()
    if len(child) > LONGEST_REFERENCE:
        raise NotFound("child", child)
    if parent == child:
        raise Conflict("itself")
    return parent, child, shape


def _named(value: int | str | None) -> int | str | None:
    # Only null is "not sent": a blank name names no row.
    return text.one_line(value) if isinstance(value, str) else value


def _parent(value: int | str | None) -> str | None:
    if value is None:
        return None
    number = str(value).strip()
    if not number or len(number) > LONGEST_REFERENCE:
        raise NotFound("parent", number)
    return number


def _due(value: str | float | None) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    return str(value).strip() or None


def _note(sent: TicketUpdate) -> NewEntry | None:
    written = sent.note or ""
    if not written.strip():
        if sent.attachments:
            raise Invalid(Problem("attachments", "without_note"))
        return None
    chosen = (sent.note_format or "").strip().lower()
    return NewEntry(
        # An unknown format counts as the default one (docs/osticket.md 3.3).
        body=Body(written, FORMATS.get(chosen, "markdown")),
        poster=NOTE_POSTER,
        title=text.one_line(sent.note_title or "") or NOTE_TITLE,
        files=files.files(sent.attachments),
    )


# --- from bytes to values -------------------------------------------------------------------


_REASONS = {"dueDate": "date", "attachments": "list", "clear": "clear"}
_TEXTS = frozenset({"note", "noteTitle", "noteFormat", "message", "format"})


def _problem(found: ErrorDetails) -> Problem:
    name = str(found["loc"][0])
    if found["type"] == "string_too_long":
        return Problem(name, "too_long", detail=str(LONGEST_LINE))
    reason = _REASONS.get(name, "type" if name in _TEXTS else "name_or_id")
    return Problem("due" if name == "dueDate" else name, reason)


def _values(request: Request) -> Values:
    """The values of a body by its content type: JSON, XML, else a form (docs/osticket.md 3.0)."""
    kind = request.headers.get("content-type", "").lower()
    # Many a client calls JSON a form or plain text.
    if "json" in kind or ("xml" not in kind and looks_like_json(request.body)):
        return _json(request.body)
    values = xml_values.fields(request.body) if "xml" in kind else _form(request.body)
    if not values:
        raise Unreadable("No data provided")
    return values


def _json(body: bytes) -> Values:
    try:
        value = json_value(body)
    except Unreadable as bad:
        raise Unreadable("Invalid JSON: Syntax error") from bad
    if not value or not isinstance(value, dict):
        raise Unreadable("No data provided in JSON body")
    return value


def _form(body: bytes) -> Values:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as bad:
        raise Unreadable("No data provided") from bad
    # What is no name at all is no form either, such as JSON that was called one.
    return {name: value for name, value in pairs if name.isidentifier()}
