"""DELETE /api/v1/tags/remove - remove a tag from a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.tags import read as tags
from helpdesk.tickets import tags as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """True, even if the ticket does not have the tag."""
    actor, values = read.actor(request), read.bag(request)
    desk.remove_tags(actor, tags.ticket(values), [tags.item(values)])
    return shown.answer(body=True)
