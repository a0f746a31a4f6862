"""PUT /api/Services/{id} - replace a service."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, services, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The updated service."""
    number = read.number(request, shapes.SERVICE)
    values = read.entity(request, shapes.SERVICE)
    read.check_id(values, number, shapes.SERVICE)
    return show.entity(request, shapes.SERVICE, services.update(request.actor, number, values))
