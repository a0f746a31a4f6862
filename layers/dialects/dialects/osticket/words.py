"""The error texts of the osTicket family, and its JSON format.

One table has the texts of all errors; each API's `refuse` formats them in its own way. Rows and
sections: docs/osticket.md.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialects.content_encoding import BadEncoding
from dialects.endpoint import KeyExpired, Response, UnknownPath
from helpdesk.errors import (
    Banned,
    ChangedUnderYou,
    Conflict,
    DeskError,
    Inactive,
    Invalid,
    KeyReused,
    NotAllowed,
    NotAttached,
    NotFound,
    Problem,
    Throttled,
    TooLarge,
    TooManyOpen,
    TooWide,
    Unavailable,
)

HTML = "text/html; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"
JSON = "application/json; charset=UTF-8"

_FAILED = "Unable to create new ticket :"


class Unreadable(DeskError):
    """The request cannot be read; `words` is the whole message to the caller.

    `quotes` marks texts that the plugin sends as text/plain on create (docs/osticket.md 3.1).
    """

    def __init__(self, words: str, *, quotes: bool = False, status: int = 400) -> None:
        super().__init__(words)
        self.words = words
        self.quotes = quotes
        self.status = status


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal before it is written down.

    `text` is the plugin's message, `long` the core's body if that says more. `how` is the core's
    format: its usual text/html, text/plain for a text that quotes the caller (so that no browser
    takes a file's name for a tag), or JSON for errors that are the same in the whole family
    (docs/osticket.md, rows 20, D).
    """

    status: int
    text: str
    long: str = ""
    how: Literal["usual", "plain", "json"] = "usual"
    headers: Mapping[str, str] | None = None


# --- one problem of a form ------------------------------------------------------------------

_STOCK_IDS = {"subject": "20", "message": "21", "priority": "22"}
_STOCK_LABELS = {"subject": "Issue Summary", "message": "Issue Details"}

_PROBLEMS = {
    "base64": "Invalid base64 data",
    "data_url": "The contents are no data URL",
    "beside": "Not together with {detail}",
    "cursor": "No cursor that a list has given",
    "clear": "A list of what to clear expected: staff, team, topic, sla, dueDate",
    "date": "Enter a valid date",
    "email": "Enter a valid email address",
    "file_type": "File type is not allowed ({detail})",
    "incomplete": "Incomplete client information",
    "list": "List expected",
    "name_or_id": "Name or id expected",
    "ip": "Enter a valid IP address",
    "nothing_known": "Nothing that can be changed. Known are statusId, departmentId, topicId, "
    "slaId, staffId, teamId, priority, dueDate, subject, parentTicketNumber, note, clear, and "
    "custom fields by name",
    "number": "Enter a Number",
    "parameter": "Unknown parameter",
    "past": "Due date must be in the future",
    "pattern": "Value does not match required pattern",
    "phone": "Enter a valid phone number",
    "phone_extension": "Enter a valid phone extension",
    "phone_missing": "Enter a phone number for the extension",
    "too_early": "Selected date is earlier than permitted ({detail})",
    "too_late": "Selected date is later than permitted ({detail})",
    "too_long": "Value is too long (at most {detail} characters)",
    "too_many_files": "Too many files (at most {detail})",
    "type": "Text expected",
    "upload": "Upload not found. Send the file to what POST /api/uploads gives, then name it once",
    "file": "Attachment {detail} has no name or no contents",
    "without_note": "Attachments need a note",
}


_NO_DATES = {
    "duedate": "Invalid due date",
    "due": "Invalid date format for dueDate. "
    'Expected ISO 8601 format (e.g., "2025-01-31" or "2025-01-31T17:30:00")',
}
"""Of a create (docs/osticket.md 1.3) and of an update (3.3)."""


_SENT = {"agent": "staffId"}
"""The plugin's names of the desk's fields."""


def _size(bytes_as_text: str) -> str:
    count = int(bytes_as_text)
    whole = count % (1024 * 1024) == 0 and count > 0
    return f"{count // (1024 * 1024)} MB" if whole else f"{count} bytes"


def describe(problem: Problem) -> str:
    """One problem in osTicket's words (docs/osticket.md 1.3 and 1.6)."""
    label = problem.label or _STOCK_LABELS.get(problem.field, "")
    if problem.reason == "required":
        return f"{label} is a required field" if label else "This is a required field"
    if problem.reason == "date":
        return _NO_DATES.get(problem.field, f"{label or problem.field} is not a valid date")
    if problem.reason == "file_too_large":
        return f"{label}: File size is too large (at most {_size(problem.detail)})"
    if problem.reason == "files_too_large":
        return f"Files are too large together (at most {_size(problem.detail)})"
    words = _PROBLEMS.get(problem.reason, "Invalid value").format(detail=problem.detail)
    return f"{problem.label}: {words}" if problem.field == "attachments" and label else words


def _invalid(error: Invalid) -> Words:
    told: dict[str, list[str]] = {}
    for problem in error.problems:
        told.setdefault(problem.field, []).append(describe(problem))
    form = {_STOCK_IDS.get(field, field): texts for field, texts in told.items()}
    lines = [line for field, texts in form.items() for line in (field, ",".join(texts))]
    message = "; ".join(
        # That of an update names its field itself.
        _NO_DATES["due"] if field == "due" else f"{_SENT.get(field, field)}: {', '.join(texts)}"
        for field, texts in told.items()
    )
    quotes = any(problem.field == "attachments" for problem in error.problems)
    return Words(400, message, _FAILED + "\n".join(lines), "plain" if quotes else "usual")


