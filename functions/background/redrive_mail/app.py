"""Every 15 minutes: takes in raw mail that has lain in the bucket for longer."""

from aws_lambda_powertools import Logger

from helpdesk.mail.inbound import arrivals

log = Logger()


def handler(_event: object, _context: object) -> None:
    """Whatever receive_mail did not get, or could not deal with, is found in the bucket
    (docs/aws.md m22).
    """
    count = arrivals.redrive()
    log.info("taken in again", mails=count)
