"""POST /api/admin/tickets/{ref}/merge - merge a ticket into another."""

from dialects.admin import refuse
from dialects.admin.tickets import bodies, read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.catalogue import cache
from helpdesk.tickets import merges


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The other ticket, into which this one was merged."""
    ref, into = read.reference(request), bodies.merge(request)
    once = request.once(lambda both: show.changed(both[1], cache.seen()))
    with read.naming("target", "into"):
        _, target = merges.merge_tickets(request.actor, ref, into, once)
    return show.changed(target, cache.seen())
