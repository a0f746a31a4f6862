"""DELETE /api/admin/queues/{name}/redrive - stop retrying dead letters."""

from dialects.admin import queues, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import moves
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The progress so far."""
    known.check(request.actor)
    return queues.stopped(moves.stop(read.queue(request)))
