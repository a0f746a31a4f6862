"""Every minute: requeues events that were lost or deferred."""

from aws_lambda_powertools import Logger

from helpdesk.events import outbox

log = Logger()


def handler(_event: object, _context: object) -> None:
    """Recovers events that the stream and the queues have lost (docs/aws.md m2)."""
    count = outbox.requeue()
    log.info("queued again", events=count)
