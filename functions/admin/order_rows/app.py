"""PATCH /api/admin/{kind}/order - change the order of the rows of one kind."""

from dialects.admin import bodies, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import changes


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """All rows of the kind in their order."""
    rows = changes.order_rows(request.actor, read.kind(request), bodies.order(request))
    return show.listing(map(show.as_row, rows), None)
