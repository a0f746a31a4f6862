"""PATCH /api/admin/ban-list - add addresses to the ban list and remove addresses from it."""

from dialects.admin import bodies, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import settings


@endpoint(refuse, permission="can_manage_desk")
def handler(request: Request) -> Response:
    """The ban list as it is now, and the added and removed addresses."""
    add, remove = bodies.ban_list(request)
    return show.ban_list(settings.update_ban_list(request.actor, add, remove))
