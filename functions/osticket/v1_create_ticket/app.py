"""POST /api/v1/tickets.php - open a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.v1 import read, refuse, show
from helpdesk.tickets import create


@endpoint(refuse, permission="can_create_tickets")
def handler(request: Request) -> Response:
    """The new ticket's id and number."""
    new = read.new_ticket(request)
    ticket = create.open_ticket(request.actor, new, request.once(show.created))
    return show.created(ticket)
