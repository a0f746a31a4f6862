"""Bounds of CPU time that a slow or busy machine does not break."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time

USUAL = 0.02
"""Seconds that `_counted` takes on a usual machine with nothing else to do."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails if what is done in it takes this thread more CPU time than a bound.

    Args:
        seconds: the bound on a usual machine. A fixed piece of work tells, before and after, how
            much slower this one is; the slower of both counts.
    """
    before = _counted()
    # It would go through all that earlier tests have left.
    gc.disable()
    started = thread_time()
    try:
        yield
    finally:
        gc.enable()
    taken = thread_time() - started
    slowness = max(1.0, before / USUAL, _counted() / USUAL)
    assert taken < seconds * slowness, f"{taken:.1f} s, where all else takes {slowness:.1f} times"


def _counted() -> float:
    started = thread_time()
    assert sum(len(str(number)) for number in range(100_000)) == 488_890
    return thread_time() - started
