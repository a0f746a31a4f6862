"""GET /api/admin/queues/{name}/dead - list a sample of a queue's dead letters."""

from dialects.admin import queues, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The subject of each message, never its content."""
    return queues.dead_letters(known.list_dead(request.actor, read.queue(request)))
