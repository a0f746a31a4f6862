"""GET /api/v1/tickets/search - search tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.search import tickets


@endpoint(refuse, permission=("can_read_tickets", "can_search_tickets"))
def handler(request: Request) -> Response:
    """A page of the tickets that match and that the caller may read."""
    return tickets.search(read.actor(request), read.bag(request))
