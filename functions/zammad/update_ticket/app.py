"""PUT /api/v1/tickets/{id} - change a ticket, and add an article where there is one."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tickets import read as tickets
from dialects.zammad.tickets import show
from helpdesk.catalogue import cache
from helpdesk.tickets import changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The ticket as it is then."""
    actor, values = read.actor(request), read.bag(request)
    ticket, known = read.number(request, "ticket"), cache.current()
    change = tickets.change(values, actor, known)
    once = request.once(lambda changed: show.written(changed, values, actor, 200))
    return show.written(changes.change_ticket(actor, ticket, change, once), values, actor, 200)
