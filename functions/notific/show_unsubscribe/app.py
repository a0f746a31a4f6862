"""GET /unsubscribe - show the form to unsubscribe from mail about services."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse, unsubscribing


@endpoint(refuse)
def handler(request: Request) -> Response:
    """A page that asks and changes nothing, since programs follow links in mails, too."""
    return unsubscribing.ask(request)
