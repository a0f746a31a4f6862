"""GET /api/admin/held-mail/{id}/raw - get a link to the raw held mail."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import held


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A presigned URL."""
    return mails.link(*held.link(request.actor, read.mail(request)))
