"""DELETE /api/v1/groups/{id} - delete a group; also ticket_states, ticket_priorities."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import refuse, show, staff
from dialects.zammad.catalogue import read as rows
from helpdesk.catalogue import cache
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """An empty object."""
    actor = staff.actor(request)
    kind = rows.desk_kind(request)
    manage.delete_row(actor, kind, rows.desk_id(request, cache.current(), actor))
    return show.answer({})
