"""Consumer of the Desk table's stream: puts the ids of new events on the queues."""

from typing import Any

from helpdesk.events import outbox


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Returns the records that could not be relayed, for Lambda to deliver them again."""
    missed = outbox.relay(event["Records"])
    return outbox.failures(missed)
