"""DELETE /api/Services/{id} - delete a service."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, services, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The service as it was."""
    number = read.number(request, shapes.SERVICE)
    return show.entity(request, shapes.SERVICE, services.delete(request.actor, number))
