"""GET /api/admin/keys - list the keys within the caller's bounds."""

from dialects.admin import read, refuse, show, wanted
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import finding


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """A page of keys, by id."""
    asked, (after, limit) = wanted.keys(request), read.page(request)
    return show.keys(*finding.find_keys(request.actor, asked, after=after, limit=limit))
