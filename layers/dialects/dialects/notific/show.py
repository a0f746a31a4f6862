"""From properties to responses (docs/notific.md 3)."""

import json
from collections.abc import Sequence
from datetime import datetime

from dialects import answers
from dialects.endpoint import Request, Response
from dialects.notific.refuse import TooLong
from dialects.notific.shapes import Properties, Shape

JSON = "application/json; charset=utf-8"


def entity(
    _request: Request, shape: Shape, values: Properties, status: int = 200, location: str = ""
) -> Response:
    """One entity; `location` is its address, where it is a new one."""
    headers = {"Location": location} if location else {}
    return Response(status, json.dumps(_shown(shape, values), ensure_ascii=False), JSON, headers)


def created(request: Request, shape: Shape, values: Properties) -> Response:
    """A new entity."""
    location = f"{request.base_url}/api/{shape.plural}/{values['Id']}"
    return entity(request, shape, values, 201, location)


def entities(_request: Request, shape: Shape, rows: Sequence[Properties]) -> Response:
    """A list, whole.

    Raises:
        TooLong: It does not fit into one answer.
    """
    body = json.dumps([_shown(shape, row) for row in rows], ensure_ascii=False)
    answer = Response(200, body, JSON)
    if not answers.fits(answer):
        raise TooLong
    return answer


def _shown(shape: Shape, values: Properties) -> dict[str, object]:
    shown: dict[str, object] = {}
    for one in shape.shown:
        value = values.get(one.name)
        shown[one.name] = f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
    return shown
