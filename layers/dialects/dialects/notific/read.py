"""From requests to properties (docs/notific.md 2)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dialects import json_reading
from dialects.endpoint import Request
from dialects.notific.refuse import BadRequest
from dialects.notific.shapes import Properties, Shape, Value
from helpdesk.errors import NotFound

HIGHEST_ID = 2**31 - 1

UNREADABLE = "An error has occurred."


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for; without a `limit` all that is behind `offset`."""

    offset: int = 0
    limit: int | None = None


def window(request: Request) -> Window:
    """The part that `$top` and `$skip` ask for.

    Raises:
        BadRequest: One of them is no number.
    """
    query = {name.lower(): value for name, value in request.query.items()}
    return Window(_count(query.get("$skip")) or 0, _count(query.get("$top")))


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise BadRequest
    return int(text)


def number(request: Request, shape: Shape) -> int:
    """The id in the path.

    Raises:
        BadRequest: It is no integer of 32 bits.
        NotFound: It is none that anything could have.
    """
    text = request.params["id"].strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text, re.ASCII) or abs(int(text)) > HIGHEST_ID:
        raise BadRequest
    if int(text) < 1:
        raise NotFound(shape.name, int(text))
    return int(text)


def entity(request: Request, shape: Shape) -> Properties:
    """The properties that the body of a request has, under the names of the shape.

    Raises:
        BadRequest: The body, or one of its values, cannot be read.
    """
    try:
        body = json_reading.read(request.body)
    except json_reading.NotJson as bad:
        raise BadRequest({shape.argument: [UNREADABLE]}) from bad
    if not isinstance(body, dict):
        raise BadRequest({shape.argument: [UNREADABLE]})
    known = {one.name.lower(): one for one in shape.properties}
    values: dict[str, Value] = {}
    for name, given in body.items():
        if found := known.get(name.lower()):
            try:
                values[found.name] = _value(found.kind, given)
            except (TypeError, ValueError) as bad:
                where = f"{shape.argument}.{found.name}"
                raise BadRequest({where: [UNREADABLE]}) from bad
    return values


def _value(kind: str, given: Any) -> Value:
    if given is None or kind == "string":
        return given if given is None else str(given)
    if kind == "time":
        at = datetime.fromisoformat(given)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    if kind == "ints":
        return [int(one) for one in given]
    return bool(given) if kind == "bool" else int(given)


def check_id(values: Properties, number: int, shape: Shape) -> None:
    """Refuses a body that names another entity than the path.

    Raises:
        BadRequest: Under `Id`.
    """
    if values.get("Id") != number:
        where = f"{shape.argument}.Id"
        raise BadRequest({where: ["The Id must be the same as in the address."]})
