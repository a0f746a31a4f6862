"""DELETE /api/tickets-subtickets-unlink.php/{ref} - detach a subticket from its parent."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.tickets import links


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """The ticket, as JSON or XML."""
    child, shape = read.relative(request, "tickets-subtickets-unlink.php", "child", "child ")
    return show.unlinked(links.unlink_ticket(request.actor, child), cache.seen(), shape)
