"""GET /api/admin/tickets/{ref}/entries/{id}/body - show the body of an entry as safe HTML."""

from dialects.admin import refuse
from dialects.admin.tickets import body, read
from dialects.endpoint import Request, Response, endpoint


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The body of an entry, with its embedded images but without remote ones."""
    return body.show(read.entry(request))
