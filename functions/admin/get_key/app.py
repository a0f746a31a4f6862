"""GET /api/admin/keys/{id} - show a key, without its secret."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import finding


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """One key."""
    return show.key(finding.find_key(request.actor, read.number(request)))
