"""The AWS endpoint: a proxy in front of moto that handles every request.

It counts and attributes requests, injects faults, and adds what moto lacks: idempotent
transactions, transaction conflicts, flushing of authorizer caches, usage of gateway keys, SES's
suppression list, and asynchronous invocations. Listeners handle everything that a call triggers
(mail events, streams, queues).
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from threading import Lock, RLock
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from local.aws import strict
from local.aws.answers import Answer, conflict, denied, failure, said, spelled
from local.aws.calls import (
    FUNCTION_HEADER,
    OPERATION_HEADER,
    OUTSIDE,
    OWN_HEADER,
    Action,
    Asked,
    Call,
    actions,
)
from local.aws.faults import Faults, How
from local.aws.ses_limits import Refusal, SesLimits
from local.options import FaultOptions
from local.serving import ConnectionDropped, WsgiApp, reason

_LOG = logging.getLogger("local.aws")

TOKEN_LIFE = 600.0
"""Seconds for which DynamoDB remembers a ClientRequestToken."""


_SINGLE_WRITES = {"DeleteItem", "PutItem", "UpdateItem"}

_ACCEPTED = {
    ("api-gateway", "FlushStageAuthorizersCache"),
    # A listener sends the event to the function (`LocalCloud`): moto would need Docker.
    ("lambda", "Invoke"),
}
"""Calls that get an empty response."""


_TOLD: Mapping[tuple[str, str], object] = {
    ("sesv2", "DeleteSuppressedDestination"): {},
    ("lambda", "GetAccountSettings"): {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900},
        "AccountUsage": {"FunctionCount": 0},
    },
}
"""Responses that moto lacks: for an address removed from the suppression list, and for an account
that may run many functions.
"""


_ADDRESSES = {
    re.compile(pattern): operation
    for pattern, operation in {
        r"GET /usageplans/[^/]+/usage": "api-gateway GetUsage",
        r"DELETE /restapis/[^/]+/stages/[^/]+/cache/authorizers": (
            "api-gateway FlushStageAuthorizersCache"
        ),
        r"POST /2015-03-31/functions/[^/]+/invocations": "lambda Invoke",
        r"GET /2016-08-19/account-settings/?": "lambda GetAccountSettings",
        r"GET /v2/email/account": "sesv2 GetAccount",
        r"DELETE /v2/email/suppression/addresses/[^/]+": "sesv2 DeleteSuppressedDestination",
    }.items()
}
"""Requests answered without moto, by address: other processes do not name their operations."""


def _operation(environ: WSGIEnvironment) -> str:
    asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    found = (named for pattern, named in _ADDRESSES.items() if pattern.fullmatch(asked))
    return next(found, "unnamed -")


@dataclass(frozen=True)
class Used:
    """A function's use of an action that its role must allow."""

    function: str
    action: Action


_SAME_STATE = {"dynamodb-streams": "dynamodb", "unnamed": "s3"}
"""Services that work on the state of another: `unnamed` are S3's presigned links and forms."""

Listener = Callable[[Call, bytes, Answer], None]
"""Called for each successful call: the call, the request's body, the response."""


