"""GET /api/admin/held-mail/{id} - show a held mail."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import held


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The parsed mail."""
    return mails.held_mail(held.read(request.actor, read.mail(request)))
