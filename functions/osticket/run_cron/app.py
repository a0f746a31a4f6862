"""POST /api/tasks/cron - mark overdue tickets now."""

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.core import refuse, show
from helpdesk.tickets import overdue


@endpoint(refuse, permission="can_exec_cron")
def handler(request: Request) -> Response:
    """A confirmation. All other timed work has its own schedule."""
    overdue.mark_overdue(request.actor)
    return show.completed()
