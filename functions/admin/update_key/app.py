"""PATCH /api/admin/keys/{id} - change the given fields of a key."""

from dialects.admin import bodies, concurrency, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The key as it is now."""
    number = read.number(request)
    facts, unchanged = bodies.key_changes(request), concurrency.unchanged(request, show.set_of_key)
    return show.changed_key(manage.change_key(request.actor, number, facts, unchanged))
