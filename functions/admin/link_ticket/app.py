"""POST /api/admin/tickets/{ref}/links - link a ticket to another."""

from dialects.admin import refuse
from dialects.admin.tickets import bodies, read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.tickets import relations


@endpoint(refuse, permission="can_manage_subtickets")
def handler(request: Request) -> Response:
    """The other ticket's id, and its relation to this one."""
    ref, (kind, other) = read.reference(request), bodies.link(request)
    once = request.once(show.linked)
    with read.naming("source", "ticket"):
        return show.linked(relations.add_link(request.actor, kind, other, ref, once))