# --- things that are not there --------------------------------------------------------------

_NAMES = {
    "agent": "Staff member",
    "child": "Child ticket",
    "department": "Department",
    "parent": "Parent ticket",
    "priority": "Priority",
    "sla": "SLA",
    "status": "Status",
    "ticket": "Ticket",
    "team": "Team",
    "topic": "Help Topic",
}
_BY_NAME = frozenset({"department", "priority", "sla", "status", "team", "topic"})


def _not_found(error: NotFound) -> Words:
    if error.what == "link":
        return Words(404, "Child has no parent to unlink")
    name = _NAMES.get(error.what, error.what.capitalize())
    ref = error.ref
    if error.what in _BY_NAME and isinstance(ref, str) and not ref.strip().isdigit():
        return Words(404, f"{name} '{ref}' not found", how="plain")
    return Words(404, f"{name} not found", how="plain")


def _inactive(error: Inactive) -> Words:
    return Words(
        400, f"{_NAMES.get(error.what, error.what.capitalize())} is not active", how="plain"
    )


# --- what contradicts what is stored --------------------------------------------------------

_CONFLICTS = {
    "circular": Words(422, "Failed to create subticket relationship"),
    "deleted_status": Words(422, "A ticket cannot be set to Deleted: use DELETE"),
    "itself": Words(400, "Cannot link ticket to itself"),
    "linked": Words(422, "Subticket relationship already exists"),
    "other_parent": Words(422, "Child ticket already has a different parent"),
}
"""docs/osticket.md, rows I and J; docs/osticket.md 3.10."""


def _conflict(error: Conflict) -> Words:
    return _CONFLICTS.get(error.reason) or Words(409, "The request contradicts what is stored")


# --- keys -----------------------------------------------------------------------------------

_PERMISSIONS = {
    "can_delete_tickets": "API key not authorized to delete tickets",
    "can_manage_subtickets": "API key not authorized for subticket operations",
    "can_read_stats": "API key not authorized to read ticket statistics",
    "can_read_tickets": "API key not authorized to read tickets",
    "can_search_tickets": "API key not authorized to search tickets",
    "can_update_tickets": "API key not authorized to update tickets",
}


def _not_allowed(error: NotAllowed) -> Words:
    # docs/osticket.md, row 19. The core has but one text.
    core = "API key not authorized"
    return Words(403, _PERMISSIONS.get(error.permission, core), core)


def _banned(error: Banned) -> Words:
    # Measured 1.3. The address is one of the ban list, so no caller's markup is echoed.
    reason = "This help desk is for use by authorized users only"
    return Words(403, reason, f"{_FAILED}Ticket denied: {error.address}\n\n{reason}")


_TOO_MANY_OPEN = "You've reached the maximum open tickets allowed."


# --- the table ------------------------------------------------------------------------------

_SOON = {"Retry-After": "1"}

_WORDS: dict[type[Exception], Words | Callable[[Any], Words]] = {
    BadEncoding: lambda error: Words(error.status, error.words, how="plain"),
    Banned: _banned,
    ChangedUnderYou: Words(409, "Changed by others meanwhile, try again later"),
    Conflict: _conflict,
    Inactive: _inactive,
    Invalid: _invalid,
    KeyExpired: Words(401, "Valid API key required", how="json"),
    KeyReused: Words(409, "Idempotency-Key was used for another request"),
    NotAllowed: _not_allowed,
    NotAttached: Words(403, "Attachment not accessible"),
    NotFound: _not_found,
    Throttled: Words(429, "Too many requests, try again later", headers=_SOON),
    TooLarge: Words(413, "Request is too large. Send files by POST /api/uploads"),
    TooWide: Words(422, "Too many tickets match: narrow the search"),
    TooManyOpen: Words(400, _TOO_MANY_OPEN, f"{_FAILED}err\n{_TOO_MANY_OPEN}"),
    Unavailable: Words(503, "Service unavailable, try again later", headers=_SOON),
    UnknownPath: Words(404, "Endpoint not found", how="json"),
    Unreadable: lambda error: Words(
        error.status, error.words, how="plain" if error.quotes else "usual"
    ),
    Exception: Words(500, "Internal server error"),
}


def words_for(error: Exception) -> Words:
    """The text for an error: that of the closest class that has one."""
    kind = next(kind for kind in type(error).__mro__ if kind in _WORDS)
    said = _WORDS[kind]
    return said if isinstance(said, Words) else said(error)


def json_refusal(words: Words, message: str = "") -> Response:
    """A refusal in the plugin's JSON, which the other two APIs use for errors that are the same in
    the family.

    Args:
        words: The text.
        message: Replaces `words.text` if an endpoint has its own text.
    """
    body = as_json({"error": True, "message": message or words.text})
    return Response(words.status, body, JSON, words.headers or {})


# --- JSON as PHP writes it ------------------------------------------------------------------


def as_json(value: object) -> str:
    """JSON as PHP writes it for the plugin: no blanks, `/` escaped, other letters as they are."""
    # A slash can occur only inside strings.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


V1_JSON = "application/json"
"""v1's content type: its responses are plain ASCII (docs/osticket.md 2)."""


def as_ascii_json(value: object) -> str:
    """JSON as PHP writes it for v1: as `as_json`, and other letters escaped too."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")
