"""GET /api/Operators - list operators."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import operators, read, refuse, shapes, show


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The operators."""
    return show.entities(
        request, shapes.OPERATOR, operators.listed(request.actor, read.window(request))
    )
