"""GET /api/admin/files/{id} - download a file of a ticket."""

from dialects.admin import read, refuse
from dialects.admin.tickets import show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.files import downloads


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """A link to the file, which browsers save instead of opening it."""
    return show.file(downloads.find_file(request.actor, read.number(request)))
