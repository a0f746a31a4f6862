"""Every minute: marks overdue tickets, wakes pending ones, stores daily numbers."""

from aws_lambda_powertools import Logger

from helpdesk.queries import numbers
from helpdesk.tickets import overdue, pending

log = Logger()


def handler(_event: object, _context: object) -> None:
    """Endpoints that show a ticket compare with the clock; counters, alerts and history need the
    mark (docs/aws.md m15).
    """
    count = overdue.mark_overdue()
    log.info("marked overdue", tickets=count)
    count = pending.wake_pending()
    log.info("woken", tickets=count)
    if day := numbers.keep_day():
        log.info("numbers kept", day=day.isoformat())
