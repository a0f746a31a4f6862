"""PATCH /api/admin/settings - change the given settings."""

from dialects.admin import bodies, concurrency, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import settings


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """All settings as they are now."""
    values = bodies.settings(request)
    unchanged = concurrency.unchanged(request, show.as_settings)
    return show.settings(settings.update_settings(request.actor, values, unchanged))
