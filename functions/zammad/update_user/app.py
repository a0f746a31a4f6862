"""PUT /api/v1/users/{id} - change a person or, as an admin, an agent."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.people import read as people
from dialects.zammad.people import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_update_tickets"))
def handler(request: Request) -> Response:
    """The user as it is now."""
    actor, values = staff.actor(request), read.bag(request)
    number = read.number(request, "user")
    cache.current()
    return show.user(actor, number, people.change(actor, number, values), values)
