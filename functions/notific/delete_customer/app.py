"""DELETE /api/Customers/{id} - delete a customer."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import customers, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The customer as they were."""
    number = read.number(request, shapes.CUSTOMER)
    return show.entity(request, shapes.CUSTOMER, customers.delete(request.actor, number))
