"""GET /api/v1/users/search - find people and agents."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.search import users


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of matching users."""
    actor = staff.actor(request)
    return users.search(actor, read.bag(request))
