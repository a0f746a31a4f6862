"""DELETE /api/v1/users/{id} - remove a user whom nothing refers to."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, show, staff
from dialects.zammad.people import read as people
from helpdesk.catalogue import cache


@endpoint(refuse, permission=staff.DIRECTORY)
def handler(request: Request) -> Response:
    """An empty object."""
    actor = staff.actor(request, staff.DIRECTORY)
    cache.current()
    people.delete(actor, read.number(request, "user"))
    return show.answer({})
