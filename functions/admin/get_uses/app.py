"""GET /api/admin/{kind}/{id}/uses - what uses a row, and so keeps it from being deleted."""

from dialects.admin import read, refuse, uses
from dialects.answers import as_json
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """Rows, settings, keys, and the numbers of people and tickets."""
    used = manage.find_uses(request.actor, read.kind(request), read.number(request))
    return as_json(uses.shown(used, request.actor))
