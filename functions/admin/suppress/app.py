"""POST /api/admin/suppressed - suppress an address, or restore its lifted suppression."""

from dialects.admin import bodies, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import suppression


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The address as listed."""
    address = bodies.suppression(request)
    once = request.once(show.newly_suppressed)
    return show.newly_suppressed(suppression.suppress(request.actor, address, once))
