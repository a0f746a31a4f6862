"""GET /api/admin/setup - list the set-up steps with their state and what to do next."""

from dialects.admin import refuse, steps
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import setup


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """Each step with its state."""
    return steps.steps(setup.list_steps(request.actor))
