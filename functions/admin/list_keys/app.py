"""GET /api/admin/keys - the keys within the caller's own bounds."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """A page of keys, by id."""
    after, limit = read.page(request)
    return show.keys(*manage.list_keys(request.actor, after=after, limit=limit))
