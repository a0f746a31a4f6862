"""Injects AWS faults inside one process: the n-th call of a test fails in a chosen way.

Hooks into botocore's events, so it sees the client's calls, not their retries, and needs neither a
server nor waiting. `local/aws/faults.py` does the same at the endpoint, over HTTP.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError


class How(Enum):
    REFUSED = "is throttled: nothing happened, and AWS says so"
    BEFORE = "answers 500, and has done nothing"
    AFTER = "has done it, and then the connection breaks"
    TIMEOUT = "does not answer, and has done nothing"


EVERY_WAY = pytest.mark.parametrize("how", How)

EVERY_UNCLEAR_WAY = pytest.mark.parametrize("how", [How.BEFORE, How.AFTER, How.TIMEOUT])
"""The ways that leave it open whether a call has happened; to the caller all three look alike."""


@dataclass
class Fault:
    how: How
    nth: int
    only: str | None = None
    code: str = "ThrottlingException"
    said: str = ""
    calls: list[str] = field(default_factory=list)
    hit: str | None = None


class Injector:
    """Sees every call of the clients of one session; fails the planned one."""

    def __init__(self, session: Any) -> None:
        self._fault: Fault | None = None
        self._lock = Lock()
        self._stubs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        session.events.register_first("before-call", self._before)
        session.events.register("after-call", self._after)

    @contextmanager
    def stub(self, operation: str, answer: Callable[[Any], dict[str, Any]]) -> Iterator[None]:
        """Answers an operation here while the block runs: what moto does not know or never says."""
        before = self._stubs
        self._stubs = {**before, operation: answer}
        try:
            yield
        finally:
            self._stubs = before

    @contextmanager
    def fault(
        self,
        how: How,
        nth: int = 1,
        only: str | None = None,
        code: str = "ThrottlingException",
        said: str = "",
    ) -> Iterator[Fault]:
        """Lets the n-th call fail while the block runs, of all calls or of one operation's.

        `code` is AWS's word where it refuses, `said` its sentence.
        """
        self._fault = fault = Fault(how, nth, only, code, said)
        try:
            yield fault
        finally:
            self._fault = None

    def _before(self, model: Any, params: Any, context: Any, **_: Any) -> Any:
        fault = self._strikes(model.name)
        context["fault"] = how = fault and fault.how
        if fault and how is How.REFUSED:
            return _answer(400, fault.code, fault.said)
        if how is How.BEFORE:
            return _answer(500, "InternalServerError")
        if how is How.TIMEOUT:
            raise ReadTimeoutError(endpoint_url="https://aws")
        if model.name in self._stubs:
            return _response(200), self._stubs[model.name](params)
        return None

    def _after(self, context: Any, **_: Any) -> None:
        if context.get("fault") is How.AFTER:
            raise ConnectionClosedError(endpoint_url="https://aws")

    def _strikes(self, operation: str) -> Fault | None:
        with self._lock:
            fault = self._fault
            if fault is None or (fault.only and fault.only != operation):
                return None
            fault.calls.append(operation)
            if len(fault.calls) != fault.nth:
                return None
            fault.hit = operation
            return fault


def _response(status: int) -> AWSResponse:
    return AWSResponse("https://aws", status, HTTPHeaders(), b"")


def _answer(status: int, code: str, said: str = "") -> tuple[AWSResponse, dict[str, Any]]:
    response = _response(status)
    parsed = {
        "Error": {"Code": code, "Message": said},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return response, parsed
