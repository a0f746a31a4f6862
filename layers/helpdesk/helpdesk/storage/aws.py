"""AWS as the desk sees it: lazy clients, calls in parallel, and AWS's errors as the desk's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from helpdesk.errors import Throttled, TooLarge, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

T = TypeVar("T")

PARALLEL = 16
"""Threads, and with them connections, that one request may use at a time."""

LARGEST_ITEM = 400 * 1024
"""Bytes that DynamoDB takes for one item."""

_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "SlowDown",
    "LimitExceededException",
}

_OVERSIZED = {"EntityTooLarge", "RequestEntityTooLarge", "ItemCollectionSizeLimitExceededException"}


def _config(attempts: int = 3) -> Config:
    # API Gateway gives up after 29 seconds: three tries of at most six leave room for an answer.
    return Config(
        connect_timeout=2,
        read_timeout=6,
        max_pool_connections=PARALLEL,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


@cache
def dynamodb() -> DynamoDBClient:
    """DynamoDB, for the two tables."""
    return _session().client("dynamodb", config=_config())


@cache
def s3() -> S3Client:
    """S3, for files and large bodies."""
    return _session().client("s3", config=_config())


@cache
def sesv2() -> SESV2Client:
    """SES. One attempt only: a second one after a lost answer would be a second mail [m8]."""
    return _session().client("sesv2", config=_config(attempts=1))


@cache
def sqs() -> SQSClient:
    """SQS, for the queues behind the outbox."""
    return _session().client("sqs", config=_config())


@cache
def secretsmanager() -> SecretsManagerClient:
    """Secrets Manager, where set-up leaves the first admin key."""
    return _session().client("secretsmanager", config=_config())


@cache
def apigateway() -> APIGatewayClient:
    """API Gateway's control plane: gateway keys and authorizer caches, in the background only."""
    return _session().client("apigateway", config=_config())


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="aws")


def together(*calls: Callable[[], T]) -> list[T]:
    """The results of these calls, made at the same time, in the order they were given.

    All of them are waited for, also when one fails; then the first failure is raised. A call that
    is still running in the background would otherwise go on into the next invocation.
    """
    if len(calls) == 1:
        return [calls[0]()]
    futures = [_threads().submit(call) for call in calls[1:]]
    # The first runs right here: a thread less, and the usual case is one or two calls.
    failures: list[BaseException] = []
    results: list[Any] = []
    for outcome in (calls[0], *(future.result for future in futures)):
        try:
            results.append(outcome())
        except Exception as failure:  # noqa: BLE001 - raised again below, when all have ended
            failures.append(failure)
    if failures:
        raise failures[0]
    return results


def error_code(error: ClientError) -> str:
    """AWS's word for what went wrong, such as `ConditionalCheckFailedException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated() -> Iterator[None]:
    """Turns AWS's errors into the desk's: throttled, too large, or no (usable) answer.

    Failed conditions are the storage's own business and are caught before they get here.
    """
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in _THROTTLES:
            raise Throttled(code) from error
        if code in _OVERSIZED:
            raise TooLarge("item", LARGEST_ITEM) from error
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        if status >= 500:
            raise Unavailable(code) from error
        if code == "ValidationException" and "size" in str(error):
            raise TooLarge("item", LARGEST_ITEM) from error
        raise
    except (ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError) as error:
        raise Unavailable(type(error).__name__) from error
    except BotoCoreError as error:
        if type(error).__name__ in {"ConnectionClosedError", "ConnectionError", "HTTPClientError"}:
            raise Unavailable(type(error).__name__) from error
        raise
