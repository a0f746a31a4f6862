"""GET /api/admin/numbers - show daily ticket counts by department or agent."""

from dialects.admin import numbers, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.catalogue import cache
from helpdesk.queries.numbers import read_days


@endpoint(refuse, permission=("can_read_stats", "can_read_tickets"))
def handler(request: Request) -> Response:
    """The days with data, oldest first."""
    asked = numbers.asked(request)
    days = read_days(request.actor, asked.first, asked.last)
    return numbers.show(days, asked.by, cache.current())
