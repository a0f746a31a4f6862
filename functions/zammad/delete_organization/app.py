"""DELETE /api/v1/organizations/{id} - remove an organization without members and tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, show, staff
from helpdesk import organizations


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object."""
    actor = staff.actor(request)
    organizations.delete_organization(actor, read.number(request, "organization"))
    return show.answer({})
