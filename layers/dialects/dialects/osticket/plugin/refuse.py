"""Refusals of the plugin's API: JSON, also where XML was asked for (docs/osticket.md 3.0)."""

from dialects.endpoint import Request, Response
from dialects.osticket.words import json_refusal, words_for
from helpdesk.errors import NotAllowed


def refuse(error: Exception, request: Request) -> Response:  # noqa: ARG001 - a Dialect
    """The response to whatever the desk refused, and to a fault of our own."""
    return json_refusal(words_for(error))


class _Attachments:
    """The plugin's download of files, which has words of its own for a missing permission."""

    def refuse(self, error: Exception, request: Request) -> Response:  # noqa: ARG002 - a Dialect
        """The response, as for the other endpoints."""
        forbidden = "API key not authorized to read attachments"
        own = forbidden if isinstance(error, NotAllowed) else ""
        return json_refusal(words_for(error), own)


attachments = _Attachments()
