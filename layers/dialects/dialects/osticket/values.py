"""Values of osTicket requests, read by PHP's rules, for all three APIs of the family.

The contract accepts nearly every type for every key, so these are functions, not pydantic models;
the import alone would cost a create 140 ms of its cold start (docs/decisions/0010).
"""

from typing import Literal

from dialects import json_reading, parameters
from dialects.endpoint import Request
from dialects.osticket.words import Unreadable
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.model.entries import Format
from helpdesk.model.people import FieldValue

Shape = Literal["json", "xml"]
"""The format of an answer."""

Values = dict[str, object]
"""A body's values by key."""

LONGEST_REFERENCE = 64
"""Characters of a ticket number or id; nothing longer can name a ticket."""

DEFAULT_LIMIT, MOST_LISTED = 20, 100
"""Tickets of one page of a list, and how many it can have at most."""

FORMATS: dict[str, Format] = {
    "markdown": "markdown",
    "md": "markdown",
    "html": "html",
    "text": "text",
    "plain": "text",
    "txt": "text",
}
"""The names of a body's format (docs/osticket.md 3.1)."""

_NOT_JSON = {
    "encoding": "Malformed UTF-8 characters, possibly incorrectly encoded",
    "depth": "Maximum stack depth exceeded",
    "control": "Unexpected control character found",
    "surrogate": "Unknown error",
    "syntax": "Syntax error, malformed JSON",
}
"""The texts of PHP's decoder (docs/osticket.md 1.3)."""


def json_body(request: Request) -> Values:
    """The object in a request's body.

    Raises:
        Unreadable: The body is no JSON, with the text of PHP's decoder; or it is empty, a text, a
            number or a constant.
    """
    value = json_value(request.body)
    if not value or not isinstance(value, dict | list):
        raise Unreadable("No errors")
    # The keys of a list are its positions, which name no field.
    return value if isinstance(value, dict) else {"": value}


def json_value(body: bytes) -> object:
    """Reads values of JSON bodies.

    Raises:
        Unreadable: The body is no JSON.
    """
    try:
        return json_reading.read(body)
    except json_reading.NotJson as bad:
        raise Unreadable(_NOT_JSON[bad.problem]) from bad


def text_of(values: Values, key: str) -> str:
    """A value that must be text; numbers and booleans are read as PHP writes them.

    Raises:
        Invalid: `type`, for lists and objects (docs/osticket.md, row A).
    """
    value = values.get(key)
    if isinstance(value, dict | list):
        raise Invalid(Problem(key, "type"))
    return scalar(value)


def scalar(value: object) -> str:
    """A single value as PHP writes it: nothing for null and false, `1` for true."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def row_of(values: Values, key: str) -> int | str | None:
    """A reference to a row of the catalogue: an id, or text, which may be a name or an id.

    None if nothing was sent, and for values that PHP considers empty: empty text, zero, false.

    Raises:
        Invalid: `name_or_id`, for true, lists and objects.
    """
    sent = value = values.get(key)
    if isinstance(value, dict) and len(value) == 1:
        # A one-entry map, as osTicket's own forms send a priority: id to name.
        value = next(iter(value))
    if value is True or isinstance(value, dict | list):
        raise Invalid(Problem(key, "name_or_id"))
    name = text.one_line(scalar(value))
    number = parameters.whole(name)
    if not name or number == 0:
        return None
    # A text that looks like an id may be a name: `123`. One with a sign is neither.
    plain = isinstance(sent, str) and parameters.id_of(name) is not None
    return name if number is None or plain else number


def field_value(value: object) -> FieldValue:
    """The accepted values of a custom field: one value, several, or osTicket's map of key to
    name.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict | list):
        return tuple(scalar(item) for item in value if not isinstance(item, dict | list))
    return scalar(value)
