"""POST /api/v1/tags/add - add a tag to a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.tags import read as tags
from helpdesk.tickets import tags as desk


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """True, even if the ticket already has the tag."""
    actor, values = read.actor(request), read.bag(request)
    done = shown.answer(body=True, status=201)
    desk.add_tags(actor, tags.ticket(values), [tags.item(values)], request.once(lambda _: done))
    return done
