"""POST /api/tickets-reply.php/{ref} - reply to the requester as an agent."""

from functools import partial

from dialects.endpoint import Request, Response, endpoint
from dialects.osticket.plugin import bodies, refuse, show
from helpdesk.tickets import threads


@endpoint(refuse, permission="can_update_tickets")
def handler(request: Request) -> Response:
    """The new entry's id, as JSON or XML."""
    ref, agent, new, shape = bodies.reply(request)
    replied = partial(show.replied, shape=shape)
    return replied(threads.reply(request.actor, ref, agent, new, request.once(replied)))
