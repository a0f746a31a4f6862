"""POST /api/admin/templates/{id}/preview - render a template for a ticket."""

from dialects.admin import bodies, mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import previews


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The rendered text; nothing is sent."""
    number, draft = read.number(request), bodies.draft(request)
    return mails.preview(previews.preview(request.actor, number, *draft))
