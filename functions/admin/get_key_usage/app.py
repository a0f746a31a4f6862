"""GET /api/admin/keys/{id}/usage - count the requests of a key by day."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import usage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """Days in UTC, oldest first."""
    number, days = read.number(request), read.days(request, usage.MOST_DAYS)
    return show.usage(usage.read_usage(request.actor, number, days))
