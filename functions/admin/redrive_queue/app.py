"""POST /api/admin/queues/{name}/redrive - retry the given number of dead letters."""

from dialects.admin import bodies, queues, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import moves
from helpdesk.monitoring import queues as known


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The progress, which is zero at first."""
    name, count = read.queue(request), bodies.redrive(request)
    known.check(request.actor)
    once = request.once(queues.begun)
    return queues.begun(moves.redrive(request.actor, name, count, once))
