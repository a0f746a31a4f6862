"""DELETE /api/v1/tag_list/{id} - delete a tag and remove it from all tickets."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from helpdesk import tags


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object; the tickets are updated afterwards."""
    tags.delete_tag(read.actor(request), read.number(request, "tag"))
    return shown.answer({})
