"""GET /api/admin/settings - show the settings of the desk."""

from dialects.admin import refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import settings


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """All settings."""
    return show.settings(settings.find_settings(request.actor))
