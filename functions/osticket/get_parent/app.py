"""GET /api/tickets-subtickets-parent.php/{ref} - show the parent of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.tickets import links


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """The parent or null, as JSON or XML."""
    child, shape = read.relative(request, "tickets-subtickets-parent.php", "child")
    parent = links.find_parent(request.actor, child)
    return show.parent(parent, cache.seen(), shape)
