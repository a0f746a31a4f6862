"""POST /api/admin/queues/{name}/dead/{id}/put-aside - discard a dead letter permanently."""

from dialects.admin import bodies, queues, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The removed message."""
    name, message, reason = read.queue(request), read.mail(request), bodies.reason(request)
    known.put_aside(request.actor, name, message, reason)
    return queues.put_aside(message)
