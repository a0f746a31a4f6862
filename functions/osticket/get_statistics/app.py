"""GET /api/tickets-stats.php - count tickets by department and agent."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.queries import statistics


@endpoint(refuse, permission=("can_read_stats", "can_read_tickets"))
def handler(request: Request) -> Response:
    """The numbers of open, closed and overdue tickets, as JSON or XML."""
    shape = read.plain_list(request)
    found = statistics.read_statistics(request.actor)
    return show.statistics(found, cache.seen(), shape)
