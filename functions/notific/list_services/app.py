"""GET /api/Services - list services."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, services, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The services."""
    return show.entities(request, shapes.SERVICE, services.listed(read.window(request)))
