"""From results to answers of osTicket's own API (docs/osticket.md 1.3, 1.10 and 1.11)."""

from dialects.endpoint import Response
from dialects.osticket.words import HTML
from helpdesk.model.tickets import Ticket


def created(ticket: Ticket) -> Response:
    """201 with the ticket's number, as plain characters called text/html."""
    return Response(201, ticket.number, HTML)


def mailed(number: str) -> Response:
    """The same for a mail, whether it became a ticket or an entry (docs/osticket.md 1.11)."""
    return Response(201, number, HTML)


def completed() -> Response:
    """200 with cron's answer (docs/osticket.md 1.10)."""
    return Response(200, "Completed", HTML)
