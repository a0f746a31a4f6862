"""PATCH /api/admin/{kind}/{id} - change the given fields of a row."""

from dialects.admin import bodies, concurrency, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The row as it is now."""
    kind, number, values = read.kind(request), read.number(request), bodies.row_changes(request)
    unchanged = concurrency.unchanged(request, show.as_row)
    return show.row(manage.update_row(request.actor, kind, number, values, unchanged))
