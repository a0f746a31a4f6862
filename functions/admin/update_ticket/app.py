"""PATCH /api/admin/tickets/{ref} - change the given fields of a ticket."""

from dialects.admin import refuse
from dialects.admin.tickets import bodies, read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.catalogue import cache
from helpdesk.tickets import changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The ticket as it is now, without its thread."""
    ref, change = read.reference(request), bodies.change(request)
    return show.changed(changes.change_ticket(request.actor, ref, change), cache.seen())
