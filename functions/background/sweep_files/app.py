"""Every day: removes files from the day before yesterday that no item refers to."""

from aws_lambda_powertools import Logger

from helpdesk.files import sweep

log = Logger()


def handler(_event: object, _context: object) -> None:
    """Removes files left by a crash between upload and transaction (docs/aws.md m1)."""
    count = sweep.sweep_files()
    log.info("swept", objects=count)
