"""GET /api/admin/broadcasts - list mails to subscribers, with their progress."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.broadcasts import progress


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of broadcasts, newest first."""
    before, limit = read.time_page(request)
    found, more = progress.list_broadcasts(request.actor, before=before, limit=limit)
    return show.broadcasts(found, more)
