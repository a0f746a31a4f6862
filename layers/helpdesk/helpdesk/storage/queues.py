"""SQS: sends messages to a queue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpdesk.errors import Throttled, Unavailable
from helpdesk.storage import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
"""Messages that SQS takes in one call."""


def send(url: str, bodies: Sequence[str]) -> list[int]:
    """Sends these messages to a queue; gives the positions of those that may not have arrived."""
    missed: list[int] = []
    for start in range(0, len(bodies), BATCH):
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(start + position), "MessageBody": body}
            for position, body in enumerate(bodies[start : start + BATCH])
        ]
        try:
            with aws.translated():
                answer = aws.sqs().send_message_batch(QueueUrl=url, Entries=entries)
            missed += [int(failed["Id"]) for failed in answer.get("Failed", ())]
        except (Throttled, Unavailable):
            missed += [int(entry["Id"]) for entry in entries]
    return missed
