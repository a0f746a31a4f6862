"""PUT /api/Operators/{id} - replace an operator."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import operators, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The updated operator."""
    number = read.number(request, shapes.OPERATOR)
    values = read.entity(request, shapes.OPERATOR)
    read.check_id(values, number, shapes.OPERATOR)
    return show.entity(request, shapes.OPERATOR, operators.update(request.actor, number, values))
