"""PUT /api/v1/ticket_merge/{source}/{target} - merge a ticket into another."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.merges import show
from helpdesk.errors import NotFound
from helpdesk.tickets import find, merges


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """Both tickets; or which of them does not exist, with the same status."""
    actor = read.actor(request)
    once = request.once(lambda both: show.merged(actor, *both))
    try:
        target = find.by_number(request.params["target"])
        if target is None:
            return show.missing("target")
        source = read.number(request, "source", "source")
        both = merges.merge_tickets(actor, source, target, once)
    except NotFound as missing:
        if missing.hidden or missing.what not in show.MISSING:
            raise
        return show.missing(missing.what)
    return show.merged(actor, *both)
