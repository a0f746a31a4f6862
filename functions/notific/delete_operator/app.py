"""DELETE /api/Operators/{id} - delete an operator."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import operators, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The operator as they were."""
    number = read.number(request, shapes.OPERATOR)
    return show.entity(request, shapes.OPERATOR, operators.delete(request.actor, number))
