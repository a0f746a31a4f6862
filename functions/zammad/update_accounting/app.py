"""PUT /api/v1/tickets/{id}/time_accountings/{accounting} - change the amount of booked time."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.accountings import read as accountings
from dialects.zammad.accountings import show
from helpdesk.tickets import accountings as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The updated booking. The path may omit the ticket, as zammadoo's does."""
    actor, values = read.actor(request), read.bag(request)
    ticket, number = accountings.booking(request)
    if "time_unit" not in values:
        return show.one(desk.find_accounting(actor, ticket, number), 200)
    unit = accountings.unit(values)
    return show.one(desk.change_accounting(actor, ticket, number, unit), 200)
