"""DELETE /api/v1/tickets/{id}/time_accountings/{accounting} - take back booked time."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from helpdesk.tickets import accountings


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """Nothing is left to show."""
    actor, ticket = read.actor(request), read.number(request, "ticket")
    accountings.delete_accounting(actor, ticket, read.number(request, "accounting", "accounting"))
    return shown.answer({})
