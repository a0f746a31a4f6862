"""DELETE /api/v1/tickets/{id}/time_accountings/{accounting} - delete booked time."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.accountings import read as accountings
from helpdesk.tickets import accountings as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """An empty object. The path may omit the ticket, as zammadoo's does."""
    actor = read.actor(request)
    desk.delete_accounting(actor, *accountings.booking(request))
    return shown.answer({})
