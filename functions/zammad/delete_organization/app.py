"""DELETE /api/v1/organizations/{id} - delete an organization that has no members or tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, show, staff
from helpdesk import organizations


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object."""
    actor = staff.actor(request)
    organizations.delete_organization(actor, read.number(request, "organization"))
    return show.answer({})
