"""POST /api/admin/templates/{id}/reset - reset a template to the default text."""

from dialects.admin import bodies, read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk.directory import manage
from helpdesk.mail.outbound import previews


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The template as it is now."""
    number = read.number(request)
    bodies.nothing(request)
    words = previews.stock(request.actor, number)
    return show.row(manage.update_row(request.actor, "templates", number, words))
