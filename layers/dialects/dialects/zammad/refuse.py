"""Every refusal of Zammad's API: `{"error", "error_human"}` (docs/zammad.md 4)."""

import json
from collections.abc import Callable, Mapping

from dialects.content_encoding import BadEncoding
from dialects.endpoint import KeyExpired, Request, Response, UnknownPath
from dialects.zammad import show
from helpdesk import errors

CLASSES: Mapping[str, str] = {
    "ticket": "Ticket",
    "article": "Ticket::Article",
    "user": "User",
    "organization": "Organization",
    "group": "Group",
    "role": "Role",
    "state": "Ticket::State",
    "priority": "Ticket::Priority",
    "tag": "Tag::Item",
    "file": "Store",
    "mention": "Mention",
    "accounting": "Ticket::TimeAccounting",
    "entry": "Ticket::Article",
    "source": "Ticket",
    "target": "Ticket",
    "link": "Ticket",
}
"""Zammad's names of the kinds of records, by the desk's and this dialect's names."""

ATTRIBUTES: Mapping[str, str] = {
    "subject": "title",
    "pending_until": "pending_time",
    "person": "customer_id",
    "user": "customer_id",
}
"""Zammad's attributes for the desk's fields."""

REFERENCES: Mapping[str, str] = {
    "person": "customer_id",
    "agent": "owner_id",
    "department": "group_id",
    "status": "state_id",
    "priority": "priority_id",
}
"""The ticket attributes that refer to records of these kinds, by the desk's names."""

OF_TICKETS = (
    "can_read_tickets",
    "can_create_tickets",
    "can_update_tickets",
    "can_delete_tickets",
    "can_search_tickets",
)
"""A key needs one of these to count as an agent's or a customer's (docs/zammad.md 3)."""


class Refusal(errors.DeskError):
    """An error of this API only: its status, its text, and other keys of the body."""

    def __init__(self, status: int, text: str, **beside: object) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.beside = beside


