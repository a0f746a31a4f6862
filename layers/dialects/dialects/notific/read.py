"""Parses requests into properties (docs/notific.md 2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from dialects import json_reading
from dialects.endpoint import Request
from dialects.notific import contracts, media, values
from dialects.notific.refuse import BadRequest, Unsupported
from dialects.notific.shapes import Properties, Shape, Value
from helpdesk.errors import NotFound

UNREADABLE = "An error has occurred."
OTHER_ID = "The Id must be the same as in the address."


@dataclass(frozen=True, slots=True)
class Window:
    """A requested part of a list; without `limit`, everything after `offset`."""

    offset: int = 0
    limit: int | None = None


def window(request: Request) -> Window:
    """The part requested by `$top` and `$skip`.

    Raises:
        BadRequest: One of them is not a number.
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
        BadRequest: It is not a 32-bit integer.
        NotFound: Not a possible id.
    """
    text = request.params["id"].strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text, re.ASCII) or abs(int(text)) > values.HIGHEST:
        raise BadRequest
    if int(text) < 1:
        raise NotFound(shape.name, int(text))
    return int(text)


def entity(request: Request, shape: Shape) -> Properties:
    """The properties in the body of a request, under the names of the shape. Of several with the
    same name (ignoring case), the last one counts.

    Raises:
        Unsupported: The media type of the body is not supported.
        BadRequest: The body or some of its values cannot be parsed; lists all problems.
    """
    known = {one.name.lower(): one for one in shape.properties}
    found: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for name, given, xml in _members(request, shape):
        if (one := known.get(name.lower())) is None:
            continue
        value = contracts.as_kind(given, many=one.kind == "ints") if xml else given
        found.pop(one.name, None)
        wrong.pop(one.name, None)
        try:
            read = values.read(one.kind, value)
        except values.Unreadable as bad:
            wrong[one.name] = f"{shape.argument}.{one.name}{bad.where}"
        else:
            if read is not values.LEFT_OUT:
                found[one.name] = cast("Value", read)
    if wrong:
        raise BadRequest({where: [UNREADABLE] for where in wrong.values()})
    return found


def _members(request: Request, shape: Shape) -> Iterator[tuple[str, object, bool]]:
    """The names and values in a body, and whether it is XML.

    Raises:
        Unsupported, BadRequest.
    """
    media_type, charset = media.sent(request)
    if request.body and media_type not in media.TYPES:
        raise Unsupported(media_type)
    body = media.as_utf8(request.body, charset)
    nothing = BadRequest({shape.argument: [UNREADABLE]})
    if media.is_xml(media_type):
        try:
            members = contracts.read(body, shape)
        except contracts.NotAnEntity as bad:
            raise nothing from bad
        return ((name, given, True) for name, given in members)
    try:
        document = json_reading.read(body, _in_order)
    except json_reading.NotJson as bad:
        raise nothing from bad
    if not isinstance(document, dict):
        raise nothing
    return ((name, given, False) for name, given in document.items())


def _in_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with its names ordered by their last occurrence, so that of names that differ only
    in case the last one counts, too.
    """
    made: dict[str, Any] = {}
    for name, value in pairs:
        made.pop(name, None)
        made[name] = value
    return made


def check_id(found: Properties, number: int, shape: Shape) -> None:
    """Rejects a body with another id than the path.

    Raises:
        BadRequest: Under `Id`.
    """
    if found.get("Id") != number:
        raise BadRequest({f"{shape.argument}.Id": [OTHER_ID]})
