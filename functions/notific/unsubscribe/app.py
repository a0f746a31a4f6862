"""POST /unsubscribe - unsubscribe from mail about services, or resubscribe."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse, unsubscribing


@endpoint(refuse)
def handler(request: Request) -> Response:
    """A page that shows the new state."""
    return unsubscribing.carry_out(request)
