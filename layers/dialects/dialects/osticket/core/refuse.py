"""Refusals of osTicket's own API: bare text."""

from dialects.endpoint import Request, Response
from dialects.osticket.words import HTML, PLAIN, json_refusal, words_for


def refuse(error: Exception, request: Request) -> Response:  # noqa: ARG001 - a Dialect
    """The response to any error of the desk, and to an internal error."""
    words = words_for(error)
    if words.how == "json":
        return json_refusal(words)
    kind = PLAIN if words.how == "plain" else HTML
    return Response(words.status, words.long or words.text, kind, words.headers or {})
