"""GET /api/v1/tags - list the tags of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tags import read as tags
from dialects.zammad.tags import show
from helpdesk.tickets import find


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """Their names in the order in which they were added; none if no ticket is given."""
    actor, values = read.actor(request), read.bag(request)
    if "o_id" not in values:
        return show.of_ticket(())
    return show.of_ticket(find.find_ticket(actor, tags.ticket(values)).tags)
