"""DELETE /api/admin/unsubscribed/{id} - resubscribe a customer who has unsubscribed."""

from dialects.admin import read, refuse, show
from dialects.endpoint import Request, Response, endpoint
from helpdesk import customers


@endpoint(refuse, permission="can_manage_directory")
def handler(request: Request) -> Response:
    """The services to which the customer is now subscribed."""
    return show.subscribed(customers.resubscribe_all(request.actor, read.number(request)))
