"""POST /api/v1/tickets - open a ticket, with its first article where there is one."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tickets import read as tickets
from dialects.zammad.tickets import show
from helpdesk.catalogue import cache
from helpdesk.tickets import create


@endpoint(refuse, permission=("can_create_tickets", "can_read_tickets", "can_update_tickets"))
def handler(request: Request) -> Response:
    """The new ticket."""
    actor, values = read.actor(request), read.bag(request)
    new = tickets.new_ticket(values, actor, cache.current())
    once = request.once(lambda made: show.written(made, values, actor, 201))
    return show.written(create.open_ticket(actor, new, once), values, actor, 201)
