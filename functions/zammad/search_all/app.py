"""GET /api/v1/search - find tickets, users and organizations at once."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.search import everything


@endpoint(refuse, permission=("can_read_tickets", "can_search_tickets", "can_manage_directory"))
def handler(request: Request) -> Response:
    """The matches that the caller may see."""
    actor, values = read.actor(request), read.bag(request)
    return everything.search(actor, values, request.params.get("objects", ""))
