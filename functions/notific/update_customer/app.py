"""PUT /api/Customers/{id} - replace a customer."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import customers, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The updated customer."""
    number = read.number(request, shapes.CUSTOMER)
    values = read.entity(request, shapes.CUSTOMER)
    read.check_id(values, number, shapes.CUSTOMER)
    return show.entity(request, shapes.CUSTOMER, customers.update(request.actor, number, values))
