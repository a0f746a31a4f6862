"""GET /api/v1/ticket_articles - list the articles of all tickets by id."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import lists, show
from helpdesk.queries import entries


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """A page of them; also needs permission to delete tickets, which is an admin in Zammad."""
    actor, values = read.actor(request), read.bag(request)
    lists.check_may_list(actor)
    found = entries.list_entries(actor, lists.page(values))
    return show.listed(found, actor, values, request)
