"""SQS event source mappings: messages from a queue to its function.

Rules: Lambda developer guide, "Using Lambda with Amazon SQS": batches, partial failures by
`batchItemFailures`, filter criteria; failed messages become visible again after the queue's
visibility time-out, and SQS moves them to the dead-letter queue after `maxReceiveCount` receipts.
"""

from __future__ import annotations

import json
import logging
import random
import time
from typing import TYPE_CHECKING, Any

from local.aws.calls import Call
from local.aws.clients import Clients
from local.cloudformation.intrinsics import REGION
from local.cloudformation.template import Document
from local.events.background import Worked
from local.events.patterns import Filters
from local.functions import FunctionFailed, Functions
from local.options import FaultOptions

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

HIDDEN = 43_200
"""Visibility time-out in seconds of received messages: the longest that SQS allows."""

_LOG = logging.getLogger("local.queues")


class QueueMapping:
    """One mapping from a queue to a function.

    Args:
        properties: of the AWS::Lambda::EventSourceMapping, resolved.
        functions: runs the function.
        clients: access the queue.
        options: share of messages that are delivered twice.
        dice: selects them.
    """

    def __init__(
        self,
        properties: Document,
        functions: Functions,
        clients: Clients,
        *,
        options: FaultOptions,
        dice: random.Random,
    ) -> None:
        self.function: str = properties["FunctionName"]
        self._arn: str = properties["EventSourceArn"]
        self.queue = self._arn.rsplit(":", 1)[-1]
        self._batch_size = int(properties.get("BatchSize", 10))
        self._partial = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ())
        self._filters = Filters(properties)
        self._functions = functions
        self._options = options
        self._dice = dice
        self._client = clients.sqs
        self._url = self._client.get_queue_url(QueueName=self.queue)["QueueUrl"]
        told = self._client.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["VisibilityTimeout"]
        )
        self._timeout = float(told["Attributes"]["VisibilityTimeout"])
        self._failed: dict[str, tuple[str, float]] = {}

    def concerns(self, call: Call) -> bool:
        """Whether a message was sent to this queue."""
        return any(
            action.name == "sqs:SendMessage" and action.resource == self.queue
            for action in call.actions
        )

    def work(self) -> Worked:
        """Deliver one batch."""
        self._show(time.monotonic())
        messages = self._receive()
        if not messages:
            return Worked(delivered=False, more=False)
        wanted = [message for message in messages if self._wants(message)]
        done = [message for message in messages if not self._wants(message)]
        failed = self._invoke(wanted) if wanted else set()
        again = [
            message
            for message in wanted
            if message["MessageId"] not in failed
            and self._dice.random() < self._options.duplicate_rate
        ]
        if again:
            failed |= self._invoke(again)
        done += [message for message in wanted if message["MessageId"] not in failed]
        self._delete(done)
        due = time.monotonic() + self._timeout
        for message in wanted:
            if message["MessageId"] in failed:
                self._failed[message["MessageId"]] = (message["ReceiptHandle"], due)
        return Worked(delivered=True, more=len(messages) == self._batch_size)

    def retry(self) -> None:
        """Make failed messages visible now."""
        self._show(float("inf"))

    def waiting(self) -> dict[str, float]:
        """Ids of failed messages, with their due times in seconds since 1970."""
        past = time.time() - time.monotonic()
        return {identity: due + past for identity, (_, due) in self._failed.items()}

    def let_wait(self, identity: str, receipt: str, due: float) -> None:
        """Take over a message that failed before this process started; the queue hides it.

        Args:
            identity: its id.
            receipt: the receipt handle to make it visible again.
            due: its due time, in seconds since 1970.
        """
        self._failed[identity] = (receipt, due - time.time() + time.monotonic())

    def forget(self) -> None:
        """Drop failed messages, since the queue is empty."""
        self._failed.clear()

    def _show(self, now: float) -> None:
        # A failed message stays hidden in SQS; its due time is kept here, so tests need not wait.
        for identity, (receipt, due) in list(self._failed.items()):
            if due <= now:
                del self._failed[identity]
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
                )

    def _receive(self) -> list[MessageTypeDef]:
        messages: list[MessageTypeDef] = []
        while len(messages) < self._batch_size:
            received = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(10, self._batch_size - len(messages)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=0,
            ).get("Messages", [])
            messages += received
            if len(received) < 10:
                break
        return messages

    def _wants(self, message: MessageTypeDef) -> bool:
        try:
            body = json.loads(message["Body"])
        except ValueError:
            body = message["Body"]
        return self._filters.let_pass({"body": body, "messageId": message["MessageId"]})

    def _invoke(self, messages: list[MessageTypeDef]) -> set[str]:
        """The ids of the messages that failed."""
        everything = {message["MessageId"] for message in messages}
        try:
            answer = self._functions.invoke(
                self.function, {"Records": [self._record(message) for message in messages]}
            )
        except FunctionFailed as error:
            _LOG.warning("%s", error, exc_info=error)
            return everything
        if not self._partial or not answer:
            return set()
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures") or ()}
        # With an id that was not in the batch, the whole response is invalid.
        return everything if failed - everything else failed

    def _record(self, message: MessageTypeDef) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }

    def _delete(self, messages: list[MessageTypeDef]) -> None:
        for start in range(0, len(messages), 10):
            self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages[start : start + 10])
                ],
            )
