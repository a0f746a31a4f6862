"""GET /api/admin/keys/{id} - show one key, without its secret."""

from dialects import admin
from dialects.admin import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(admin, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """One key."""
    return show.key(manage.find_key(request.actor, read.number(request)))
