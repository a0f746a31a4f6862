"""GET /api/admin/{kind} - the rows of one kind: departments, topics, agents, organizations..."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of rows, by id."""
    after, limit = read.page(request)
    rows, more = manage.list_rows(request.actor, read.kind(request), after=after, limit=limit)
    return show.listing(map(show.as_row, rows), more)
