"""GET /api/tickets-subtickets-list.php/{ref} - list the subtickets of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.tickets import links


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """The children, as JSON or XML."""
    parent, shape = read.children(request)
    children = links.find_children(request.actor, parent)
    return show.children(children, cache.seen(), shape)
