"""PATCH /api/v1/tickets.php - change the status or the topic of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.v1 import read, refuse, show
from helpdesk.tickets import changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """A confirmation."""
    ticket, change = read.reference(request), read.change(request)
    changes.change_ticket(request.actor, ticket, change)
    read.check_body(request)
    return show.updated()
