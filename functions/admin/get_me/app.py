"""GET /api/admin/me - show the caller's key and address, and the desk."""

from dialects.admin import refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.catalogue import cache
from helpdesk.keys import finding


@endpoint(refuse)
def handler(request: Request) -> Response:
    """Available to every valid key."""
    actor = request.actor
    key = finding.find_own(actor)
    settings = cache.seen().settings
    return show.me(key, actor.user, settings, request.source_ip, request.base_url)
