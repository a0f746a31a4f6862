"""PATCH /api/tickets-update.php/{ref} - change a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import bodies, refuse, show
from helpdesk.tickets import changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The ticket's number."""
    ref, change = bodies.update(request)
    once = request.once(show.changed)
    return show.changed(changes.change_ticket(request.actor, ref, change, once))
