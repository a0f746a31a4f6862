"""POST /api/v1/organizations - create an organization."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.organizations import read as organizations
from dialects.zammad.organizations import show
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_create_tickets"))
def handler(request: Request) -> Response:
    """The new organization."""
    actor, values = staff.actor(request), read.bag(request)
    cache.current()
    members = organizations.members(actor, values)
    once = request.once(lambda made: show.row(actor, made, values, 201, members))
    made = organizations.create(actor, values, members, once)
    return show.row(actor, made, values, 201, members)
