"""POST /api/v1/users - create a person or, as an admin, an agent."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.people import read as people
from dialects.zammad.people import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_create_tickets"))
def handler(request: Request) -> Response:
    """The new user."""
    actor, values = staff.actor(request), read.bag(request)
    cache.current()
    once = request.once(lambda made: show.user(actor, made.id, made, values, 201))
    made = people.create(actor, values, once)
    return show.user(actor, made.id, made, values, 201)
