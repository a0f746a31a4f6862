"""GET /unsubscribe - ask whether mail about services is to end."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse, unsubscribing


@endpoint(refuse)
def handler(request: Request) -> Response:
    """A page that asks and changes nothing, since programs follow links in mails, too."""
    return unsubscribing.ask(request)
