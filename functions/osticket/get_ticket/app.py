"""GET /api/tickets-get.php/{ref} - show one ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket import plugin, read, show
from helpdesk import catalogue, tickets


@endpoint(plugin, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket with its thread, as JSON or XML."""
    ref, shape = read.reference(request, "tickets-get.php", "ticket_number")
    thread = tickets.find_thread(request.actor, ref)
    return show.thread(thread, catalogue.seen(), shape)
