"""GET /api/admin/held-mail/{id}/raw - where the mail can be fetched as it came."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import held


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A presigned URL."""
    return mails.link(*held.link(request.actor, read.mail(request)))
