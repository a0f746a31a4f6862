"""DELETE /api/admin/held-mail/{id} - delete a held mail."""

from dialects.admin import mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import held


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The deleted mail."""
    mail = read.mail(request)
    held.delete(request.actor, mail)
    return mails.deleted(mail)
