"""GET /api/v1/mentions - list the followers of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.mentions import read as mentions
from dialects.zammad.mentions import show
from dialects.zammad.refuse import NotAccessible
from helpdesk.errors import NotFound
from helpdesk.tickets import find
from helpdesk.tickets import mentions as desk


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The mentions of the ticket."""
    actor, values = read.actor(request), read.bag(request)
    try:
        ticket = find.find_ticket(actor, mentions.ticket(values))
        return show.listed(values, actor, ticket, desk.list_mentions(actor, ticket.id))
    except NotFound as missing:
        raise NotAccessible from missing
