"""POST /api/Customers - add a customer."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import customers, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The new customer."""
    values = read.entity(request, shapes.CUSTOMER)
    once = request.once(lambda made: show.created(request, shapes.CUSTOMER, customers.shown(made)))
    made = customers.create(request.actor, values, once)
    return show.created(request, shapes.CUSTOMER, customers.shown(made))
