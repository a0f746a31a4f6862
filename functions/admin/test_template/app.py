"""POST /api/admin/templates/{id}/test - render a template for a ticket and mail the result."""

from dialects.admin import bodies, mails, read, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import previews


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The mail, which is queued."""
    number, (to, ticket) = read.number(request), bodies.template_test(request)
    once = request.once(mails.asked_for)
    return mails.asked_for(previews.ask_test(request.actor, number, to, ticket, once))
