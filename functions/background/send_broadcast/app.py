"""Consumer of the queue `broadcast`: sends mail to the subscribers of services."""

from typing import Any

from helpdesk.broadcasts import send
from helpdesk.events import outbox


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Returns the messages whose broadcast must be retried, for SQS to deliver them again."""
    missed = outbox.each(send.broadcast, outbox.deliveries(event))
    return outbox.failures(missed)
