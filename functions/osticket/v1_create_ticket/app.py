"""POST /api/v1/tickets.php - open a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket import v1, v1_read, v1_show
from helpdesk.tickets import create


@endpoint(v1, permission="can_create_tickets")
def handler(request: Request) -> Response:
    """The new ticket's id and number."""
    new = v1_read.new_ticket(request)
    ticket = create.open_ticket(request.actor, new, request.once(v1_show.created))
    return v1_show.created(ticket)
