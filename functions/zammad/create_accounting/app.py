"""POST /api/v1/tickets/{id}/time_accountings - book time on a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.accountings import read as accountings
from dialects.zammad.accountings import show
from helpdesk.tickets import accountings as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The booking. The ticket may be named in the body instead, as zammadoo does."""
    actor, values = read.actor(request), read.bag(request)
    ticket, unit = accountings.ticket(request, values), accountings.unit(values)
    once = request.once(lambda made: show.one(made, 201))
    made = desk.book_time(actor, ticket, unit, accountings.entry(values), once)
    return show.one(made, 201)
