"""GET /api/v1/search - find tickets, users and organizations at once."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.search import everything


@endpoint(refuse, permission=("can_read_tickets", "can_search_tickets", "can_manage_directory"))
def handler(request: Request) -> Response:
    """What the caller may know of that matches."""
    actor, values = read.actor(request), read.bag(request)
    return everything.search(actor, values, request.params.get("objects", ""))
