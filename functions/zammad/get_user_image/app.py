"""GET /api/v1/users/image/{hash} - show the picture of a user."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import refuse
from dialects.zammad.people import image


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
def handler(_request: Request) -> Response:
    """One transparent pixel: the desk keeps no pictures of people."""
    return image.pixel()
