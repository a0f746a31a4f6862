"""DELETE /api/v1/tickets.php - delete a ticket with everything that belongs to it."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.v1 import read, refuse, show
from helpdesk.tickets import deletion


@endpoint(refuse, permission="can_delete_tickets")
def handler(request: Request) -> Response:
    """A confirmation."""
    deletion.delete_ticket(request.actor, read.reference(request))
    return show.deleted()
