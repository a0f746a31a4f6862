"""GET /api/v1/version - show the Zammad version whose API this is."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import refuse, version


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
    """The version of the API, or the browser's notifications, of which there are none."""
    return version.shown(request)
