"""GET /api/admin/setup - what a new desk has yet to be given, with the next step for each."""

from dialects.admin import refuse, steps
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import setup


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """Each step with its state."""
    return steps.steps(setup.list_steps(request.actor))
