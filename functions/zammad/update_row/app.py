"""PUT /api/v1/groups/{id} - change a group; also ticket_states, ticket_priorities."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.catalogue import read as rows
from dialects.zammad.catalogue import show
from helpdesk.catalogue import cache
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The group, state or priority as it is now."""
    actor, values = staff.actor(request), read.bag(request)
    kind, known = rows.desk_kind(request), cache.current()
    number = rows.desk_id(request, known, actor)
    said = rows.changes(kind, number, values, known)
    return show.made(
        rows.kind(request), kind, manage.update_row(actor, kind, number, said), values, 200
    )
