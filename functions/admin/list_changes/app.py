"""GET /api/admin/audit - list changes to keys, rows and settings, with author and old values."""

from dialects.admin import audit, refuse
from dialects.endpoint import Request, Response, endpoint


@endpoint(refuse, permission=("can_manage_keys", "can_manage_directory", "can_manage_desk"))
def handler(request: Request) -> Response:
    """A page of changes, newest first; each part needs its own permission."""
    return audit.changes(request)
