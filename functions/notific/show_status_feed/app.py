"""GET /status.atom - get the status of the services as an Atom feed."""

from dialects.endpoint import Request, Response, endpoint
from dialects.notific import refuse
from dialects.notific import status as shown
from helpdesk.broadcasts import status


@endpoint(refuse)
def handler(request: Request) -> Response:
    """The feed, if the desk has one."""
    return shown.feed(request, status.find())
