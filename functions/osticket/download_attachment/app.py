"""GET /api/tickets-attachment-download.php/{ref} - download a file."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import read, refuse, show
from helpdesk.files import downloads


@endpoint(refuse.attachments, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The file with its contents, as JSON or XML; or the raw file."""
    file, shape = read.file_reference(request)
    found = downloads.find_file(request.actor, file)
    return show.contents(found) if read.wants_contents(request, shape) else show.file(found, shape)
