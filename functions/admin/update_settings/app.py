"""PATCH /api/admin/settings - change what is given, leave the rest."""

from dialects import admin
from dialects.admin import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import changes


@endpoint(admin, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """All settings as they are now."""
    values = read.settings(request)
    return show.settings(changes.update_settings(request.actor, values))
