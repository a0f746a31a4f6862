"""PUT /api/v1/tickets/{id} - change a ticket, optionally adding an article."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import lookup, read, refuse
from dialects.zammad.tickets import read as tickets
from dialects.zammad.tickets import show
from helpdesk.tickets import changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The updated ticket."""
    actor, values = read.actor(request), read.bag(request)
    ticket = read.number(request, "ticket")
    once = request.once(lambda changed: show.written(changed, values, actor, 200))
    changed = lookup.by_catalogue(
        lambda known: tickets.change(values, actor, known),
        lambda change, known: changes.change_ticket(actor, ticket, change, once, read_by=known),
    )
    return show.written(changed, values, actor, 200)
