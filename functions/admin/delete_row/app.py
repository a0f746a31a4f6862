"""DELETE /api/admin/{kind}/{id} - delete a row that nothing refers to."""

from dialects.admin import concurrency, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The id of the deleted row."""
    kind, number = read.kind(request), read.number(request)
    unchanged = concurrency.unchanged(request, show.as_row)
    manage.delete_row(request.actor, kind, number, unchanged)
    return show.deleted_row(number)
