"""Common parts of all responses of Zammad's API: times, headers, and the requested shape
(docs/zammad.md 1 and 11).
"""

import json
from collections.abc import Mapping
from datetime import datetime

from dialects import answers
from dialects.endpoint import Response
from helpdesk.clock import to_iso

JSON = "application/json; charset=utf-8"

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "-1",
}
"""Headers of every response except errors."""


def time(at: datetime | None) -> str | None:
    """A time in UTC with milliseconds, or null."""
    return to_iso(at) if at else None


def answer(body: object, status: int = 200) -> Response:
    """A JSON response."""
    return Response(status, json.dumps(body, ensure_ascii=False), JSON, HEADERS)


def document(body: object, name: str) -> Response:
    """A response to GET, which may be too large for Lambda (docs/aws.md m20)."""
    return answers.fitting(answer(body), name)


def refusal(status: int, body: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """An error response; unlike others, it has no CORS headers."""
    return Response(status, json.dumps(body, ensure_ascii=False), JSON, headers)
