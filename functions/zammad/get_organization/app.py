"""GET /api/v1/organizations/{id} - show an organization."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.organizations import read as organizations
from dialects.zammad.organizations import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """The organization; an empty object for a customer without one."""
    actor, values = read.actor(request), read.bag(request)
    cache.current()
    return show.maybe(
        actor, organizations.found(actor, read.number(request, "organization")), values
    )
