"""GET /api/admin/broadcasts/{id} - show the progress of a mail to subscribers."""

from dialects.admin import refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.broadcasts import progress


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """One broadcast."""
    return show.broadcast(progress.find(request.actor, request.params["id"]))
