"""GET /api/Services/{id} - show a service."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, services, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The service."""
    return show.entity(
        request, shapes.SERVICE, services.found(read.number(request, shapes.SERVICE))
    )
