"""DELETE /api/v1/mentions/{id} - stop following a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.mentions import show
from dialects.zammad.refuse import NotAccessible
from helpdesk.errors import NotFound
from helpdesk.tickets import mentions


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The mention as it was."""
    actor = read.actor(request)
    try:
        return show.one(mentions.unmention(actor, read.number(request, "mention")), 200)
    except NotFound as missing:
        raise NotAccessible from missing