class EndpointProxy:
    """WSGI middleware around moto.

    Args:
        aws: moto's application.
        options: random faults.
        seed: of the random numbers for conflicts.
        permit: whether a function's role allows an action; only called in strict mode.
    """

    def __init__(
        self,
        aws: WsgiApp,
        options: FaultOptions,
        seed: int = 0,
        permit: Callable[[str, Action], bool] = lambda _function, _action: True,
    ) -> None:
        self._aws = aws
        self._permit = permit
        self._options = options
        self._seed = seed
        self._dice = random.Random(seed)  # noqa: S311 - dice, not a secret
        self._tokens: dict[str, tuple[float, str, Answer]] = {}
        self._in_transactions: set[tuple[str, str, str]] = set()
        # moto is not thread-safe: it loses receipt handles of messages that two receive at once,
        # and raises when keys are listed while one is created. A real DynamoDB never shows half a
        # transaction either.
        self._locks: dict[str, AbstractContextManager[object]] = {}
        self._lock = Lock()
        self._records: list[list[Call]] = []
        self.faults = Faults()
        self.listeners: list[Listener] = []
        self.used: set[Used] = set()
        self.usage: Callable[[str], object] = lambda _query: {"values": {}}
        self.ses = SesLimits(options)

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """The calls that arrive while the block runs, in the order of their completion."""
        calls: list[Call] = []
        with self._lock:
            self._records.append(calls)
        try:
            yield calls
        finally:
            with self._lock:
                # Removed by identity: two empty recordings are equal.
                self._records = [record for record in self._records if record is not calls]

    @contextmanager
    def still(self) -> Iterator[None]:
        """Block all calls to DynamoDB while the block runs."""
        with self._one_at_a_time("dynamodb"):
            yield

    def _one_at_a_time(self, service: str) -> AbstractContextManager[object]:
        return self._locks.setdefault(_SAME_STATE.get(service, service), RLock())

    def forget(self) -> None:
        """Forget past transactions, and restart the random numbers."""
        self._tokens.clear()
        self._in_transactions.clear()
        self.ses.forget()
        self._dice.seed(self._seed)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Handle one request of an AWS client.

        Raises:
            ConnectionDropped: by a fault.
        """
        started = time.monotonic()
        body = _read(environ)
        caller, _, request_id = environ.get(_key(FUNCTION_HEADER), OUTSIDE).partition(" ")
        named = environ.get(_key(OPERATION_HEADER)) or _operation(environ)
        service, _, operation = named.partition(" ")
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        own = _key(OWN_HEADER) in environ
        asked = Asked(
            operation,
            environ["PATH_INFO"],
            body,
            environ["QUERY_STRING"],
            environ.get("HTTP_X_AMZ_COPY_SOURCE", ""),
        )
        needed = actions(service, asked)
        fault = None if own else self.faults.strike(caller, service, operation, invocation)
        if fault and fault.how in {How.BEFORE, How.TIMEOUT}:
            answer = failure(service, fault.status, fault.code)
        elif not own and not self._may(caller, needed):
            answer = denied(service)
        else:
            answer = self._answer(environ, service, operation, body)
            if answer.status == 404 and not own and self._hides(caller, environ, needed):
                answer = denied("s3")
        call = Call(
            function=caller,
            request_id=request_id,
            service=service,
            operation=operation,
            actions=needed,
            attempt=environ.get("HTTP_AMZ_SDK_REQUEST", ""),
            started=started,
            ended=time.monotonic(),
            status=answer.status,
        )
        if not own:
            self._note(call)
        if answer.status < 300:
            for listener in self.listeners:
                listener(call, body, answer)
        if fault and fault.how is How.AFTER:
            answer = failure(service, fault.status, fault.code)
        if fault and fault.how in {How.TIMEOUT, How.LOST}:
            # A client treats a dropped connection like a time-out, and fails sooner.
            raise ConnectionDropped
        start(reason(answer.status), answer.headers)
        return [answer.body]

    def _may(self, caller: str, needed: Iterable[Action]) -> bool:
        """Whether the caller's role allows all of these; callers outside functions may do all."""
        if caller == OUTSIDE or not self._options.strict:
            return True
        denied = [action for action in needed if not self._permit(caller, action)]
        for action in denied:
            _LOG.error("%s may not %s on %s", caller, action.name, action.resource)
        return not denied

    def _hides(self, caller: str, environ: WSGIEnvironment, needed: Iterable[Action]) -> bool:
        """Whether S3 answers 403 for a missing object, as it does for callers without permission to
        list the bucket. Those who sign links lack it.
        """
        if not self._options.strict:
            return False
        if caller == OUTSIDE:
            return strict.is_signed(environ["QUERY_STRING"])
        objects = [one.resource for one in needed if one.name == "s3:GetObject"]
        return any(
            not self._permit(
                caller, Action("s3:ListBucket", bucket, frozenset({("s3:prefix", key)}))
            )
            for bucket, _, key in (name.partition("/") for name in objects)
        )

    def _note(self, call: Call) -> None:
        with self._lock:
            for record in self._records:
                record.append(call)
            self.used.update(Used(call.function, action) for action in call.actions)

    def _answer(
        self, environ: WSGIEnvironment, service: str, operation: str, body: bytes
    ) -> Answer:
        if operation == "GetUsage":
            return said(self.usage(environ["QUERY_STRING"]))
        known = (
            self._of_ses(operation, body)
            or _without_moto(service, operation)
            or self._refused(environ, service, operation, body)
        )
        if known:
            return known
        with self._one_at_a_time(service):
            if operation == "TransactWriteItems":
                return self._transact(environ, body)
            by_function = _key(FUNCTION_HEADER) in environ
            if operation in _SINGLE_WRITES and by_function and self._meets_transaction(body):
                return failure("dynamodb", 400, "TransactionConflictException")
            return self._forward(environ)

    def _refused(
        self, environ: WSGIEnvironment, service: str, operation: str, body: bytes
    ) -> Answer | None:
        """The refusal of AWS where moto has none; None if there is none, or not in strict mode."""
        if not self._options.strict:
            return None
        refusal = _refusal(environ, service, operation, body)
        # Presigned links and forms do not name a service: they are S3's.
        by = "s3" if service == "unnamed" else service
        return failure(by, *refusal) if refusal else None

    def _of_ses(self, operation: str, body: bytes) -> Answer | None:
        """SES's response for the account and its limits; None to let moto answer."""
        if operation == "GetAccount":
            return said(self.ses.account())
        if operation == "SendEmail" and (refusal := self.ses.refuse(body)):
            return failure("sesv2", refusal.status, refusal.code, refusal.words)
        return None

    def _transact(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        # DynamoDB API reference, TransactWriteItems: the same token with the same content within
        # ten minutes is one transaction; with other content it is refused.
        request = json.loads(body)
        token = request.pop("ClientRequestToken", None)
        digest = sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        now = time.monotonic()
        if token in self._tokens:
            answered, known, answer = self._tokens[token]
            if now - answered < TOKEN_LIFE:
                if known == digest:
                    return answer
                return failure("dynamodb", 400, "IdempotentParameterMismatchException")
        self._in_transactions.update(
            _item(write) for entry in request["TransactItems"] for write in entry.values()
        )
        if self._conflicts():
            return conflict(len(request["TransactItems"]))
        answer = self._forward(environ)
        if token and answer.status == 200:
            self._tokens[token] = (now, digest, answer)
        return answer

    def _meets_transaction(self, body: bytes) -> bool:
        """Whether a single write conflicts with a running transaction. Only items written by
        transactions can (DynamoDB developer guide, "Transaction conflict handling").
        """
        return (
            self._options.strict
            and _item(json.loads(body)) in self._in_transactions
            and self._conflicts()
        )

    def _conflicts(self) -> bool:
        return self._dice.random() < self._options.conflict_rate

    def _forward(self, environ: WSGIEnvironment) -> Answer:
        status: list[int] = []
        headers: list[tuple[str, str]] = []

        def start(line: str, given: list[tuple[str, str]], _: object = None) -> Callable[..., None]:
            status.append(int(line.split(" ", 1)[0]))
            headers.extend(given)
            return _no_write

        chunks = self._aws(environ, start)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        return Answer(status[-1], headers, body)


def _without_moto(service: str, operation: str) -> Answer | None:
    """The response to a request that moto does not support; None if it does."""
    if (service, operation) in _ACCEPTED:
        return Answer(202, [("Content-Length", "0")], b"")
    if (service, operation) == ("sns", "ListSubscriptionsByTopic"):
        # Topics are only names here (`local.cloudformation.resources`), without subscribers.
        name = "ListSubscriptionsByTopic"
        result = f"<{name}Result><Subscriptions/></{name}Result>"
        return spelled(200, "text/xml", f"<{name}Response>{result}</{name}Response>")
    if (service, operation) in _TOLD:
        return said(_TOLD[service, operation])
    return None


def _item(write: Mapping[str, Any]) -> tuple[str, str, str]:
    """Table and key of the item in a write."""
    key = write.get("Key") or write["Item"]
    return write["TableName"], key["pk"]["S"], key["sk"]["S"]


def _refusal(environ: WSGIEnvironment, service: str, operation: str, body: bytes) -> Refusal | None:
    """The refusal of a request that moto would accept."""
    if service == "dynamodb":
        return strict.of_dynamodb(operation, body)
    now, kind = datetime.now(UTC), environ.get("CONTENT_TYPE", "")
    if strict.is_signed(environ["QUERY_STRING"]):
        return strict.of_link(environ["QUERY_STRING"], now)
    if service == "unnamed" and kind.startswith("multipart/form-data"):
        return strict.of_form(kind, body, now)
    return None


def _no_write(_: bytes) -> None:
    raise NotImplementedError("moto does not use WSGI's write()")


def _key(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def _read(environ: WSGIEnvironment) -> bytes:
    # Always read in full: unread bytes would be parsed as the connection's next request.
    if environ.pop("wsgi.input_terminated", False):
        body: bytes = environ["wsgi.input"].read()
        environ.pop("HTTP_TRANSFER_ENCODING", None)
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body
