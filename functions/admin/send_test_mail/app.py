"""POST /api/admin/setup/test-mail - send a test mail."""

from dialects.admin import bodies, mails, refuse
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import setup


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The mail, which is queued."""
    to = bodies.trial(request)
    return mails.asked_for(setup.send_test(request.actor, to, request.once(mails.asked_for)))
