"""GET /api/v1/tickets/{id} - show a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tickets import show
from helpdesk.tickets import find


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket, in the shape that is asked for."""
    actor, values = read.actor(request), read.bag(request)
    ticket = find.find_ticket(actor, read.number(request, "ticket"))
    return show.found(ticket, values, actor)
