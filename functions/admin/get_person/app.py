"""GET /api/admin/people/{id} - show a person."""

from dialects.admin import read, refuse
from dialects.admin.people import show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.queries import persons


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """One person, with all fields."""
    actor = request.actor
    return show.one(actor, persons.find_person(actor, read.number(request)))
