"""Refusals of the community's v1: the real one's texts, with statuses that are no faults
(docs/osticket.md 2).
"""

from dialects.endpoint import KeyExpired, Request, Response
from dialects.osticket.words import (
    V1_JSON,
    Words,
    as_ascii_json,
    describe,
    json_refusal,
    words_for,
)
from helpdesk.errors import Banned, Inactive, Invalid, NotAllowed, NotFound, TooManyOpen

_OF_A_CREATE = (Banned, Inactive, Invalid, TooManyOpen)
"""Errors that v1 reports as a failure to create; the keys of its errors are dropped."""


def _reason(error: Exception, words: Words) -> str:
    if isinstance(error, Invalid):
        return ", ".join(map(describe, error.problems))
    # It passes on the error's number as if it were one more message.
    return f"{words.status}, {words.text}" if isinstance(error, Banned) else words.text


def refuse(error: Exception, request: Request) -> Response:
    """The response to any error of the desk, and to an internal error."""
    words = words_for(error)
    if isinstance(error, KeyExpired):
        return json_refusal(words)
    status, text = words.status, words.text
    if isinstance(error, NotAllowed):
        text = words.long
    elif request.method == "POST" and isinstance(error, _OF_A_CREATE):
        text = f"Failed to create ticket: {_reason(error, words)}"
    elif isinstance(error, Inactive | NotFound) and error.what != "ticket":
        status = 422  # docs/osticket.md, rows 15 and 16
    return Response(status, as_ascii_json({"error": text}), V1_JSON, words.headers or {})
