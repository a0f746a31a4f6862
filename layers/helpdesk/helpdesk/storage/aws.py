"""AWS clients, created on first use; parallel calls; and translation of AWS errors into domain
errors.
"""

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
"""Threads, and so connections, that one request may use at a time: a list queries 64 buckets at
once (docs/aws.md m13). They are created on demand.
"""

LARGEST_ITEM = 400 * 1024
"""DynamoDB's limit for one item, in bytes."""

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
"""Read timeout of AWS calls: three attempts end within API Gateway's timeout of 29 seconds."""


def _config(
    attempts: int, signature: str | None, addressing: Addressing | None, seconds: int
) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=seconds,
        max_pool_connections=PARALLEL,
        retries={"mode": "standard", "total_max_attempts": attempts},
        # Saves half a millisecond per call. Requests are built in one place, and every test sends
        # them to moto, which refuses what AWS would refuse.
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
        # The first round trip calls from several threads at once: without the lock each would build
        # its own client, which doubles a cold start, and sessions are not thread-safe.
        with _building:
            if service not in _clients:
                # As boto3.client does; boto3 itself adds nothing to a client, but a tenth to a cold
                # start (docs/decisions/0009).
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

    Its presigned URLs use Signature Version 4, which all regions accept, and the endpoint of the
    bucket's own region: S3's global endpoint redirects requests for a new bucket, and neither a
    presigned URL nor a presigned form survives a redirect.
    """
    elsewhere = os.environ.keys() & {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"}
    addressing: Addressing = "auto" if elsewhere else "virtual"
    client: S3Client = _client("s3", signature="s3v4", addressing=addressing)
    return client


def sesv2() -> SESV2Client:
    """SES. One attempt only: a retry after a lost answer could send the mail twice (docs/aws.md
    m8). A call may take long: a mail can have 40 MB.
    """
    client: SESV2Client = _client("sesv2", attempts=1, seconds=20)
    return client


class Ses(Protocol):
    """The calls of SES's API v1 that the desk uses; only v1 has receipt rules."""

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        """The active rule set, if any."""

    def set_active_receipt_rule_set(self, **request: str) -> object:
        """Activates a rule set, or none."""


def ses() -> Ses:
    """SES's API v1, for receipt rules."""
    client: Ses = _client("ses")
    return client


def sqs() -> SQSClient:
    """SQS, for the queues behind the outbox."""
    client: SQSClient = _client("sqs")
    return client


class Lambda(Protocol):
    """The calls of Lambda that the desk uses."""

    def invoke(self, **request: Any) -> object:
        """Invokes a function."""

    def get_account_settings(self) -> dict[str, Any]:
        """The account's limits."""


class Sns(Protocol):
    """The calls of SNS that the desk uses."""

    def list_subscriptions_by_topic(self, **request: str) -> dict[str, Any]:
        """The subscriptions of a topic."""


def sns() -> Sns:
    """SNS, to see who is subscribed to alarms."""
    client: Sns = _client("sns")
    return client


def functions() -> Lambda:
    """Lambda, for asynchronous invocations."""
    client: Lambda = _client("lambda")
    return client


def secretsmanager() -> SecretsManagerClient:
    """Secrets Manager, which holds the first admin key."""
    client: SecretsManagerClient = _client("secretsmanager")
    return client


def apigateway() -> APIGatewayClient:
    """API Gateway's control plane: gateway keys and authorizer caches; used in the background
    only.
    """
    client: APIGatewayClient = _client("apigateway")
    return client


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="aws")


def together(*calls: Callable[[], T]) -> list[T]:
    """Makes these calls in parallel; returns their results in the order of the calls. Waits for all
    of them even if one fails, and then raises the first failure: a call still running would
    otherwise continue into the next invocation.
    """
    if len(calls) < 2:
        return [call() for call in calls]
    futures = [_threads().submit(call) for call in calls[1:]]
    # The first runs in this thread, since there are usually only one or two calls.
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
    """Runs `work` for each item, several in parallel; returns for how many it returned True. A
    failure does not stop the others.

    Raises:
        DeskError: The first failure, after all have been tried.
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
    """A description of an error without its message, which may quote a mail or a secret
    (docs/decisions/0006): for an AWS error, or one caused by it, its operation and code (`PutItem:
    AccessDeniedException`); for any other its type.
    """
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ClientError):
            return f"{cause.operation_name}: {error_code(cause)}"
        cause = cause.__cause__
    return type(fault).__name__


@contextmanager
def translated() -> Iterator[None]:
    """Turns AWS errors into domain errors. Failed conditions must be caught inside the block.

    Raises:
        Throttled: AWS throttled the request; nothing was done.
        TooLarge: An item or an object is larger than AWS takes.
        Unavailable: AWS failed or did not answer; it is not known whether the request took effect.
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
        # An expression that is too long is a bug of the desk.
        words = str(error)
        if code == "ValidationException" and "size" in words and "Expression size" not in words:
            raise TooLarge("item", LARGEST_ITEM) from error
        raise
    except (BotoConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable(type(error).__name__) from error
