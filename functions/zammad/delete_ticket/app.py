"""DELETE /api/v1/tickets/{id} - delete a ticket permanently."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.tickets import read as tickets
from helpdesk.tickets import deletion


@endpoint(refuse, permission=("can_delete_tickets", "can_read_tickets", "can_update_tickets"))
def handler(request: Request) -> Response:
    """An empty object."""
    actor, ticket = read.actor(request), read.number(request, "ticket")
    tickets.check_may_delete(actor, ticket)
    deletion.delete_ticket(actor, ticket)
    return shown.answer({})
