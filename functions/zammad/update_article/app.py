"""PUT /api/v1/ticket_articles/{id} - make an article internal or public."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import read as articles
from dialects.zammad.articles import show
from helpdesk.tickets import entry_changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The updated article."""
    actor, number = read.actor(request), read.number(request, "article")
    internal, preferences = articles.changes(read.bag(request))
    changed = entry_changes.change_entry(actor, number, internal=internal, preferences=preferences)
    return show.one(changed, request)
