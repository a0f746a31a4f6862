"""DELETE /api/admin/keys/{id} - revoke a key permanently."""

from dialects.admin import concurrency, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The id of the revoked key."""
    number = read.number(request)
    unchanged = concurrency.unchanged(request, show.set_of_key)
    manage.delete_key(request.actor, number, unchanged)
    return show.deleted_key(number)
