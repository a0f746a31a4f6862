"""GET /api/Customers - list customers."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import customers, read, refuse, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The customers."""
    return show.entities(
        request, shapes.CUSTOMER, customers.listed(request.actor, read.window(request))
    )
