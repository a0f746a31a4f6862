"""GET /api/tickets-statuses.php - list the statuses."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_read_stats", "can_read_tickets"))
def handler(request: Request) -> Response:
    """Every status with its state, as JSON or XML."""
    return show.statuses(cache.current().statuses, read.plain_list(request))
