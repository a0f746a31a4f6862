"""PATCH /api/admin/{kind}/{id} - change what is given, leave the rest."""

from dialects import admin
from dialects.admin import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(admin, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The row as it is now."""
    kind, number, values = read.kind(request), read.number(request), read.row_changes(request)
    return show.row(manage.update_row(request.actor, kind, number, values))
