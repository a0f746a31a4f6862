"""GET /api/admin/queues - what waits in each queue, and what was given up."""

from dialects.admin import queues, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """Every queue."""
    return queues.queues(known.list_queues(request.actor))
