"""GET /api/v1/organizations - list organizations."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.organizations import read as organizations
from dialects.zammad.organizations import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """A page of them; customers see only their own."""
    actor, values = read.actor(request), read.bag(request)
    cache.current()
    page, total = organizations.listed(actor, values)
    return show.rows(actor, page, values, total)
