"""GET /api/admin/queues - list the queues, with their numbers of messages and dead letters."""

from dialects.admin import queues, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """Every queue."""
    return queues.queues(known.list_queues(request.actor))
