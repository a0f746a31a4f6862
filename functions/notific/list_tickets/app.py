"""GET /api/Tickets - list tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, shapes, show, tickets


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The tickets."""
    return show.entities(
        request, shapes.TICKET, tickets.listed(request.actor, read.window(request))
    )
