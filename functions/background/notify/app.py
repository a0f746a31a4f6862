"""Consumer of the queue `notify`: sends the mail for an event."""

from typing import Any

from helpdesk.events import outbox
from helpdesk.mail.outbound import asked


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Returns the messages whose mail was not sent, for SQS to deliver them again."""
    missed = outbox.each(asked.notify, outbox.deliveries(event))
    return outbox.failures(missed)
