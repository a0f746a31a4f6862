"""GET /api/v1/users - list people and agents by id."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.people import read as people
from dialects.zammad.people import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of them; customers see only themselves."""
    actor, values = read.actor(request), read.bag(request)
    cache.current()
    return show.users(actor, people.listed(actor, values), values)
