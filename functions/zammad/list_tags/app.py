"""GET /api/v1/tag_list - list all tags with their number of tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.tags import show
from helpdesk import tags


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """A page of them by name."""
    actor, values = read.actor(request), read.bag(request)
    tags.check_may_make(actor)
    window = read.window(values, 1000, 1000)
    return show.listed(tags.list_tags()[window.offset :][: window.limit])
