"""PUT /api/v1/organizations/{id} - change an organization."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.organizations import read as organizations
from dialects.zammad.organizations import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_update_tickets"))
def handler(request: Request) -> Response:
    """The organization as it is now."""
    actor, values = staff.actor(request), read.bag(request)
    number = read.number(request, "organization")
    cache.current()
    after, members = organizations.change(actor, number, values)
    return show.row(actor, after, values, members=members)
