"""GET /api/admin/{kind}/{id} - show a row."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """One row."""
    kind, number = read.kind(request), read.number(request)
    return show.row(manage.find_row(request.actor, kind, number))
