"""GET /api/admin/mail/{id} - show an outgoing mail with its text."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.broadcasts import mails as sent


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The mail, rendered again."""
    return mails.sent_mail(sent.read(request.actor, read.mail(request)))
