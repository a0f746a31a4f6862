"""POST /api/tickets.xml - open a ticket described in XML."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.core import read_xml, refuse, show
from helpdesk.tickets import create


@endpoint(refuse, permission="can_create_tickets")
def handler(request: Request) -> Response:
    """The new ticket's number."""
    new = read_xml.new_ticket(request)
    ticket = create.open_ticket(request.actor, new, request.once(show.created))
    return show.created(ticket)
