"""GET /api/admin/held-mail - list held mail, which did not become a ticket, and the reasons."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import quarantine


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of mails, newest first."""
    before, limit = read.time_page(request)
    found, more = quarantine.list_mails(request.actor, before=before, limit=limit)
    return mails.held_mails(found, more)
