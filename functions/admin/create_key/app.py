"""POST /api/admin/keys - create a key; its secret is shown only once."""

from dialects.admin import bodies, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The new key with its secret; a repeated request gets it without the secret."""
    facts = bodies.new_key(request)
    issued = manage.create_key(request.actor, facts, request.once(show.new_key_again))
    return show.new_key(issued)
