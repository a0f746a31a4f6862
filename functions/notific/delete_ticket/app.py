"""DELETE /api/Tickets/{id} - delete a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, shapes, show, tickets


@endpoint(refuse, permission="can_delete_tickets")
def handler(request: Request) -> Response:
    """The ticket as it was."""
    number = read.number(request, shapes.TICKET)
    return show.entity(request, shapes.TICKET, tickets.delete(request.actor, number))
