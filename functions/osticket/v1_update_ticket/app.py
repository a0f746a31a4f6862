"""PATCH /api/v1/tickets.php - change the status or the topic of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket import v1, v1_read, v1_show
from helpdesk.tickets import changes


@endpoint(v1, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """That it is done."""
    ticket, change = v1_read.reference(request), v1_read.change(request)
    changes.change_ticket(request.actor, ticket, change)
    v1_read.check_body(request)
    return v1_show.updated()
