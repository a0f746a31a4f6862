"""GET /api/Tickets/{id} - show a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, shapes, show, tickets


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket."""
    return show.entity(
        request, shapes.TICKET, tickets.found(request.actor, read.number(request, shapes.TICKET))
    )
