"""DELETE /api/admin/tickets/{ref} - delete a ticket permanently, with its files and mails."""

from dialects.admin import refuse
from dialects.admin.tickets import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.tickets import deletion


@endpoint(refuse, permission="can_delete_tickets")
def handler(request: Request) -> Response:
    """The id of the deleted ticket."""
    return show.deleted(deletion.delete_ticket(request.actor, read.reference(request)))
