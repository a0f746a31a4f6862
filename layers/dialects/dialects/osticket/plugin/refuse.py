"""Refusals of the plugin's API: JSON, even if XML was requested (docs/osticket.md 3.0)."""

from dialects.endpoint import Request, Response
from dialects.osticket.words import json_refusal, words_for
from helpdesk.errors import NotAllowed


def refuse(error: Exception, request: Request) -> Response:  # noqa: ARG001 - a Dialect
    """The response to any error of the desk, and to an internal error."""
    return json_refusal(words_for(error))


class _Attachments:
    """Refusals of the plugin's file download, which has its own text for a missing permission."""

    def refuse(self, error: Exception, request: Request) -> Response:  # noqa: ARG002 - a Dialect
        """The response, as for the other endpoints."""
        forbidden = "API key not authorized to read attachments"
        own = forbidden if isinstance(error, NotAllowed) else ""
        return json_refusal(words_for(error), own)


attachments = _Attachments()
