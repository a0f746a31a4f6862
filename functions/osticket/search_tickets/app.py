"""GET /api/tickets-search.php - list tickets that match."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.queries import lists


@endpoint(refuse, permission=("can_search_tickets", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of tickets, as JSON or XML."""
    wanted, page, shape = read.search(request)
    found = lists.find_tickets(request.actor, wanted, page)
    return show.tickets(found, cache.seen(), shape)
