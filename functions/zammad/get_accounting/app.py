"""GET /api/v1/tickets/{id}/time_accountings/{accounting} - show booked time."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.accountings import read as accountings
from dialects.zammad.accountings import show
from helpdesk.tickets import accountings as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The booking. The path may omit the ticket, as zammadoo's does."""
    actor = read.actor(request)
    return show.one(desk.find_accounting(actor, *accountings.booking(request)), 200)
