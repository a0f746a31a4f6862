"""GET /api/v1/ticket_history/{id} - show the history of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.history import show
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """Every change, oldest first."""
    actor, number = read.actor(request), read.number(request, "ticket")
    return show.listed(actor, *relations.list_history(actor, number))
