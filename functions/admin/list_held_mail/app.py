"""GET /api/admin/held-mail - mail that became no ticket, and why."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import quarantine


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of mails, newest first."""
    before, limit = read.time_page(request)
    mails, more = quarantine.list_mails(request.actor, before=before, limit=limit)
    return show.held_mails(mails, more)
