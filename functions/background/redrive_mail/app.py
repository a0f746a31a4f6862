"""Every 15 minutes: processes raw mail left waiting, and checks SES's daily quota."""

from aws_lambda_powertools import Logger

from helpdesk.mail.inbound import arrivals
from helpdesk.mail.outbound import sending

log = Logger()


def handler(_event: object, _context: object) -> None:
    """Finds in the bucket the mail that receive_mail did not get or could not process
    (docs/aws.md m22).
    """
    count = arrivals.redrive()
    log.info("taken in again", mails=count)
    sending.watch_quota()
