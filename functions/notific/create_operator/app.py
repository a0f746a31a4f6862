"""POST /api/Operators - add an operator."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import operators, read, refuse, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The new operator."""
    values = read.entity(request, shapes.OPERATOR)
    once = request.once(lambda made: show.created(request, shapes.OPERATOR, operators.shown(made)))
    made = operators.create(request.actor, values, once)
    return show.created(request, shapes.OPERATOR, operators.shown(made))
