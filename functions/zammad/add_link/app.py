"""POST /api/v1/links/add - link two tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.links import read as links
from dialects.zammad.links import show
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The new link."""
    actor, values = read.actor(request), read.bag(request)
    kind, target, source = links.kind(values), links.target(values), links.source(values)
    once = request.once(show.created)
    return show.created(relations.add_link(actor, kind, source, target, once))
