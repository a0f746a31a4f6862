"""POST /api/Services - add a service."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import read, refuse, services, shapes, show


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The new service."""
    values = read.entity(request, shapes.SERVICE)
    once = request.once(lambda made: show.created(request, shapes.SERVICE, services.shown(made)))
    made = services.create(request.actor, values, once)
    return show.created(request, shapes.SERVICE, services.shown(made))
