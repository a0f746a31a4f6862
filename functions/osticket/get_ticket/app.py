"""GET /api/tickets-get.php/{ref} - show a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.catalogue import cache
from helpdesk.tickets import find


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket with its thread, as JSON or XML."""
    ref, shape = read.reference(request, "tickets-get.php", "ticket_number")
    thread = find.find_thread(request.actor, ref)
    return show.thread(thread, cache.seen(), shape)
