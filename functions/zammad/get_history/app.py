"""GET /api/v1/ticket_history/{id} - show what happened to a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.history import show
from helpdesk.events import timeline
from helpdesk.tickets import find, versions


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """Every change, oldest first."""
    actor, number = read.actor(request), read.number(request, "ticket")
    versions.check_staff(actor)
    ticket = find.find_ticket(actor, number)
    return show.listed(actor, ticket, timeline.read(ticket.id))
