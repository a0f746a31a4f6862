"""Subscriber of SES's event topic: records what happened to a sent mail."""

from typing import Any

from helpdesk.mail.outbound import feedback


def handler(event: dict[str, Any], _context: object) -> None:
    """Processes each notice; after a fault all are delivered again, which is harmless."""
    for record in event["Records"]:
        feedback.hear(record["Sns"]["Message"])
