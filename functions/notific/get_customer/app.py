"""GET /api/Customers/{id} - show a customer."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import customers, read, refuse, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The customer."""
    return show.entity(
        request,
        shapes.CUSTOMER,
        customers.found(request.actor, read.number(request, shapes.CUSTOMER)),
    )
