"""Background work: streams, queues, topics. One thread, and a way to wait for it.

On AWS a message waits, is delivered, is retried after minutes. Here everything that is due is
processed when it is requested, in a fixed order: mail events, then streams, then queues, so that
the effects of a failed call are visible when it is retried.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, RLock, Thread
from typing import NamedTuple, Protocol

from local.aws.calls import Call

_LOG = logging.getLogger("local.background")

LONGEST_WAIT = 20.0
"""Seconds after which a request is answered even if background work is not finished."""


class Worked(NamedTuple):
    """The result of a source's work: whether it delivered something, and may have more."""

    delivered: bool
    more: bool


class Source(Protocol):
    """A source of deliveries; `function` receives them, if it is always the same one."""

    function: str

    def concerns(self, call: Call) -> bool:
        """Whether a call to AWS may have created something to deliver."""

    def work(self) -> Worked:
        """Deliver one batch."""

    def retry(self) -> None:
        """Make everything that waits for its next attempt due now."""


class Background:
    """Drives sources.

    Args:
        sources: in the order of delivery.
        always: poll even if no call was seen, since AWS is not in this process.
    """

    def __init__(self, sources: Sequence[Source], *, always: bool) -> None:
        self._sources = sources
        self._always = always
        # At the start every source may have work: set-up wrote before anyone listened.
        self._busy = set(range(len(sources)))
        self._wake = Event()
        self._stopped = Event()
        self._lock = RLock()
        self._working = False
        self._thread = Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        """Start delivering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def hear(self, call: Call) -> None:
        """Note a call that succeeded."""
        for number, source in enumerate(self._sources):
            if source.concerns(call):
                self._busy.add(number)
                self._wake.set()

    def wake(self) -> None:
        """Check all sources soon."""
        self._busy.update(range(len(self._sources)))
        self._wake.set()

    def drain(self, *, retry: bool = False, but: frozenset[str] = frozenset()) -> None:
        """Deliver until nothing is due.

        Args:
            retry: once nothing is due, retry failed deliveries once, ahead of their time.
            but: functions whose deliveries are left pending.
        """
        if not (self._busy or self._working or self._always or retry):
            return
        with self._lock:
            until = time.monotonic() + LONGEST_WAIT
            self._settle(until, but)
            if retry:
                for source in self._sources:
                    source.retry()
                self.wake()
                self._settle(until, but)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Deliver nothing while the block runs; pending deliveries remain."""
        with self._lock:
            yield

    @contextmanager
    def still(self) -> Iterator[None]:
        """Deliver nothing while the block runs, and drop pending deliveries."""
        with self._lock:
            yield
            self._busy.clear()

    def _settle(self, until: float, but: frozenset[str]) -> None:
        sources = {n for n, source in enumerate(self._sources) if source.function not in but}
        self._working = True
        try:
            while time.monotonic() < until and self._step(sources):
                pass
        finally:
            self._working = False

    def _step(self, sources: set[int]) -> bool:
        """Let the first source that has work deliver it; returns whether to continue."""
        for number in sorted(sources if self._always else self._busy & sources):
            self._busy.discard(number)
            delivered, more = self._sources[number].work()
            if more:
                self._busy.add(number)
            if delivered:
                # Sources earlier in the order may have new work now.
                return True
        return bool(self._busy & sources)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(timeout=1.0)
            self._wake.clear()
            try:
                self.drain()
            except Exception:  # noqa: BLE001 - what cannot be reached now is asked again later
                _LOG.exception("background")
