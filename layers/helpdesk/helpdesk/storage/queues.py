"""SQS: sends, counts, receives and deletes messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helpdesk.errors import Throttled, Unavailable
from helpdesk.storage import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import (
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

BATCH = 10
"""SQS's limit of messages per call."""


_AGAIN = "again"
"""The attribute that marks messages that were sent again."""


def send(url: str, bodies: Sequence[str], again: str = "") -> list[int]:
    """Sends messages to a queue; returns the positions of those that may not have arrived.

    Args:
        url: The queue's URL.
        bodies: The messages' bodies.
        again: If they are sent again, by what; kept as an attribute, also in the dead-letter queue.
    """
    missed: list[int] = []
    for start in range(0, len(bodies), BATCH):
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(start + position), "MessageBody": body}
            for position, body in enumerate(bodies[start : start + BATCH])
        ]
        for entry in entries if again else ():
            entry["MessageAttributes"] = {_AGAIN: {"DataType": "String", "StringValue": again}}
        try:
            with aws.translated():
                answer = aws.sqs().send_message_batch(QueueUrl=url, Entries=entries)
            missed += [int(failed["Id"]) for failed in answer.get("Failed", ())]
        except (Throttled, Unavailable):
            missed += [int(entry["Id"]) for entry in entries]
    return missed


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was received: `at` is when it was first sent, `tries` how often it has been
    received from this queue, `again` by what it was sent again.
    """

    id: str
    body: str
    receipt: str
    at: datetime
    tries: int
    again: str = ""


def counts(url: str) -> tuple[int, int]:
    """The approximate numbers of messages in a queue that are waiting, and that are in flight."""
    with aws.translated():
        told = aws.sqs().get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
    return (
        int(told["ApproximateNumberOfMessages"]),
        int(told["ApproximateNumberOfMessagesNotVisible"]),
    )


def receive(url: str, most: int, *, hidden: int) -> list[Message]:
    """Receives up to BATCH messages of a queue, with a visibility timeout of `hidden` seconds."""
    with aws.translated():
        answer = aws.sqs().receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(most, BATCH),
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=[_AGAIN],
            VisibilityTimeout=hidden,
            WaitTimeSeconds=0,
        )
    return [
        Message(
            id=found["MessageId"],
            body=found["Body"],
            receipt=found["ReceiptHandle"],
            at=datetime.fromtimestamp(int(found["Attributes"]["SentTimestamp"]) / 1000, UTC),
            tries=int(found["Attributes"]["ApproximateReceiveCount"]),
            again=_again(found),
        )
        for found in answer.get("Messages", ())
    ]


def _again(found: MessageTypeDef) -> str:
    marks = found.get("MessageAttributes")
    return marks[_AGAIN].get("StringValue", "") if marks and _AGAIN in marks else ""


def release(url: str, message: Message) -> None:
    """Makes a received message visible again at once."""
    with aws.translated():
        aws.sqs().change_message_visibility(
            QueueUrl=url, ReceiptHandle=message.receipt, VisibilityTimeout=0
        )


def remove(url: str, message: Message) -> None:
    """Deletes a message that was received."""
    with aws.translated():
        aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=message.receipt)
