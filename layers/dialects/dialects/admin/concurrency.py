"""ETag and If-Match: a change applies only to the version its caller has seen (RFC 9110, 13.1)."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dialects import answers
from dialects.endpoint import Request, Response
from helpdesk.errors import Conflict

T = TypeVar("T")

HEADER = "if-match"


def tag(seen: Mapping[str, Any]) -> str:
    """The ETag of a representation; computed, not stored."""
    return answers.etag(json.dumps(seen, sort_keys=True))


def tagged(response: Response, seen: Mapping[str, Any]) -> Response:
    """A response with the ETag of its content."""
    return Response(
        response.status, response.body, response.type, {**response.headers, "ETag": tag(seen)}
    )


def unchanged(request: Request, seen: Callable[[T], Mapping[str, Any]]) -> Callable[[T], None]:
    """The check to make before a change.

    Args:
        request: May say in `If-Match` which ETags it has seen; `*` is any, as is no header.
        seen: The representation from which the ETag is computed.

    Returns:
        A check that raises Conflict, `changed`, if the thing has another ETag.
    """
    written = request.headers.get(HEADER, "*")
    known = {name.strip() for name in written.split(",")}

    def check(thing: T) -> None:
        if "*" not in known and tag(seen(thing)) not in known:
            raise Conflict("changed")

    return check
