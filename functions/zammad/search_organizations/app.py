"""GET /api/v1/organizations/search - find organizations."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.search import organizations


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of matching organizations."""
    actor = staff.actor(request)
    return organizations.search(actor, read.bag(request))
