"""DELETE /api/v1/links/remove - remove a link between two tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.links import read as links
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """An empty object, even if there was no such link."""
    actor, values = read.actor(request), read.bag(request)
    kind, target, source = links.kind(values), links.target(values), links.source(values)
    relations.remove_link(actor, kind, source, target)
    return shown.answer({}, 201)
