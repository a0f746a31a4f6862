"""Answers too large for Lambda: the way to a document that says the same (docs/aws.md m20)."""

import json

from dialects.endpoint import Response

LARGEST_ANSWER = 6_000_000
"""Bytes of an answer as Lambda sends it, a little under the limit of 6 MB, headers left out."""

SEALED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""Headers of everything that holds what somebody else has written (docs/aws.md m7)."""

_MOST_ESCAPED = 12
"""Bytes that one character may become: two escapes of six, as of an emoji."""


def fits(said: Response) -> bool:
    """Whether Lambda can send it: as JSON, in which what is escaped already is escaped again."""
    if isinstance(said.body, bytes):
        return len(said.body) * 4 / 3 <= LARGEST_ANSWER
    if len(said.body) * _MOST_ESCAPED <= LARGEST_ANSWER:
        return True
    return len(json.dumps(said.body)) <= LARGEST_ANSWER


def fitting(said: Response, name: str) -> Response:
    """The answer to a GET, or where it does not fit, the way to a document that holds it, for five
    minutes; `name` is what the document is called. Errors: Throttled, Unavailable.
    """
    if fits(said):
        return said
    # Storage is there already; no other answer shall wait for what hands files out.
    from helpdesk.files import downloads  # noqa: PLC0415

    body = said.body if isinstance(said.body, bytes) else said.body.encode()
    return elsewhere(downloads.publish(body, said.type, name))


def elsewhere(link: str) -> Response:
    """302 to a document."""
    headers = {"Location": link, "Cache-Control": "no-store", **SEALED}
    return Response(302, "", "text/plain; charset=UTF-8", headers)
