"""ETag and If-Match: a change holds only for what its caller has seen (RFC 9110, 13.1)."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dialects import answers
from dialects.endpoint import Request, Response
from helpdesk.errors import Conflict

T = TypeVar("T")

HEADER = "if-match"


def tag(seen: Mapping[str, Any]) -> str:
    """The ETag of what is shown of something: nothing of it is stored."""
    return answers.etag(json.dumps(seen, sort_keys=True))


def tagged(response: Response, seen: Mapping[str, Any]) -> Response:
    """A response with the ETag of what it shows."""
    return Response(
        response.status, response.body, response.type, {**response.headers, "ETag": tag(seen)}
    )


def unchanged(request: Request, seen: Callable[[T], Mapping[str, Any]]) -> Callable[[T], None]:
    """What to ask about the thing before it is changed.

    Args:
        request: May say in `If-Match` which ETags it has seen; `*` is any, as is no header.
        seen: What is shown of the thing, of which its ETag is made.

    Returns:
        A check that raises Conflict, `changed`, where the thing has another ETag.
    """
    written = request.headers.get(HEADER, "*")
    known = {name.strip() for name in written.split(",")}

    def check(thing: T) -> None:
        if "*" not in known and tag(seen(thing)) not in known:
            raise Conflict("changed")

    return check
