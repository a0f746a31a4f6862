"""GET /api/v1/tag_search - find tags by a part of their name."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tags import show
from helpdesk import tags


@endpoint(refuse, permission=("can_read_tickets", "can_update_tickets", "can_create_tickets"))
def handler(request: Request) -> Response:
    """Ten at most; without a search term the most used ones; none for a customer."""
    actor, values = read.actor(request), read.bag(request)
    return show.found([] if actor.customer is not None else tags.search_tags(values.text("term")))
