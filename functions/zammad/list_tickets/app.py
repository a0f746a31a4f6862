"""GET /api/v1/tickets - list tickets by id."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tickets import show
from helpdesk.catalogue import cache
from helpdesk.model.queries import Page, Wanted
from helpdesk.queries import lists


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """A page of the tickets that the caller may read."""
    actor, values = read.actor(request), read.bag(request)
    window = read.window(values, 100, 100)
    page = Page(descending=False, offset=window.offset, limit=window.limit)
    tickets = lists.find_tickets(actor, Wanted(), page)
    return show.many(values, show.Shapes(actor, cache.seen(), tickets))
