"""POST /api/v1/groups - add a group; also ticket_states, ticket_priorities."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse, staff
from dialects.zammad.catalogue import read as rows
from dialects.zammad.catalogue import show
from helpdesk.catalogue import cache
from helpdesk.directory import manage


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The new group, state or priority."""
    actor, values = staff.actor(request), read.bag(request)
    kind = rows.desk_kind(request)
    said = rows.new_row(kind, values, cache.current())
    once = request.once(lambda made: show.made(rows.kind(request), kind, made, values, 201))
    made = manage.create_row(actor, kind, said, once)
    return show.made(rows.kind(request), kind, made, values, 201)
