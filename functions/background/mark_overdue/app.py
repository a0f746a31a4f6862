"""Every minute: marks the tickets whose deadline has passed, and wakes those that were pending."""

from aws_lambda_powertools import Logger

from helpdesk.tickets import overdue, pending

log = Logger()


def handler(_event: object, _context: object) -> None:
    """What shows a ticket looks at the clock; counters, alerts and history need the mark
    (docs/aws.md m15).
    """
    count = overdue.mark_overdue()
    log.info("marked overdue", tickets=count)
    count = pending.wake_pending()
    log.info("woken", tickets=count)
