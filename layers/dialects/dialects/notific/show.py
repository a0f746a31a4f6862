"""Builds responses from properties (docs/notific.md 3)."""

import json
from collections.abc import Sequence
from datetime import datetime

from dialects import answers
from dialects.endpoint import Request, Response
from dialects.notific import contracts, dates, media
from dialects.notific.refuse import TooLong
from dialects.notific.shapes import Properties, Shape


def entity(
    request: Request, shape: Shape, values: Properties, status: int = 200, location: str = ""
) -> Response:
    """One entity; `location` is the address of a new one."""
    media_type = media.accepted(request)
    headers = {"Location": location} if location else {}
    if media.is_xml(media_type):
        body = contracts.entity(shape, values)
    else:
        body = _json(_shown(shape, values))
    return Response(status, body, media.content_type(media_type), headers)


def created(request: Request, shape: Shape, values: Properties) -> Response:
    """The response for a new entity."""
    location = f"{request.base_url}/api/{shape.plural}/{values['Id']}"
    return entity(request, shape, values, 201, location)


def entities(request: Request, shape: Shape, rows: Sequence[Properties]) -> Response:
    """A full list, not paged.

    Raises:
        TooLong: It does not fit into one response.
    """
    media_type = media.accepted(request)
    if media.is_xml(media_type):
        body = contracts.entities(shape, rows)
    else:
        body = _json([_shown(shape, row) for row in rows])
    answer = Response(200, body, media.content_type(media_type))
    if not answers.fits(answer):
        raise TooLong
    return answer


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(shape: Shape, values: Properties) -> dict[str, object]:
    shown: dict[str, object] = {}
    for one in shape.shown:
        value = values.get(one.name)
        shown[one.name] = dates.write(value) if isinstance(value, datetime) else value
    return shown
