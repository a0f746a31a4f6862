"""GET /api/Operators/{id} - show an operator."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import operators, read, refuse, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The operator."""
    return show.entity(
        request,
        shapes.OPERATOR,
        operators.found(request.actor, read.number(request, shapes.OPERATOR)),
    )
