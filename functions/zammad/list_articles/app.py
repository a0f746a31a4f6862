"""GET /api/v1/ticket_articles/by_ticket/{id} - list the articles of a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import show
from helpdesk.tickets import find


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The articles that the caller may see, oldest first."""
    actor, values = read.actor(request), read.bag(request)
    found = find.find_thread(actor, read.number(request, "ticket"))
    return show.thread(found, actor, values, request)
