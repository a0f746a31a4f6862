"""PATCH /api/admin/people/{id} - change the given fields of a person."""

from dialects.admin import read, refuse
from dialects.admin.people import bodies, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk import people


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The person as they are now."""
    actor, number = request.actor, read.number(request)
    return show.one(actor, people.update_person(actor, number, bodies.changes(request)))
