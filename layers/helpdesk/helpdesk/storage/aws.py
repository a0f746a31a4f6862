"""AWS as the desk sees it: lazy clients, calls in parallel, and AWS's errors as the desk's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.session import get_session

from helpdesk.errors import Throttled, TooLarge, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

T = TypeVar("T")
Addressing = Literal["auto", "virtual"]

PARALLEL = 64
"""Threads, and with them connections, that one request may use at a time: a list asks 64 buckets at
once (docs/aws.md m13). None is made before it is needed."""

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


READ_SECONDS = 6
"""How long an answer of AWS is waited for. API Gateway gives up after 29 seconds: three tries leave
room for an answer."""


def _config(
    attempts: int, signature: str | None, addressing: Addressing | None, seconds: int
) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=seconds,
        max_pool_connections=PARALLEL,
        retries={"mode": "standard", "total_max_attempts": attempts},
        # Half a millisecond of every call: what is sent is built in one place, and tried by each
        # test against moto, which refuses what AWS would.
        parameter_validation=False,
        signature_version=signature,
        s3={"addressing_style": addressing} if addressing else None,
        # botocore would work out its own name anew for every request.
        user_agent="deskless",
    )


_clients: dict[str, Any] = {}
"""This container's clients by service, and under `session` what they are made of."""

_building = Lock()


def _client(
    service: str,
    attempts: int = 3,
    signature: str | None = None,
    addressing: Addressing | None = None,
    seconds: int | None = None,
) -> Any:
    if service not in _clients:
        # A first trip asks from several threads at once: without the lock each would build a
        # client of its own, which doubles a cold start, and sessions are not for threads.
        with _building:
            if service not in _clients:
                # What boto3.client is made of; boto3 itself adds nothing to a client, and a tenth
                # to a cold start (docs/decisions/0009).
                if "session" not in _clients:
                    _clients["session"] = get_session()
                session = _clients["session"]
                config = _config(attempts, signature, addressing, seconds or READ_SECONDS)
                _clients[service] = session.create_client(service, config=config)
    return _clients[service]


def forget_clients() -> None:
    """Drops all clients, as when the endpoint they lead to has moved."""
    _clients.clear()


def dynamodb() -> DynamoDBClient:
    """DynamoDB, for the two tables."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def s3() -> S3Client:
    """S3, for files and large bodies. Its links are signed as all regions take it, and lead to the
    bucket's own region: S3's global address sends on whoever asks for a young bucket, and neither
    a signature nor a form survives that.
    """
    elsewhere = os.environ.keys() & {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
    addressing: Addressing = "auto" if elsewhere else "virtual"
    client: S3Client = _client("s3", signature="s3v4", addressing=addressing)
    return client


def sesv2() -> SESV2Client:
    """SES. One attempt only: a second one after a lost answer would be a second mail
    (docs/aws.md m8). That may take a while: a mail can have 40 MB.
    """
    client: SESV2Client = _client("sesv2", attempts=1, seconds=20)
    return client


class Ses(Protocol):
    """What the desk asks of SES's first API, which alone knows receipt rules."""

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        """The active set, if any."""

    def set_active_receipt_rule_set(self, **request: str) -> object:
        """Makes a set the active one, or none."""


def ses() -> Ses:
    """SES's first API, for receipt rules."""
    client: Ses = _client("ses")
    return client


def sqs() -> SQSClient:
    """SQS, for the queues behind the outbox."""
    client: SQSClient = _client("sqs")
    return client


def secretsmanager() -> SecretsManagerClient:
    """Secrets Manager, where set-up leaves the first admin key."""
    client: SecretsManagerClient = _client("secretsmanager")
    return client


def apigateway() -> APIGatewayClient:
    """API Gateway's control plane: gateway keys and authorizer caches, in the background only."""
    client: APIGatewayClient = _client("apigateway")
    return client


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="aws")


def together(*calls: Callable[[], T]) -> list[T]:
    """The results of these calls, made at the same time, in the order they were given.

    All of them are waited for, also when one fails; then the first failure is raised. A call that
    is still running in the background would otherwise go on into the next invocation.
    """
    if len(calls) < 2:
        return [call() for call in calls]
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
    except (BotoConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable(type(error).__name__) from error
