"""DELETE /api/v1/tickets.php - delete a ticket with all that is its own."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket import v1, v1_read, v1_show
from helpdesk.tickets import deletion


@endpoint(v1, permission="can_delete_tickets")
def handler(request: Request) -> Response:
    """That it is done."""
    deletion.delete_ticket(request.actor, v1_read.reference(request))
    return v1_show.deleted()
