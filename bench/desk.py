"""A desk to measure: AWS in another process, the handlers in this one."""

from __future__ import annotations

import copy
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from bench.capacity import Units
from bench.endpoint import CONTROL, Call
from local.cloud import PARAMETERS, ROOT
from local.functions import Functions, environment, prepare_process
from local.intrinsics import REGION
from local.resources import FIRST_KEY, Resources
from local.template import Template

Event = dict[str, Any]

KEY = "key-of-the-measured-desk"
"""The first admin key, with which everything is asked."""

HOLD = 0.05
"""Seconds for which answers are held back while trips are counted."""


class Aws:
    """AWS's stand-in, as a process with an address."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.endpoint"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()

    def stop(self) -> None:
        """End it."""
        self._process.communicate()

    @contextmanager
    def watched(self, hold: float = 0.0) -> Iterator[list[Call]]:
        """The requests that arrive while the block runs; the list is filled when it ends."""
        calls: list[Call] = []
        self._ask(f"watch?hold={hold}")
        yield calls
        calls += [
            replace(Call(**said), units=Units(**said["units"]))
            for said in json.loads(self._ask("calls"))
        ]

    def _ask(self, wish: str) -> bytes:
        connection = HTTPConnection(urlsplit(self.url).netloc)
        connection.request("POST", CONTROL + wish)
        answer = connection.getresponse().read()
        connection.close()
        return answer


def longest_chain(calls: Sequence[Call]) -> int:
    """How many of these calls waited for one another at most: sequential round trips."""
    chain, last_end = 0, float("-inf")
    # Taking the call that ends first, again and again, leaves most room for others after it.
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= last_end:
            chain, last_end = chain + 1, call.ended
    return chain


@dataclass(frozen=True)
class Cost:
    """What one invocation asked of AWS."""

    calls: int
    trips: int
    transactions: int
    units: Units
    by_operation: Mapping[str, int]

    @classmethod
    def of(cls, calls: Sequence[Call]) -> Cost:
        """The cost of these calls."""
        counted: dict[str, int] = {}
        for call in calls:
            name = f"{call.service}:{call.operation}"
            counted[name] = counted.get(name, 0) + 1
        return cls(
            calls=len(calls),
            trips=longest_chain(calls),
            transactions=counted.get("dynamodb:TransactWriteItems", 0),
            units=sum((call.units for call in calls), Units()),
            by_operation=counted,
        )


class Desk:
    """The desk of template.yaml, set up as a deployment sets it up."""

    def __enter__(self) -> Self:
        self.aws = Aws()
        os.environ |= {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_DEFAULT_REGION": REGION,
            "LOG_LEVEL": "CRITICAL",
        }
        self.template = Template(ROOT / "template.yaml", PARAMETERS, "deskless-bench")
        self._resources = Resources(self.template, KEY)
        self._resources.make_all()
        prepare_process(self.template)
        self.environment = environment(self.template, self._resources)
        os.environ |= self.environment
        os.environ["LOG_LEVEL"] = "CRITICAL"
        self._functions = Functions(self.template)
        from helpdesk.set_up import set_up  # noqa: PLC0415 - prepare_process makes it findable

        set_up(self._resources.physical(FIRST_KEY).ref)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.aws.stop()

    def handler(self, function: str) -> Callable[[Event], Any]:
        """A function's handler, called as Lambda calls it."""
        return lambda event: self._functions.invoke(function, event)

    def event(self, path: str) -> Event:
        """The committed event of a function, by its folder below functions/."""
        made: Event = json.loads((ROOT / "events" / f"{path}.json").read_text(encoding="utf-8"))
        return copy.deepcopy(made)


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, of all threads, that something took."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def median_cpu_ms(work: Callable[[], object], rounds: int, warm_up: int = 5) -> float:
    """The median of `cpu_ms`, after some rounds that do not count."""
    for _ in range(warm_up):
        work()
    return statistics.median(cpu_ms(work) for _ in range(rounds))
