"""GET /api/v1/groups - list groups; also roles, ticket_states, ticket_priorities."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.catalogue import read as rows
from dialects.zammad.catalogue import show
from helpdesk.catalogue import cache


@endpoint(
    refuse,
    permission=(
        "can_manage_directory",
        "can_read_tickets",
        "can_create_tickets",
        "can_update_tickets",
        "can_search_tickets",
    ),
)
def handler(request: Request) -> Response:
    """A page of the groups, roles, states or priorities."""
    actor, values = rows.actor(request), read.bag(request)
    return show.rows(rows.kind(request), cache.current(), actor, values)
