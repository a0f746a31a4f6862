"""The traces of a desk: log lines, messages, objects, gateway keys, and the text in them."""

from __future__ import annotations

import io
import logging
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import boto3

from local.cloud import LocalCloud

OUR_LOGGERS = {"deskless", "gate", "local", "service_undefined"}
"""The first parts of their names. The desk's are called by POWERTOOLS_SERVICE_NAME, as it was when
they were made.
"""


@dataclass
class Log:
    """Everything that is logged or printed while it listens, in the words of whoever writes it and
    with all that a record carries.
    """

    _written: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self._written.getvalue()

    @contextmanager
    def listening(self) -> Iterator[None]:
        handle = logging.Logger.callHandlers

        def take(logger: logging.Logger, record: logging.LogRecord) -> None:
            lines = [handler.format(record) for handler in logger.handlers]
            lines += [logging.Formatter().format(record), repr(vars(record))]
            self._written.write("\n".join([*lines, ""]))
            handle(logger, record)

        with ExitStack() as stack:
            stack.enter_context(patch.object(logging.Logger, "callHandlers", take))
            stack.enter_context(redirect_stdout(self._written))
            stack.enter_context(redirect_stderr(self._written))
            for logger in _talkative():
                stack.callback(logger.setLevel, logger.level)
                logger.setLevel(logging.DEBUG)
            yield


def _talkative() -> list[logging.Logger]:
    """The loggers of the desk and of the local cloud. Those of libraries are never this loud."""
    return [
        logger
        for name, logger in logging.Logger.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in OUR_LOGGERS
    ]


def letters(cloud: LocalCloud) -> Iterator[str]:
    """The bodies of what lies in the queues: dead letters."""
    client = boto3.client("sqs")
    for resource in cloud.template.of_type("AWS::SQS::Queue"):
        url = cloud.resources.physical(resource.name).ref
        while received := client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600, WaitTimeSeconds=0
        ).get("Messages"):
            yield from (f"{resource.name} {message['Body']}" for message in received)


def objects(cloud: LocalCloud) -> Iterator[tuple[str, bytes]]:
    """Every object of the bucket, by its key."""
    client = boto3.client("s3")
    bucket = cloud.resources.physical("FilesBucket").ref
    for listed in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
        body = client.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read()
        yield listed["Key"], body


def gateway_keys() -> list[Any]:
    """API Gateway's keys, with their values."""
    return list(boto3.client("apigateway").get_api_keys(includeValues=True)["items"])


def clear(value: Any) -> str:
    """All that can be read in a stored value, compressed text included."""
    if isinstance(value, Mapping):
        if set(value) == {"B"}:
            return readable(b64decode(value["B"]))
        return "\n".join(f"{name}\n{clear(part)}" for name, part in value.items())
    if isinstance(value, list | tuple | set):
        return "\n".join(map(clear, value))
    return str(value)


def readable(data: bytes) -> str:
    """The text in some bytes, compressed or not."""
    with suppress(zlib.error):
        data = zlib.decompress(data)
    return data.decode(errors="replace")
