"""Answers that are the same for every caller: the version, and the notifications that a browser
would show (docs/zammad.md 17.24).
"""

from collections.abc import Mapping

from dialects.endpoint import Request, Response
from dialects.zammad import show

VERSION = "6.5.0"
"""The version of Zammad whose API this is."""

_ANSWERS: Mapping[str, object] = {"version": {"version": VERSION}, "online_notifications": []}


def shown(request: Request) -> Response:
    """The answer for the requested path."""
    return show.answer(_ANSWERS[request.resource.rpartition("/")[2]])
