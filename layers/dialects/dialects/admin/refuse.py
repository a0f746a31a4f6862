"""Every refusal of the admin API: `{"error": {"code", "message", "field"}}`.

Codes are for programs and never change; messages are for people. `field` is the body's field, the
query's parameter or the header that is to blame, or null. The gateway's own refusals have the same
shape (template.yaml, AdminApi).
"""

from types import UnionType
from typing import Any

from dialects.admin import uses
from dialects.answers import as_json
from dialects.content_encoding import BadEncoding
from dialects.endpoint import KeyExpired, Request, Response, UnknownPath
from helpdesk import errors
from helpdesk.keys.permissions import BeyondOwn

REASONS = {
    "required": "is required",
    "unknown": "refers to something that does not exist",
    "email": "must be an e-mail address",
    "circular": "cannot be below itself",
    "unfit": "cannot be given to new tickets",
    "agent_or_customer": "cannot be set together with agent",
    "too_long": "is too long",
    "read_only": "cannot be changed",
    "page": "is not a value that a list has returned",
    "names": "must have names that differ from each other and from the desk's own fields",
    "order": "must name every row of this kind exactly once",
    "ids": "must have ids that no other field uses",
    "parameter": "is not a known parameter",
    "inactive": "refers to something that is inactive",
    "date": "must be a time such as 2027-01-31T23:59:59Z",
}
"""Texts for problems with a field, unless the reader of the body has already given one."""

BOUNDS = {"too_many": "must leave at most {} of them"}
"""Texts for problems with a list; the detail is the limit."""

OF_FILES = {
    "too_many_files": "must have at most {} files",
    "file_too_large": "has more than {} bytes",
    "files_too_large": "have more than {} bytes together",
    "file_type": "has a type that the desk does not accept ({})",
}
"""Texts for problems with a file, or with all of them; the detail is the limit, or the type."""

CONFLICTS = {
    "last_managing_key": (
        "This is the last key that can manage keys for good: it must stay active, unlimited, "
        "without expiry and with can_manage_keys"
    ),
    "id_taken": "This id is taken",
    "name_taken": "This name is taken",
    "tag_taken": "This tag is taken",
    "email_taken": "This address is taken",
    "username_taken": "This username is taken",
    "login_taken": "This login is taken",
    "in_use": "This is in use by {}",
    "built_in": "The desk relies on this: it cannot be added, removed or renamed",
    "last_row": "This is the last of its kind",
    "last_of_state": "This is the last status of its state",
    "default_row": "This is the default for new tickets (see the settings)",
    "changed": "Someone else has changed this since you read it",
    "changed_meanwhile": "Someone else was changing this at the same time; try again",
    "virus": "A virus was found in this mail: it cannot be accepted",
    "banned": "Another rule holds this mail now: the sender is on the ban list, or unknown",
    "too_many_open": (
        "Another rule holds this mail now: the sender has as many open tickets as allowed"
    ),
    "loop": "Another rule holds this mail now: it is one of the desk's own that came back",
    "itself": "A ticket cannot be linked with itself",
    "linked": "These tickets are already linked in this way",
    "merged_itself": "A ticket cannot be merged into itself",
    "merged_target": "That ticket was merged into another one itself",
    "no_closed_status": "No status closes a ticket that is merged",
    "deleted_status": "A ticket is deleted by DELETE, not by its status",
    "follow_up": "This closed ticket accepts nothing more from its requester; open a new one",
    "move_under_way": "Dead letters of this queue are already being moved",
    "not_refused": "This mail is still waiting, or has already been sent",
    "idempotency_key_reused": "This Idempotency-Key has already been used for another request",
}


CONTRADICTS = "The request contradicts what is stored"
"""The text for any other conflict."""


class Unreadable(errors.DeskError):
    """The body is not valid JSON; the message tells the position."""


HEADERS = {"Cache-Control": "no-store"}
"""Headers of every response of the family, since bodies contain keys, people and mail."""

PLAIN: tuple[tuple[type[Exception] | UnionType, int, str, str], ...] = (
    (KeyExpired, 401, "unauthorized", "Valid API key required"),
    (errors.NotFound | UnknownPath, 404, "not_found", "This does not exist"),
    (errors.NotAttached, 404, "not_found", "This does not exist"),
    (errors.TooWide, 422, "too_wide", "Too many match; please narrow the search"),
    (errors.TooLarge, 413, "too_large", "This is more than can be stored"),
    (errors.Throttled | errors.Unavailable, 503, "unavailable", "Try again in a moment"),
    (Exception, 500, "internal", "Something went wrong"),
)
"""Errors with a fixed text; the first that matches."""


def refuse(error: Exception, request: Request) -> Response:
    """The response to any error of the desk, and to an internal error."""
    error = _as_problem(error)
    match error:
        case errors.NotAllowed():
            return _forbidden(error)
        case Unreadable():
            return _say(400, "invalid_json", str(error))
        case BadEncoding():
            return _say(error.status, "content_encoding", error.words, "Content-Encoding")
        case errors.Invalid():
            return _invalid(error)
        case errors.Conflict():
            return _conflict(error, request)
    fits = ((status, code, said) for kind, status, code, said in PLAIN if isinstance(error, kind))
    status, code, message = next(fits)
    return _say(status, code, message)


REFERRED = frozenset({"status", "agent", "team", "department", "priority"})
"""The desk's names of the rows that a ticket references: a missing one is an error in the body."""


def _as_problem(error: Exception) -> Exception:
    """A row that the body names and that is not there, or switched off, as a problem of its field;
    any other error as it is.
    """
    match error:
        case errors.NotFound() if error.what in REFERRED:
            return errors.Invalid(errors.Problem(error.what, "unknown"))
        case errors.Inactive():
            return errors.Invalid(errors.Problem(error.what, "inactive"))
    return error


def _conflict(error: errors.Conflict, request: Request) -> Response:
    field, taken, _ = error.reason.partition("_taken")
    said = CONFLICTS.get(error.reason, CONTRADICTS).format(error.detail)
    beside: dict[str, Any] = {}
    if isinstance(error, errors.InUse):
        beside["used_by"] = uses.shown(error.uses, request.actor)
    return _say(409, error.reason, said, field if taken else None, **beside)


def _forbidden(error: errors.NotAllowed) -> Response:
    if isinstance(error, BeyondOwn):
        answer = f"Your key lacks {error.permission}, so it cannot give, change or take it"
        if error.field in {"departments", "customer"}:
            answer = f"Your key is limited in its {error.field}, so it cannot go beyond them"
        return _say(403, "forbidden", answer, error.field)
    return _say(403, "forbidden", f"This needs a key with {error.permission}")


def _invalid(error: errors.Invalid) -> Response:
    problem = error.problems[0]
    said = _words(problem)
    if problem.field == "Idempotency-Key":
        return _say(400, "invalid", f"{problem.field} {said}", problem.field)
    return _say(422, "invalid", f"{problem.label or problem.field} {said}".strip(), problem.field)


def _words(problem: errors.Problem) -> str:
    """The text of a problem: as given by the reader of the body or query, else by the desk's
    reason.
    """
    if problem.field == "attachments" and problem.reason in OF_FILES:
        return OF_FILES[problem.reason].format(problem.detail)
    if problem.reason in BOUNDS and not problem.label:
        return BOUNDS[problem.reason].format(problem.detail)
    known = REASONS.get(problem.reason)
    return problem.detail if known is None or problem.label else known


def _say(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    **beside: Any,
) -> Response:
    body = {"error": {"code": code, "message": message, "field": field or None, **beside}}
    return as_json(body, status)
