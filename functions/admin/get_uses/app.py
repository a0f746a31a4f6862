"""GET /api/admin/{kind}/{id}/uses - list what refers to a row and prevents its deletion."""

from dialects.admin import read, refuse, uses
from dialects.answers import as_json
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """Rows, settings, keys, and the numbers of people and tickets."""
    used = manage.find_uses(request.actor, read.kind(request), read.number(request))
    return as_json(uses.shown(used, request.actor))
