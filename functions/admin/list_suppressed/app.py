"""GET /api/admin/suppressed - list suppressed addresses, which get no mail, and the reasons."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import suppression


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """A page of addresses, newest first."""
    piece, before, limit = read.suppressed_page(request)
    listed, more = suppression.list_addresses(
        request.actor, piece=piece, before=before, limit=limit
    )
    return show.suppressed(listed, more)
