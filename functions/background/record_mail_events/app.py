"""The topic of SES's configuration set: notes what became of a mail."""

from typing import Any

from helpdesk.mail.outbound import feedback


def handler(event: dict[str, Any], _context: object) -> None:
    """One notice after the other; a fault brings all of them again, which does no harm."""
    for record in event["Records"]:
        feedback.hear(record["Sns"]["Message"])
