"""DELETE /api/tickets-delete.php/{ref} - delete a ticket permanently."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.tickets import deletion


@endpoint(refuse, permission="can_delete_tickets")
def handler(request: Request) -> Response:
    """The number of the deleted ticket."""
    ref, _ = read.reference(request, "tickets-delete.php", "ticket_number")
    ticket = deletion.delete_ticket(request.actor, ref)
    return show.deleted(ticket)
