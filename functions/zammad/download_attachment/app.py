"""GET /api/v1/ticket_attachment/{ticket}/{article}/{id} - download a file of an article."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import read as articles
from dialects.zammad.articles import show
from helpdesk.files import downloads


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The raw file."""
    actor, values = read.actor(request), read.bag(request)
    found = downloads.find_file(actor, read.number(request, "file"))
    articles.check_belongs(found, request)
    return show.file(found, values)
