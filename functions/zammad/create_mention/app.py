"""POST /api/v1/mentions - follow a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.mentions import read as mentions
from dialects.zammad.mentions import show
from dialects.zammad.refuse import NotAccessible
from helpdesk.errors import NotFound
from helpdesk.tickets import mentions as desk


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The mention, even if the caller already follows the ticket."""
    actor, values = read.actor(request), read.bag(request)
    once = request.once(lambda made: show.one(made, 201))
    try:
        return show.one(desk.mention(actor, mentions.ticket(values), actor.me, once), 201)
    except NotFound as missing:
        raise NotAccessible from missing
