"""DELETE /api/v1/users/{id} - delete a user that nothing refers to."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, show, staff
from dialects.zammad.people import read as people
from helpdesk.catalogue import cache


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object."""
    actor = staff.actor(request)
    cache.current()
    people.delete(actor, read.number(request, "user"))
    return show.answer({})
