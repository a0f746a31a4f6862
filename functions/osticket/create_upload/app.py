"""POST /api/uploads - get a form for uploading a large file."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import refuse, show
from helpdesk.files import uploads


@endpoint(refuse, permission=("can_create_tickets", "can_update_tickets"))
def handler(request: Request) -> Response:
    """The upload form, and the id by which a ticket or a note can then refer to the file."""
    return show.upload(uploads.open_upload(request.actor, request.once(show.upload)))
