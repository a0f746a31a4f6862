"""POST /api/tickets-subtickets-create.php/{ref} - make another ticket a subticket of this one."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import bodies, refuse, show
from helpdesk.catalogue import cache
from helpdesk.tickets import links


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """Both tickets, as JSON or XML."""
    parent, child, shape = bodies.link(request)
    once = request.once(lambda pair: show.linked(pair, cache.seen(), shape))
    pair = links.link_tickets(request.actor, parent, child, once)
    return show.linked(pair, cache.seen(), shape)
