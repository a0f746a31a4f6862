"""DELETE /api/admin/suppressed/{address} - allow mail to a suppressed address again."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import suppression


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The address that was removed from the list."""
    return show.lifted(suppression.lift(request.actor, read.address(request)))
