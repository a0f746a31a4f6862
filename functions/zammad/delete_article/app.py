"""DELETE /api/v1/ticket_articles/{id} - delete one of the caller's own notes."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad import show as shown
from dialects.zammad.articles import read as articles
from helpdesk.catalogue import cache
from helpdesk.tickets import entry_changes


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """An empty object."""
    actor, number = read.actor(request), read.number(request, "article")
    found = entry_changes.find_entry(actor, number)
    articles.check_may_delete(found, actor, cache.seen())
    entry_changes.delete_entry(actor, number)
    return shown.answer({})
