"""Invoked by SES for each received mail: makes it a ticket, or an entry of one."""

from typing import Any

from helpdesk.mail.inbound import arrivals


def handler(event: dict[str, Any], _context: object) -> None:
    """After a fault the mail is delivered again; processing it is idempotent."""
    for record in event["Records"]:
        arrivals.take(arrivals.arrival(record["ses"]))
