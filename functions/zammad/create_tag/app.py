"""POST /api/v1/tag_list - add a tag to the list of tags."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.tags import read as names
from helpdesk import tags


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object, even if the list already has the tag."""
    actor, values = read.actor(request), read.bag(request)
    done = shown.answer({})
    tags.create_tag(actor, names.item(values, "name"), request.once(lambda _: done))
    return done