class NotAccessible(Refusal):
    """The actor may not do this with an existing record."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(403, f"Not authorized ({reason})!" if reason else "Not authorized")


def refuse(error: Exception, request: Request) -> Response:
    """The response for any error of the desk, including unexpected ones."""
    for kind, word in _WORDS:
        if isinstance(error, kind):
            status, text, beside = word(error, request)
            return _say(status, text, beside)
    return _say(500, "Something went wrong. Please try again.", {})


_Said = tuple[int, str, Mapping[str, object]]


def _own(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, Refusal)  # noqa: S101 - by _WORDS
    return error.status, error.text, error.beside


def _badly_encoded(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, BadEncoding)  # noqa: S101 - by _WORDS
    return error.status, f"{error.words}.", {}


def _unknown_path(_error: Exception, request: Request) -> _Said:
    # A HEAD response has no body, but the Content-Length of GET's.
    method = "GET" if request.method == "HEAD" else request.method
    return 404, f"No route matches [{method}] {request.path}", {}


def _not_allowed(error: Exception, request: Request) -> _Said:
    assert isinstance(error, errors.NotAllowed)  # noqa: S101 - by _WORDS
    if error.permission == "can_manage_directory" and request.actor.customer is not None:
        return 403, "Not authorized (user)!", {}
    if error.permission != "can_manage_directory" and request.actor.may(*OF_TICKETS):
        return 403, "Not authorized", {}
    return 403, "Not authorized (token)!", {}


def _not_found(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, errors.NotFound)  # noqa: S101 - by _WORDS
    if error.hidden:
        return 403, "Not authorized", {}
    if name := REFERENCES.get(error.what):
        return 422, f"Invalid value for param '{name}': {json.dumps(error.ref)}", {}
    return 404, f"Couldn't find {CLASSES.get(error.what, error.what)} with 'id'={error.ref}", {}


def _inactive(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, errors.Inactive)  # noqa: S101 - by _WORDS
    name = REFERENCES.get(error.what, error.what)
    return 422, f"Invalid value for param '{name}': {json.dumps(error.ref)}", {}


def _invalid(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, errors.Invalid)  # noqa: S101 - by _WORDS
    problem = error.problems[0]
    name = ATTRIBUTES.get(problem.field, problem.label or problem.field)
    word = _PROBLEMS.get(problem.reason, "Invalid value for field '{name}'!")
    word = _OF_FIELDS.get((problem.field, problem.reason), word)
    if problem.field == "Idempotency-Key":
        return 400, "Idempotency-Key is too long.", {}
    if problem.field == "mail_to":
        return 422, _NO_RECIPIENT, {"invalid_attribute": {"email_recipient": _NO_RECIPIENT}}
    if problem.reason == "required" and problem.field in {"subject", "person", "user"}:
        word = "Attribute '{name}' required!"
    return 422, word.format(name=name, detail=problem.detail, label=problem.label), {}


_NO_RECIPIENT = "Sending an email without a valid recipient is not possible."

_OF_FIELDS: Mapping[tuple[str, str], str] = {
    ("identifier", "required"): (
        "At least one identifier (firstname, lastname, phone, mobile or email) for user is "
        "required."
    ),
    ("email", "email"): "Invalid email '{detail}'",
    ("organization", "unknown"): "Invalid value for param 'organization_id': {detail}",
    ("organizations", "unknown"): "No value found for 'organizations' with id {detail}",
}
"""Texts that apply to one field only."""


_PROBLEMS: Mapping[str, str] = {
    "required": "Missing required value for field '{name}'!",
    "no_access": "User {detail} has no access to this ticket and cannot be mentioned.",
    "incomplete": "Attribute '{name}' required!",
    "past": "Invalid value for field '{name}': it does not allow past dates.",
    "too_long": "Invalid value for field '{name}': at most {detail} characters are allowed.",
    "too_many": "Invalid value for field '{name}': at most {detail} are allowed.",
    "file_too_large": "Attachment '{label}' is too large: at most {detail} bytes are allowed.",
    "files_too_large": "Attachments are too large: at most {detail} bytes are allowed.",
}


def _conflict(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, errors.Conflict)  # noqa: S101 - by _WORDS
    fallback: _Said = (422, "This contradicts what is stored.", {})
    status, text, beside = _CONFLICTS.get(error.reason, fallback)
    return status, text.format(detail=error.detail), beside


_CONFLICTS: Mapping[str, _Said] = {
    "itself": (422, "An object cannot be linked to itself.", {}),
    "linked": (422, "Link already exists", {}),
    "merged_itself": (422, "A ticket cannot be merged into itself.", {}),
    "merged_target": (
        422,
        "It is not possible to merge into an already merged ticket.",
        {},
    ),
    "no_time_accounting": (422, "Time accounting is not enabled.", {}),
    "number_taken": (422, "This object already exists.", {}),
    "name_taken": (422, "This object already exists.", {}),
    "id_taken": (422, "This object already exists.", {}),
    "username_taken": (422, "This object already exists.", {}),
    "tag_taken": (422, "This object already exists.", {}),
    "login_taken": (422, "This object already exists.", {}),
    "email_taken": (422, "Email address '{detail}' is already used for another user.", {}),
    "in_use": (422, "Can't delete, object has references.", {}),
    "deleted_status": (422, "Invalid value '6' for field 'state_id'!", {}),
    "follow_up": (
        422,
        "Cannot follow-up on a closed ticket. Please create a new ticket.",
        {},
    ),
    "changed_meanwhile": (409, "Someone else was changing this at the same time. Try again.", {}),
    "idempotency_key_reused": (
        409,
        "This Idempotency-Key has already been used for another request.",
        {},
    ),
}


def _words(status: int, text: str) -> Callable[[Exception, Request], _Said]:
    return lambda _error, _request: (status, text, {})


def _too_large(error: Exception, _request: Request) -> _Said:
    assert isinstance(error, errors.TooLarge)  # noqa: S101 - by _WORDS
    if error.what in {"tags", "links", "mentions", "files"}:
        return 413, f"This is more than can be stored: at most {error.limit} {error.what}.", {}
    return 413, "This is more than can be stored.", {}


_WORDS: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Exception, Request], _Said]],
    ...,
] = (
    (Refusal, _own),
    (BadEncoding, _badly_encoded),
    (KeyExpired, _words(401, "Not authorized (token expired)!")),
    (UnknownPath, _unknown_path),
    (errors.NotAllowed, _not_allowed),
    (errors.NotFound, _not_found),
    (errors.NotAttached, _words(403, "The file does not belong to the specified article.")),
    (errors.Inactive, _inactive),
    (errors.Invalid, _invalid),
    (errors.Conflict, _conflict),
    (errors.Banned, _words(422, "Mail from this address is not accepted.")),
    (errors.TooManyOpen, _words(422, "This customer has as many open tickets as are allowed.")),
    (errors.TooLarge, _too_large),
    (errors.TooWide, _words(422, "Too many tickets match. Please narrow the search.")),
    ((errors.Throttled, errors.Unavailable), _words(503, "Please try again in a moment.")),
)


def _say(status: int, text: str, beside: Mapping[str, object]) -> Response:
    body: dict[str, object] = {"error": text, "error_human": text, **beside}
    # A body can leave out the default keys by setting them to None.
    body = {name: value for name, value in body.items() if value is not None}
    headers = {"X-Failure": text} if status in {401, 403} and text.isascii() else {}
    if status == 503:
        headers["Retry-After"] = "1"
    return show.refusal(status, body, headers)
