"""POST /api/admin/{kind} - create a row of the given kind."""

from dialects.admin import bodies, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The new row."""
    kind, values = read.kind(request), bodies.new_row(request)
    once = request.once(show.new_row)
    return show.new_row(manage.create_row(request.actor, kind, values, once))
