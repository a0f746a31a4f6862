"""DELETE /api/admin/keys/{id}/old-secret - revoke the previous secret before its overlap ends."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The key as it is now."""
    return show.changed_key(manage.end_overlap(request.actor, read.number(request)))
