"""Injected faults of AWS.

A fault is selected by counting: the n-th matching call. A client's own retries belong to the call
they repeat (botocore gives them the same `amz-sdk-invocation-id`), so a fault may hit one attempt,
which the client retries by itself, or every attempt of that call, and then the handler sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock


class How(Enum):
    """The way in which a call fails."""

    BEFORE = "answers 500 and has done nothing"
    AFTER = "answers 500 and has done it"
    TIMEOUT = "does not answer and has done nothing"
    LOST = "does not answer and has done it"


@dataclass
class Fault:
    """One planned failure.

    Args:
        how: the kind of failure.
        nth: which matching call, counted from 1.
        function: logical id of the caller; None matches any, also none.
        service: botocore's name of the service (`dynamodb`, `s3`, `sesv2`); None matches any.
        operation: the API's name of the call (`PutObject`); None matches any.
        calls: how many consecutive calls fail, starting with that one.
        retries: whether the client's own retries of a failed call fail as well.
        code: AWS's error code, if the failure is an error response.
        status: HTTP status of that response.
    """

    how: How
    nth: int = 1
    function: str | None = None
    service: str | None = None
    operation: str | None = None
    calls: int = 1
    retries: bool = True
    code: str = "InternalServerError"
    status: int = 500
    seen: int = field(default=0, init=False)
    """Matching calls so far."""
    fired: int = field(default=0, init=False)
    """Failed attempts so far."""
    hit: list[str] = field(default_factory=list, init=False)
    """The failed calls, as `service operation`."""
    _numbers: dict[str, int] = field(default_factory=dict, init=False)

    def strikes(self, function: str, service: str, operation: str, call: str) -> bool:
        """Whether this attempt of the call with this SDK invocation id fails."""
        wanted = (self.function, self.service, self.operation)
        found = (function, service, operation)
        if any(want not in {None, have} for want, have in zip(wanted, found, strict=True)):
            return False
        again = call in self._numbers
        if not again:
            self.seen += 1
            self._numbers[call] = self.seen
        if not self.nth <= self._numbers[call] < self.nth + self.calls:
            return False
        if again and not self.retries:
            return False
        self.fired += 1
        self.hit.append(f"{service} {operation}")
        return True


class Faults:
    """The currently planned failures."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = Lock()

    @contextmanager
    def plan(self, fault: Fault) -> Iterator[Fault]:
        """Activate a fault while the block runs; afterwards it tells whether it fired."""
        with self._lock:
            self._planned.append(fault)
        try:
            yield fault
        finally:
            with self._lock:
                self._planned.remove(fault)

    def strike(self, function: str, service: str, operation: str, call: str) -> Fault | None:
        """The planned fault that hits this attempt, if any."""
        with self._lock:
            for fault in self._planned:
                if fault.strikes(function, service, operation, call):
                    return fault
        return None
