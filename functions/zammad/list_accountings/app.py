"""GET /api/v1/tickets/{id}/time_accountings - list the time booked on a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.accountings import show
from helpdesk.tickets import accountings


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The bookings by id."""
    actor, ticket = read.actor(request), read.number(request, "ticket")
    return show.listed(accountings.list_accountings(actor, ticket))
