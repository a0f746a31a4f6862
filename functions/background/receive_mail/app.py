"""Mail that SES has received: makes it a ticket, or an entry of one."""

from typing import Any

from helpdesk.mail.inbound import arrivals


def handler(event: dict[str, Any], _context: object) -> None:
    """A fault brings the mail again; it becomes nothing twice."""
    for record in event["Records"]:
        arrivals.take(arrivals.arrival(record["ses"]))
