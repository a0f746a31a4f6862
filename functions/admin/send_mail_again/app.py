"""POST /api/admin/mail/{id}/send-again - resend a mail that was refused."""

from dialects.admin import bodies, mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import asked


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The mail, which is queued again."""
    mail = read.mail(request)
    bodies.nothing(request)
    return mails.asked_for(asked.again(request.actor, mail, request.once(mails.asked_for)))
