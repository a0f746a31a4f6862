"""GET /api/admin/mail - list outgoing mail, with its delivery status."""

from dialects.admin import mails, refuse, sent_mail
from dialects.endpoint import Request, Response, endpoint
from helpdesk.broadcasts import mails as sent


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """A page of mails, newest first."""
    wanted, before, limit = sent_mail.wanted(request)
    found, more = sent.list_mails(request.actor, wanted, before=before, limit=limit)
    return mails.sent_mails(found, more)
