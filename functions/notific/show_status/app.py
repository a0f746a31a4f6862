"""GET /status - show the public status page of the services."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse
from dialects.notific import status as shown
from helpdesk.broadcasts import status


@endpoint(refuse)
def handler(request: Request) -> Response:
    """The page, if the desk has one."""
    return shown.show(request, status.find())
