"""POST /api/admin/held-mail/{id}/take-in - turn a held mail into a ticket or an entry."""

from dialects.admin import bodies, mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.inbound import held


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The ticket and the entry created from it."""
    mail = read.mail(request)
    bodies.nothing(request)
    once = request.once(mails.taken_in)
    return mails.taken_in(held.take_in(request.actor, mail, once))
