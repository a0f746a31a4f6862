"""POST /api/tasks/cron - mark the tickets that are overdue, at once."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.core import refuse, show
from helpdesk.tickets import overdue


@endpoint(refuse, permission="can_exec_cron")
def handler(request: Request) -> Response:
    """That it is done. All else that has its time has a schedule of its own."""
    overdue.mark_overdue(request.actor)
    return show.completed()
