"""GET /api/admin/tickets/{ref}/entries/{id}/raw - get a link to the raw mail of an entry."""

from dialects.admin import refuse
from dialects.admin.tickets import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.files import downloads


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """A link to the raw mail."""
    return show.link(*downloads.raw_mail(request.actor, read.entry(request)))
