"""Shows the result of a merge."""

from dialects.endpoint import Response
from dialects.zammad import show
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket

MISSING = {
    "target": "The target ticket number could not be found.",
    "source": "The source ticket could not be found.",
}
"""The texts for tickets that do not exist, sent with status 200 (docs/zammad.md 9.7)."""


def merged(actor: Actor, source: Ticket, target: Ticket) -> Response:
    """Both tickets as they are after the merge."""
    shapes = Shapes(actor, cache.seen(), [source, target])
    return show.answer(
        {
            "result": "success",
            "target_ticket": shapes.plain(target),
            "source_ticket": shapes.plain(source),
        }
    )


def missing(what: str) -> Response:
    """The response if a ticket does not exist; nothing has changed."""
    return show.answer({"result": "failed", "message": MISSING[what]})
