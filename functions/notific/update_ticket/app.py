"""PUT /api/Tickets/{id} - change a ticket, close or reopen it."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, shapes, show, tickets


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The updated ticket."""
    number = read.number(request, shapes.TICKET)
    values = read.entity(request, shapes.TICKET)
    read.check_id(values, number, shapes.TICKET)
    return show.entity(request, shapes.TICKET, tickets.update(request.actor, number, values))
