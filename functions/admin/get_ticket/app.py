"""GET /api/admin/tickets/{ref} - show a ticket with its thread, history and participants."""

from dialects.admin import refuse
from dialects.admin.tickets import read, whole
from dialects.endpoint import Request, Response, endpoint


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket with everything that belongs to it, except the bodies."""
    return whole.ticket(request.actor, read.reference(request))
