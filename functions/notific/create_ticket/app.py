"""POST /api/Tickets - open a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, shapes, show, tickets


@endpoint(refuse, permission="can_create_tickets")
def handler(request: Request) -> Response:
    """The new ticket."""
    values = read.entity(request, shapes.TICKET)
    once = request.once(
        lambda made: show.created(request, shapes.TICKET, tickets.opened(made, values))
    )
    made = tickets.open_ticket(request.actor, values, once)
    return show.created(request, shapes.TICKET, tickets.opened(made, values))
