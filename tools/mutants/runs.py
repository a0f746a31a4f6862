"""Runs tests against mutants.

Each mutant is applied in memory, in its own child process: the function gets the changed code, and
the tests that reach the changed statement run, the nearest first, until one fails. No file is
changed. Processes that a test starts do not contain the mutant.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tools.mutants.changes import Mutant, put_in
from tools.mutants.reach import Reach, reach_of

MEMORY = 6 * 1024**3
"""Bytes that a mutant may allocate: an infinite loop must not take down the machine."""

KILLED, SURVIVED, BROKEN = 1, 0, 3


@dataclass(frozen=True)
class Outcome:
    """The result of a mutant: `killed`, `survived`, `reached by no test`, or `broken`.

    `ran` counts those of the `reaching` tests that the run had time for.
    """

    mutant: Mutant
    what: str
    ran: int
    reaching: int
    seconds: float

    def __str__(self) -> str:
        some = f"{self.ran} of {self.reaching} tests, {self.seconds:.0f} s"
        return f"{self.what} ({some}) {self.mutant}"


class Run:
    """The plugin that replaces pytest's own loop over the tests.

    Args:
        wanted: The mutants to try, in that order.
        most: Seconds of tests to run against each mutant.
    """

    def __init__(self, wanted: Sequence[Mutant], most: float) -> None:
        self.wanted = wanted
        self.most = most
        self.outcomes: list[Outcome] = []
        self._failed: Callable[[], None] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Records that the running test has failed."""
        if self._failed and report.failed:
            self._failed()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measures the tests, then runs them against each mutant."""
        reach = reach_of(session.items, _in_child, self._fails)
        self._warm_up(session, reach)
        for number, mutant in enumerate(self.wanted, 1):
            outcome = self._try(session, mutant, reach)
            self.outcomes.append(outcome)
            if outcome.what != "killed":
                print(f"{number}/{len(self.wanted)} {outcome}", flush=True)
        return True

    def _warm_up(self, session: pytest.Session, reach: dict[str, Reach]) -> None:
        """Runs one test per module first: creating shared fixtures takes longer than most tests."""
        for module in dict.fromkeys(mutant.module for mutant in self.wanted):
            known = [item for item in session.items if item.nodeid in reach]
            _run(min(known, key=lambda item: reach[item.nodeid].distance(module)), None)

    def _fails(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        failures: list[bool] = []
        self._failed = lambda: failures.append(True)
        _run(item, following)
        return bool(failures)

    def _try(self, session: pytest.Session, mutant: Mutant, reach: dict[str, Reach]) -> Outcome:
        began = time.monotonic()
        known = [item for item in session.items if item.nodeid in reach]
        tests = [item for item in known if reach[item.nodeid].reaches(mutant)]
        tests.sort(key=lambda item: reach[item.nodeid].distance(mutant.module))
        chosen: list[pytest.Item] = []
        seconds = 0.0
        for item in tests:
            took = reach[item.nodeid].seconds
            if not chosen or seconds + took <= self.most:
                chosen.append(item)
                seconds += took
        what = "reached by no test"
        if chosen:
            status = _in_child(lambda: self._attack(chosen, mutant), 30 + 5 * seconds)
            what = {KILLED: "killed", SURVIVED: "survived", None: "killed"}.get(status, "broken")
        return Outcome(mutant, what, len(chosen), len(tests), time.monotonic() - began)

    def _attack(self, items: Sequence[pytest.Item], mutant: Mutant) -> int:
        """Changes the function and runs the tests until one fails."""
        _forget()
        put_in(mutant)
        self._failed = lambda: os._exit(KILLED)
        for item, following in zip(items, [*items[1:], None], strict=True):
            _run(item, following)
        return SURVIVED


def _forget() -> None:
    """Clears what the layers' functions cached in the warm-up: results of the unchanged code, and
    a pool whose threads stayed with the parent.
    """
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in {"helpdesk", "dialects"}:
            for value in vars(module).values():
                if clear := getattr(value, "cache_clear", None):
                    clear()


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _in_child(work: Callable[[], int], seconds: float | None = None) -> int | None:
    """The exit status of a child process that does the work; None if it ran out of time. State
    that tests leave behind ends with the child.
    """
    child = os.fork()
    if child == 0:
        status = BROKEN
        try:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            if seconds is not None:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            status = work()
        finally:
            os._exit(status)
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        done, status = os.waitpid(child, 0 if until is None else os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if until is not None and time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.02)
