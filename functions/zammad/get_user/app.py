"""GET /api/v1/users/{id} - show a person or an agent."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.people import read as people
from dialects.zammad.people import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """The user; a customer sees only the name of a colleague."""
    actor, values = read.actor(request), read.bag(request)
    number = read.number(request, "user")
    cache.current()
    return show.user(actor, number, people.found(actor, number), values)
