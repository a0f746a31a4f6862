"""GET /api/admin/broadcasts/{id} - how far a mail to subscribers has come."""

from dialects.admin import refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.broadcasts import progress


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """One broadcast."""
    return show.broadcast(progress.find(request.actor, request.params["id"]))
