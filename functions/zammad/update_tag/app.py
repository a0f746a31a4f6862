"""PUT /api/v1/tag_list/{id} - rename a tag in the list and in all tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.tags import read as names
from helpdesk import tags


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object; the tickets are updated afterwards."""
    actor, values = read.actor(request), read.bag(request)
    tags.rename_tag(actor, read.number(request, "tag"), names.item(values, "name"))
    return shown.answer({})
