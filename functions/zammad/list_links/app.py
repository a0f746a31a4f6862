"""GET /api/v1/links - list the links of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.links import read as links
from dialects.zammad.links import show
from dialects.zammad.refuse import NotAccessible
from helpdesk.errors import NotFound
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The links to tickets that the caller may read, and those tickets."""
    actor, values = read.actor(request), read.bag(request)
    try:
        return show.listed(actor, relations.list_links(actor, links.ticket(values)))
    except NotFound as missing:
        raise NotAccessible from missing
