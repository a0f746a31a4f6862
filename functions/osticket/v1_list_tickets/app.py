"""GET /api/v1/tickets.php - list tickets with their threads."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.v1 import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.queries import changed, lists
from helpdesk.tickets import find


@endpoint(refuse, permission=("can_read_tickets", "can_search_tickets"))
def handler(request: Request) -> Response:
    """A page of tickets, and their total number."""
    wanted, page = read.wanted(request)
    if position := read.position(request):
        changes = changed.find_changed_threads(request.actor, wanted, *position, page.limit)
        addresses = find.find_addresses(request.actor, changes.threads)
        return show.changes(changes, addresses, cache.seen(), page)
    threads, total = lists.list_threads(request.actor, wanted, page)
    addresses = find.find_addresses(request.actor, threads)
    return show.tickets(threads, addresses, cache.seen(), page, total)
