"""The queue `notify`: sends the mail that an event causes."""

from typing import Any

from helpdesk import outbox
from helpdesk.mail import outbound


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Gives the messages whose mail did not go out, for SQS to bring them again."""
    missed = outbox.each(outbound.notify, outbox.deliveries(event))
    return outbox.failures(missed)
