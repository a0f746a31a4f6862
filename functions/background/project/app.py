"""Consumer of the queue `project`: updates counters, search and API Gateway's keys."""

from typing import Any

from helpdesk.events import outbox
from helpdesk.projection import project


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Returns the messages that were not processed, for SQS to deliver them again."""
    missed = outbox.together_or_each(project.project, outbox.deliveries(event))
    return outbox.failures(missed)
