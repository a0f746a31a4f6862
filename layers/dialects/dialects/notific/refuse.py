"""Every error response of Notific's API, in ASP.NET's format and texts (docs/notific.md 4)."""

import json
from collections.abc import Mapping, Sequence

from dialects.content_encoding import BadEncoding
from dialects.endpoint import KeyExpired, Request, Response, UnknownPath
from dialects.notific import contracts, media, shapes
from dialects.notific.shapes import Shape
from helpdesk import errors

INVALID = "The request is invalid."
DENIED = "Authorization has been denied for this request."

ModelState = Mapping[str, Sequence[str]]
"""The problems of each property, such as `ticket.Title`."""


class BadRequest(errors.DeskError):
    """400: the request cannot be parsed; has the problems of each property."""

    def __init__(self, state: ModelState | None = None) -> None:
        super().__init__("bad request")
        self.state = state or {}


class Unsupported(errors.DeskError):
    """415: the media type of the body, which is not supported; empty if it has none."""

    def __init__(self, media_type: str) -> None:
        super().__init__("media type")
        self.media_type = media_type


class TooLong(errors.DeskError):
    """400: the full list does not fit into one response."""


def refuse(error: Exception, request: Request) -> Response:
    """The response for any error of the desk, including unexpected ones."""
    shape = shapes.of_path(request.path) or shapes.TICKET
    status, message, state = _said(error, request, shape)
    headers = {"Retry-After": "1"} if status == 503 else {}
    return refusal(request, status, message, state, headers)


def refusal(
    request: Request,
    status: int,
    message: str,
    state: ModelState | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error in a format that the request accepts."""
    media_type = media.accepted(request)
    if media.is_xml(media_type):
        text = contracts.error(message, state or {})
    else:
        body: dict[str, object] = {"Message": message}
        if state:
            body["ModelState"] = {name: list(texts) for name, texts in state.items()}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text, media.content_type(media_type), headers or {})


_Said = tuple[int, str, ModelState]


def _said(  # noqa: C901, PLR0911, PLR0912 - one for each kind
    error: Exception, request: Request, shape: Shape
) -> _Said:
    match error:
        case BadRequest():
            return 400, INVALID, error.state
        case Unsupported():
            return 415, _unsupported(error), {}
        case TooLong():
            return 400, TOO_LONG, {}
        case BadEncoding():
            return error.status, f"{error.words}.", {}
        case KeyExpired():
            return 401, DENIED, {}
        case errors.NotAllowed():
            return 403, DENIED, {}
        case UnknownPath() | errors.NotFound(what="status"):
            where = f"{request.base_url}{request.path}"
            return 404, f"No HTTP resource was found that matches the request URI '{where}'.", {}
        case errors.NotFound():
            return _not_found(error, shape)
        case errors.Inactive():
            return _under(shape, error.what, f"{shape_of(error.what)} {error.ref} is switched off.")
        case errors.Invalid():
            return _invalid(error, shape)
        case errors.Conflict():
            return _conflict(error, shape)
        case errors.Banned():
            return 400, "Mail from this address is not accepted.", {}
        case errors.TooManyOpen():
            return 400, "This customer has as many open tickets as are allowed.", {}
        case errors.TooLarge():
            return 413, "This is more than can be stored.", {}
        case errors.TooWide():
            return 400, TOO_LONG, {}
        case errors.Throttled() | errors.Unavailable():
            return 503, "Please try again in a moment.", {}
    return 500, "An error has occurred.", {}


def _unsupported(error: Unsupported) -> str:
    if error.media_type:
        return (
            f"The request entity's media type '{error.media_type}' is not supported for this "
            "resource."
        )
    return (
        "The request contains an entity body but no Content-Type header. The inferred media type "
        f"'{media.OCTETS}' is not supported for this resource."
    )


TOO_LONG = "The list is too long for one answer. Ask for a part of it by $top and $skip."

PROPERTIES: Mapping[str, str] = {
    "subject": "Title",
    "message": "Description",
    "due": "ExpectedResolutionTime",
    "duedate": "ExpectedResolutionTime",
    "start": "StartTime",
    "end": "EndTime",
    "next_update": "NextUpdateTime",
    "closed_time": "ClosedTime",
    "services": "Services",
    "agent": "OperatorId",
    "person": "CustomerId",
    "name": "Name",
    "email": "Email",
    "username": "Email",
    "mobile": "CellPhone",
    "phone": "CellPhone",
    "description": "Description",
}
"""The properties for fields of the desk."""

_OWN: Mapping[str, str] = {
    "Ticket": "ticket",
    "Customer": "customer",
    "Service": "services",
    "Operator": "agents",
}
"""The desk's name of a resource."""


def shape_of(what: str) -> str:
    """This API's name of a record that a ticket refers to."""
    return {"agent": "Operator", "person": "Customer"}.get(what, what)


def _not_found(error: errors.NotFound, shape: Shape) -> _Said:
    if error.what in {shape.name, _OWN[shape.name]}:
        return 404, f"No {shape.name} was found with id {error.ref}.", {}
    return _under(shape, error.what, f"No {shape_of(error.what)} was found with id {error.ref}.")


def _under(shape: Shape, field: str, text: str) -> _Said:
    return 400, INVALID, {f"{shape.argument}.{PROPERTIES.get(field, field)}": [text]}


def _invalid(error: errors.Invalid, shape: Shape) -> _Said:
    state: dict[str, list[str]] = {}
    for problem in error.problems:
        if problem.field == "Idempotency-Key":
            return 400, "The Idempotency-Key is too long.", {}
        name = PROPERTIES.get(problem.field, problem.label or problem.field)
        words = _PROBLEMS.get(problem.reason, "The {name} field is not valid.")
        text = words.format(name=name, detail=problem.detail, label=problem.label)
        state.setdefault(f"{shape.argument}.{name}", []).append(text)
    return 400, INVALID, state


_PROBLEMS: Mapping[str, str] = {
    "required": "The {name} field is required.",
    "too_long": "The field {name} must be a string with a maximum length of {detail}.",
    "email": "The {name} field is not a valid e-mail address.",
    "unknown": "The {name} field names what is not there: {detail}.",
    "too_many": "The field {name} may hold at most {detail} ids.",
    "before_start": "The EndTime must not be before the StartTime.",
    "both": "A new ClosedTime and a new ReopenedTime cannot be set at once.",
    "date": "An error has occurred.",
}


def _conflict(  # noqa: PLR0911 - one for each reason
    error: errors.Conflict, shape: Shape
) -> _Said:
    match error.reason:
        case "email_taken" | "username_taken":
            return _under(shape, "email", f"Another {shape.argument} has this address.")
        case "name_taken":
            return _under(shape, "name", f"Another {shape.argument} has this name.")
        case "in_use" if error.detail == "tickets":
            return 400, f"The {shape.name} has tickets and cannot be deleted.", {}
        case "in_use":
            return 400, f"The {shape.name} is in use and cannot be deleted: {error.detail}.", {}
        case "changed_meanwhile":
            return 409, "Someone else was changing this at the same time. Please try again.", {}
        case "idempotency_key_reused":
            return 409, "This Idempotency-Key has already been used for another request.", {}
    return 400, "This contradicts what is stored.", {}
