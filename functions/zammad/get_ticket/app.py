"""GET /api/v1/tickets/{id} - show a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tickets import show
from helpdesk.tickets import find


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The ticket, in the requested format."""
    actor, values = read.actor(request), read.bag(request)
    number = read.number(request, "ticket")
    if values.flag("all") and not (values.flag("expand") or values.flag("full")):
        # Imported here because requests for only the ticket do not need it.
        from dialects.zammad.tickets import whole  # noqa: PLC0415

        return whole.ticket(find.find_thread(actor, number), actor, request.base_url)
    return show.found(find.find_ticket(actor, number), values, actor)
