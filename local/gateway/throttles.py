"""Throttles: the rates for methods and keys that the template sets.

Rules: API Gateway developer guide, "Throttle requests to your REST APIs": a token bucket for each
method that has its own rate in its stage, and one for each key of a usage plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from local.options import FaultOptions


@dataclass(frozen=True)
class Rate:
    """Allowed requests: per second, and as a burst."""

    per_second: float
    burst: int


class Throttles:
    """Token buckets, one for each limited caller.

    Args:
        options: whether anything is throttled, and the factor applied to the rates.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, options: FaultOptions, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._clock = clock
        self._left: dict[Hashable, tuple[float, float]] = {}
        self._lock = Lock()

    def lets_through(self, who: Hashable, rate: Rate | None) -> bool:
        """Whether one more request of `who` is within its rate; if so, it is counted."""
        if rate is None or not self._options.strict:
            return True
        most = rate.burst * self._options.rates
        now = self._clock()
        with self._lock:
            left, at = self._left.get(who, (most, now))
            left = min(most, left + (now - at) * rate.per_second * self._options.rates)
            through = left >= 1
            self._left[who] = (left - 1 if through else left, now)
        return through

    def forget(self) -> None:
        """Refill all buckets."""
        self._left.clear()
