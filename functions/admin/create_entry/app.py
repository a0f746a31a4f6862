"""POST /api/admin/tickets/{ref}/replies - reply to all participants, or write a note."""

from dialects.admin import refuse
from dialects.admin.tickets import bodies, read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.mail.outbound import staff


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The new entry's id, and the addresses to which it is mailed."""
    ref, new = read.reference(request), bodies.new_entry(request, read.kind(request))
    once = request.once(show.written)
    return show.written(staff.write(request.actor, ref, new, once))
