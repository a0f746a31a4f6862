"""GET /api/v1/time_accounting/types - list the types of booked time."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown


@endpoint(refuse, permission=("can_read_tickets", "can_update_tickets"))
def handler(request: Request) -> Response:
    """An empty list: this desk has only one kind of time."""
    read.actor(request)
    return shown.answer([])
