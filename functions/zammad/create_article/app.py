"""POST /api/v1/ticket_articles - add an article to a ticket."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import read as articles
from dialects.zammad.articles import show
from helpdesk.catalogue import cache
from helpdesk.tickets import threads


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The new article."""
    actor, values = read.actor(request), read.bag(request)
    ticket = articles.ticket_of(values)
    new = articles.new_entry(values.values, actor, cache.current())
    once = request.once(lambda made: show.one(made, request, 201))
    return show.one(threads.add_entry(actor, ticket, new, once), request, 201)
