"""GET /api/v1/groups/search - find groups; also roles."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.catalogue import read as rows
from dialects.zammad.search import rows as search
from helpdesk.catalogue import cache


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of the groups or roles that match."""
    actor, values = rows.actor(request), read.bag(request)
    return search.search(rows.kind(request), cache.current(), actor, values)
