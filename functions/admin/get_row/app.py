"""GET /api/admin/{kind}/{id} - show one row."""

from dialects import admin
from dialects.admin import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(admin, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """One row."""
    kind, number = read.kind(request), read.number(request)
    return show.row(manage.find_row(request.actor, kind, number))
