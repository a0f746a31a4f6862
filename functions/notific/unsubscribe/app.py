"""POST /unsubscribe - end mail about services, or take that back."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse, unsubscribing


@endpoint(refuse)
def handler(request: Request) -> Response:
    """A page that shows the new state."""
    return unsubscribing.carry_out(request)
