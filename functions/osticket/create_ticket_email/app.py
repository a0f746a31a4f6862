"""POST /api/tickets.email - open a ticket from a raw mail, or add the mail to an existing one."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.core import refuse, show
from helpdesk.mail.inbound import arrivals


@endpoint(refuse, permission="can_create_tickets")
def handler(request: Request) -> Response:
    """The number of the new or existing ticket."""
    outcome = arrivals.post(request.actor, request.body, request.once(show.created))
    return show.mailed(outcome.number)
