"""GET /api/v1/object_manager_attributes - list the custom fields."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import refuse, show, staff
from dialects.zammad.catalogue.attributes import attributes
from helpdesk.catalogue import cache


@endpoint(refuse, permission=("can_manage_directory", "can_read_tickets"))
def handler(request: Request) -> Response:
    """All fields, of tickets and of users."""
    staff.actor(request)
    return show.document(attributes(cache.current()), "attributes.json")
