"""GET /api/v1/users/me - show the user that the key acts as."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.people import show


@endpoint(
    refuse,
    permission=(
        "can_read_tickets",
        "can_create_tickets",
        "can_update_tickets",
        "can_search_tickets",
        "can_manage_directory",
    ),
)
def handler(request: Request) -> Response:
    """The agent, the customer, or the desk itself."""
    actor, values = read.actor(request), read.bag(request)
    return show.me(actor, values)
