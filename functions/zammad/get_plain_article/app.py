"""GET /api/v1/ticket_article_plain/{id} - download the raw mail of an article."""

from dialects.endpoint import Request, Response, endpoint
from dialects.zammad import read, refuse
from dialects.zammad.articles import show
from helpdesk.tickets import entry_changes


@endpoint(refuse, permission="can_read_tickets")
def handler(request: Request) -> Response:
    """The raw mail."""
    actor, number = read.actor(request), read.number(request, "article")
    return show.plain(entry_changes.find_entry(actor, number).entry)
