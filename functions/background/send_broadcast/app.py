"""The queue `broadcast`: writes to the subscribers of services."""

from typing import Any

from helpdesk.broadcasts import send
from helpdesk.events import outbox


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Gives the messages whose broadcast has to be tried again, for SQS to bring them again."""
    missed = outbox.each(send.broadcast, outbox.deliveries(event))
    return outbox.failures(missed)
