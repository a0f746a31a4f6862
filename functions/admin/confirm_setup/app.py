"""POST /api/admin/setup/{id}/confirm - mark a set-up step as done, or dismiss it."""

from dialects.admin import bodies, read, refuse, steps
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import setup


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The step as it stands now."""
    step, as_what = read.mail(request), read.marked(request)
    bodies.nothing(request)
    return steps.step(setup.mark(request.actor, step, as_what))
