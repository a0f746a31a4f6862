"""GET /api/admin/people - find people by name or address."""

from dialects.admin import refuse
from dialects.admin.people import search, show
from dialects.endpoint import Request, Response, endpoint


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of people: with a text, prefix matches first; without one, the newest first."""
    return show.listed(request.actor, search.find(request))
