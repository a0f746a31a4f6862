"""GET /api/admin/attention - list what needs an admin's attention."""

from dialects.admin import refuse, steps
from dialects.endpoint import Request, Response, endpoint
from helpdesk.monitoring import attention


@endpoint(refuse, permission=("can_manage_desk", "can_manage_directory", "can_manage_keys"))
def handler(request: Request) -> Response:
    """The open points that this key may see."""
    return steps.attention(attention.list_matters(request.actor))
