"""GET /api/admin/tickets - search tickets by number, words, address, state and more."""

from dialects.admin import refuse
from dialects.admin.tickets import search, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_search_tickets", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of tickets, most recently changed first."""
    found, after = search.find(request)
    return show.listed(found, cache.seen(), after)
