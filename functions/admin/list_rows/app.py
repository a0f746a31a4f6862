"""GET /api/admin/{kind} - list rows of one kind: departments, topics, agents, organizations..."""

from dialects.admin import read, refuse, show, wanted
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of rows, by id."""
    kind, (after, limit), asked = read.kind(request), read.page(request), wanted.rows(request)
    rows, more = manage.list_rows(request.actor, kind, after=after, limit=limit, wanted=asked)
    return show.listing(map(show.as_row, rows), more)
