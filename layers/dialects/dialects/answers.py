"""Responses in JSON, and responses too large for Lambda, which become a redirect to a document with
the same content (docs/aws.md m20).
"""

import json
from dataclasses import replace
from hashlib import sha256

from dialects.endpoint import Request, Response

LARGEST_ANSWER = 6_000_000
"""Bytes of an answer as Lambda sends it, a little under the limit of 6 MB, headers left out."""

SEALED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""Headers of every response with content written by others (docs/aws.md m7)."""

_MOST_ESCAPED = 12
"""Most bytes of one escaped character: two escapes of six, as of an emoji."""


def as_json(body: object, status: int = 200) -> Response:
    """A response in plain JSON, UTF-8."""
    return Response(status, json.dumps(body, ensure_ascii=False))


def unless_known(said: Response, request: Request) -> Response:
    """The response with its ETag, a hash of its content; 304 if the request's `If-None-Match` has
    it.
    """
    tagged = replace(said, headers={**said.headers, "ETag": etag(said.body)})
    names = [name.strip() for name in request.headers.get("if-none-match", "").split(",")]
    # A cache in between that compresses the response turns the tag into a weak one.
    if tagged.headers["ETag"] not in [name.removeprefix("W/") for name in names]:
        return tagged
    return replace(tagged, status=304, body="")


def etag(body: str | bytes) -> str:
    """The ETag of a body."""
    data = body if isinstance(body, bytes) else body.encode()
    return f'"{sha256(data).hexdigest()[:32]}"'


def fits(said: Response) -> bool:
    """Whether Lambda can send it. Lambda's own answer is JSON, which escapes the body again."""
    if isinstance(said.body, bytes):
        return len(said.body) * 4 / 3 <= LARGEST_ANSWER
    if len(said.body) * _MOST_ESCAPED <= LARGEST_ANSWER:
        return True
    return len(json.dumps(said.body)) <= LARGEST_ANSWER


def fitting(said: Response, name: str) -> Response:
    """The response to a GET; if it is too large, a redirect to a document with it.

    Args:
        said: The response as it would be sent.
        name: The document's file name. Its address works for five minutes.
    """
    if fits(said):
        return said
    # Not imported above: most responses fit, and this import costs a cold start.
    from helpdesk.files import downloads  # noqa: PLC0415

    body = said.body if isinstance(said.body, bytes) else said.body.encode()
    return elsewhere(downloads.publish(body, said.type, name))


def elsewhere(link: str) -> Response:
    """302 to a document."""
    headers = {"Location": link, "Cache-Control": "no-store", **SEALED}
    return Response(302, "", "text/plain; charset=UTF-8", headers)
