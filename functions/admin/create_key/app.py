"""POST /api/admin/keys - make a key; its secret is shown this once."""

from dialects import admin
from dialects.admin import read, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(admin, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The new key with its secret, without it when the request is repeated."""
    facts = read.new_key(request)
    issued = manage.create_key(request.actor, facts, request.once(show.new_key_again))
    return show.new_key(issued)
