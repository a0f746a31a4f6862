"""DELETE /api/admin/tickets/{ref}/links/{kind}/{other} - remove a link between two tickets."""

from dialects.admin import refuse
from dialects.admin.tickets import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.errors import NotFound
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """The removed link."""
    ref, kind, other = read.reference(request), read.link_kind(request), read.other(request)
    if not relations.remove_link(request.actor, kind, other, ref):
        raise NotFound("link")
    return show.unlinked(kind, other)
