"""The queue `notify`: sends the mail that an event causes."""

from typing import Any

from helpdesk.events import outbox
from helpdesk.mail.outbound import asked


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Gives the messages whose mail did not go out, for SQS to bring them again."""
    missed = outbox.each(asked.notify, outbox.deliveries(event))
    return outbox.failures(missed)
