"""DynamoDB event source mappings: records of a stream to a function.

Rules: Lambda developer guide, "Using Lambda with Amazon DynamoDB": batches in order, filter
criteria, partial failures (the first failed record and all after it are delivered again), bisecting
a failed batch (which does not count as an attempt), a number of attempts, and an S3 destination
with the whole invocation.
"""

from __future__ import annotations

import json
import logging
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from local.aws.calls import Call
from local.aws.clients import Clients
from local.cloudformation.intrinsics import REGION
from local.cloudformation.template import Document
from local.events.background import Worked
from local.events.patterns import Filters
from local.functions import FunctionFailed, Functions
from local.options import FaultOptions

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.type_defs import RecordTypeDef

_LOG = logging.getLogger("local.streams")

_WRITES = {f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")}

_PAGE = 1000
"""Records read by one call."""

Record = dict[str, Any]


class StreamMapping:
    """One mapping from a table's stream to a function.

    Args:
        properties: of the AWS::Lambda::EventSourceMapping, resolved.
        functions: runs the function.
        clients: access the stream and the bucket for failed batches.
        options: share of batches that are delivered twice.
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
        self._table = self._arn.split("/")[1]
        self._batch_size = int(properties.get("BatchSize", 100))
        self._attempts = int(properties.get("MaximumRetryAttempts", -1))
        self._bisect = bool(properties.get("BisectBatchOnFunctionError", False))
        self._partial = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ())
        self._filters = Filters(properties)
        destination = properties.get("DestinationConfig", {}).get("OnFailure", {})
        self._bucket = str(destination.get("Destination", "")).removeprefix("arn:aws:s3:::")
        self._functions = functions
        self._options = options
        self._dice = dice
        self._clients = clients
        self._client = clients.streams
        self._iterators: dict[str, str] = {}
        self._read: set[str] = set()

    def concerns(self, call: Call) -> bool:
        """Whether the stream's table was written to."""
        table = f"table/{self._table}"
        return any(action.name in _WRITES and action.resource == table for action in call.actions)

    def work(self) -> Worked:
        """Deliver the records since the last call."""
        if not self._iterators:
            self._find_shards()
        delivered = more = False
        for shard, iterator in list(self._iterators.items()):
            try:
                answer = self._client.get_records(ShardIterator=iterator, Limit=_PAGE)
            except self._client.exceptions.ExpiredIteratorException:
                self._iterators.pop(shard)
                continue
            records = answer["Records"]
            for start in range(0, len(records), self._batch_size):
                self._deliver_all(shard, records[start : start + self._batch_size])
            delivered = delivered or bool(records)
            more = more or len(records) == _PAGE
            following = answer.get("NextShardIterator")
            if following:
                self._iterators[shard] = following
            else:
                # The shard is closed; its children take over.
                del self._iterators[shard]
                self._read.add(shard)
                more = True
        return Worked(delivered, more)

    def retry(self) -> None:
        """Attempts follow each other at once, so nothing waits here."""

    def forget(self) -> None:
        """Restart at the stream's beginning, since it was emptied."""
        self._iterators.clear()
        self._read.clear()

    def _find_shards(self) -> None:
        stream = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]
        for shard in stream["Shards"]:
            identity = shard["ShardId"]
            # A parent shard is read to its end before its children: order is guaranteed per item.
            if identity in self._read or shard.get("ParentShardId", "") in self._iterators:
                continue
            self._iterators[identity] = self._client.get_shard_iterator(
                StreamArn=self._arn, ShardId=identity, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]

    def _deliver_all(self, shard: str, records: list[RecordTypeDef]) -> None:
        wanted = [
            record for record in map(self._event_record, records) if self._filters.let_pass(record)
        ]
        if not wanted:
            return
        self._deliver(shard, wanted, 1)
        if self._dice.random() < self._options.duplicate_rate:
            self._deliver(shard, wanted, 1)

    def _deliver(self, shard: str, records: list[Record], attempt: int) -> None:
        failed = self._invoke(records)
        if failed is None:
            return
        rest = records[failed:]
        if self._bisect and len(rest) > 1:
            middle = len(rest) // 2
            self._deliver(shard, rest[:middle], attempt)
            self._deliver(shard, rest[middle:], attempt)
        elif self._attempts < 0 or attempt <= self._attempts:
            self._deliver(shard, rest, attempt + 1)
        else:
            self._give_up(shard, rest, attempt)

    def _invoke(self, records: list[Record]) -> int | None:
        """The position of the first failed record; None if all succeeded."""
        try:
            answer = self._functions.invoke(self.function, {"Records": records})
        except FunctionFailed as error:
            _LOG.warning("%s", error, exc_info=error)
            return 0
        if not self._partial or not answer:
            return None
        failures = {item["itemIdentifier"] for item in answer.get("batchItemFailures") or ()}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        if not failures:
            return None
        # With an id that was not in the batch, the whole response is invalid.
        return min(map(numbers.index, failures)) if failures <= set(numbers) else 0

    def _give_up(self, shard: str, records: list[Record], attempt: int) -> None:
        _LOG.error("%s: %d records given up", self.function, len(records))
        if not self._bucket:
            return
        now = datetime.now(UTC)
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        body = {
            "requestContext": {
                "functionArn": self.function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": attempt,
            },
            "version": "1.0",
            "timestamp": now.isoformat(),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "batchSize": len(records),
                "streamArn": self._arn,
            },
            "payload": {"Records": records},
        }
        self._clients.s3.put_object(
            Bucket=self._bucket,
            Key=f"aws/lambda/local/{self.function}/{now:%Y/%m/%d}/{uuid4()}",
            Body=json.dumps(body).encode(),
        )

    def _event_record(self, record: RecordTypeDef) -> Record:
        change = dict(record["dynamodb"])
        at = record["dynamodb"]["ApproximateCreationDateTime"]
        change["ApproximateCreationDateTime"] = int(at.timestamp())
        return {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": self._arn,
        }
