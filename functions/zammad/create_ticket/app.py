"""POST /api/v1/tickets - open a ticket, optionally with a first article."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import lookup, read, refuse
from dialects.zammad.tickets import read as tickets
from dialects.zammad.tickets import show
from helpdesk.tickets import create


@endpoint(refuse, permission=("can_create_tickets", "can_read_tickets", "can_update_tickets"))
def handler(request: Request) -> Response:
    """The new ticket."""
    actor, values = read.actor(request), read.bag(request)
    once = request.once(lambda made: show.written(made, values, actor, 201))
    made = lookup.by_catalogue(
        lambda known: tickets.new_ticket(values, actor, known),
        lambda new, known: create.open_ticket(actor, new, once, read_by=known),
    )
    return show.written(made, values, actor, 201)
