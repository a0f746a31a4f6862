"""POST /api/admin/keys/{id}/rotate - rotate the secret; the old one works during the overlap."""

from dialects.admin import bodies, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.keys import manage


@endpoint(refuse, permission="can_manage_keys")
def handler(request: Request) -> Response:
    """The key with its next secret; a repeated request gets it without the secret."""
    number, overlap = read.number(request), bodies.overlap(request)
    once = request.once(show.rotated_key_again)
    return show.rotated_key(manage.rotate_key(request.actor, number, overlap, once))
