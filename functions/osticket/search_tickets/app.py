"""GET /api/tickets-search.php - search tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.queries import changed, lists


@endpoint(refuse, permission=("can_search_tickets", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of tickets, as JSON or XML."""
    wanted, page, shape = read.search(request)
    if position := read.position(request):
        changes = changed.find_changes(request.actor, wanted, *position, page.limit)
        return show.changes(changes, cache.seen(), shape)
    found = lists.find_tickets(request.actor, wanted, page)
    return show.tickets(found, cache.seen(), shape)
