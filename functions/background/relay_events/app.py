"""The stream of the Desk table: puts the ids of new events on the queues."""

from typing import Any

from helpdesk.events import outbox


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Gives the records that did not get through, for Lambda to bring them again."""
    missed = outbox.relay(event["Records"])
    return outbox.failures(missed)
