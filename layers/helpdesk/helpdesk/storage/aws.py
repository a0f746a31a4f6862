"""AWS's clients, made when first used; calls in parallel; and AWS's errors as domain errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.session import get_session

from helpdesk.errors import DeskError, Throttled, TooLarge, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

T = TypeVar("T")

_AT_ONCE = 25
"""Items that `count_done` works on at the same time."""
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
"""How long to wait for an answer of AWS: three attempts end within the 29 seconds after which API
Gateway gives up."""


def _config(
    attempts: int, signature: str | None, addressing: Addressing | None, seconds: int
) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=seconds,
        max_pool_connections=PARALLEL,
        retries={"mode": "standard", "total_max_attempts": attempts},
        # It takes half a millisecond of every call. Requests are built in one place, and every test
        # sends them to moto, which refuses what AWS would.
        parameter_validation=False,
        signature_version=signature,
        s3={"addressing_style": addressing} if addressing else None,
        # botocore would compute its own user agent for every request.
        user_agent="deskless",
    )


_clients: dict[str, Any] = {}
"""This container's clients by service, and under `session` the botocore session."""

_building = Lock()


def _client(
    service: str,
    attempts: int = 3,
    signature: str | None = None,
    addressing: Addressing | None = None,
    seconds: int | None = None,
) -> Any:
    if service not in _clients:
        # A first round trip calls from several threads at once: without the lock each would build
        # a client of its own, which doubles a cold start, and sessions are not thread-safe.
        with _building:
            if service not in _clients:
                # What boto3.client does; boto3 itself adds nothing to a client, and a tenth to a
                # cold start (docs/decisions/0009).
                if "session" not in _clients:
                    _clients["session"] = get_session()
                session = _clients["session"]
                config = _config(attempts, signature, addressing, seconds or READ_SECONDS)
                _clients[service] = session.create_client(service, config=config)
    return _clients[service]


def forget_clients() -> None:
    """Drops all clients, as when the endpoint has changed."""
    _clients.clear()


def dynamodb() -> DynamoDBClient:
    """DynamoDB, for the two tables."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def s3() -> S3Client:
    """S3, for files and large bodies.

    Its links are signed with Signature Version 4, which all regions accept, and lead to the
    bucket's own region: S3's global endpoint redirects requests for a new bucket, and neither a
    presigned URL nor a presigned form survives a redirect.
    """
    elsewhere = os.environ.keys() & {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
    addressing: Addressing = "auto" if elsewhere else "virtual"
    client: S3Client = _client("s3", signature="s3v4", addressing=addressing)
    return client


def sesv2() -> SESV2Client:
    """SES. One attempt only: a second one after a lost answer would be a second mail
    (docs/aws.md m8). It may take long: a mail can have 40 MB.
    """
    client: SESV2Client = _client("sesv2", attempts=1, seconds=20)
    return client


class Ses(Protocol):
    """What the desk calls of SES's first API, which alone has receipt rules."""

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        """The active rule set, if any."""

    def set_active_receipt_rule_set(self, **request: str) -> object:
        """Activates a rule set, or none."""


def ses() -> Ses:
    """SES's first API, for receipt rules."""
    client: Ses = _client("ses")
    return client


def sqs() -> SQSClient:
    """SQS, for the queues behind the outbox."""
    client: SQSClient = _client("sqs")
    return client


class Lambda(Protocol):
    """What the desk calls of Lambda."""

    def invoke(self, **request: Any) -> object:
        """Calls a function."""

    def get_account_settings(self) -> dict[str, Any]:
        """What the account may run."""


class Sns(Protocol):
    """What the desk calls of SNS."""

    def list_subscriptions_by_topic(self, **request: str) -> dict[str, Any]:
        """Who hears of a topic."""


def sns() -> Sns:
    """SNS, to see who hears of alarms."""
    client: Sns = _client("sns")
    return client


def functions() -> Lambda:
    """Lambda, to call functions that nobody waits for."""
    client: Lambda = _client("lambda")
    return client


def secretsmanager() -> SecretsManagerClient:
    """Secrets Manager, which holds the first admin key."""
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
    """Makes these calls at the same time; gives their results in the order of the calls.

    Waits for all of them, also where one fails, and then raises the first failure: a call that was
    still running would otherwise go on into the next invocation.
    """
    if len(calls) < 2:
        return [call() for call in calls]
    futures = [_threads().submit(call) for call in calls[1:]]
    # The first runs in this thread: the usual case is one or two calls.
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


def count_done(work: Callable[[T], bool], items: Sequence[T]) -> int:
    """For how many items the work says that it was done; some at the same time.

    One that fails does not keep the others waiting.

    Raises:
        DeskError: The first failure, when all have been tried.
    """
    done, failures = 0, list[DeskError]()
    for start in range(0, len(items), _AT_ONCE):
        some = items[start : start + _AT_ONCE]
        try:
            done += sum(together(*(partial(work, item) for item in some)))
        except DeskError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def error_code(error: ClientError) -> str:
    """AWS's code of an error, such as `ConditionalCheckFailedException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def told(fault: BaseException) -> str:
    """What failed, without the message, which may quote a mail or a secret (docs/decisions/0006):
    the operation and the code of AWS's error, also where that is the cause of the desk's own
    (`PutItem: AccessDeniedException`); of any other its type.
    """
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ClientError):
            return f"{cause.operation_name}: {error_code(cause)}"
        cause = cause.__cause__
    return type(fault).__name__


@contextmanager
def translated() -> Iterator[None]:
    """Turns AWS's errors into domain errors. Failed conditions are caught inside the block.

    Raises:
        Throttled: AWS asked for a pause; nothing was done.
        TooLarge: An item or an object is larger than AWS takes.
        Unavailable: AWS failed or did not answer; it is not known whether it did something.
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
        # An expression that is too long is a fault of the desk's own.
        words = str(error)
        if code == "ValidationException" and "size" in words and "Expression size" not in words:
            raise TooLarge("item", LARGEST_ITEM) from error
        raise
    except (BotoConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable(type(error).__name__) from error
