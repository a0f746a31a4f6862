"""GET /api/v1/ticket_articles/{id} - show an article."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import show
from helpdesk.tickets import entry_changes


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The article, always with the names of referenced rows."""
    found = entry_changes.find_entry(read.actor(request), read.number(request, "article"))
    return show.one(found.entry, request)
