"""The desk to measure: emulated AWS in another process, the handlers in this one."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

from bench.capacity import Place, Units
from bench.endpoint import CONTROL, Call
from helpdesk.provisioning import set_up
from helpdesk.storage import aws
from local.aws.clients import Clients
from local.aws.sizes import Item
from local.cloud import PARAMETERS, ROOT
from local.cloudformation.intrinsics import REGION
from local.cloudformation.resources import FIRST_KEY, Resources
from local.cloudformation.template import Template
from local.functions import Functions, prepare_process
from tools import events

Event = dict[str, Any]

HOLD = 0.05
"""Seconds by which responses are delayed while round trips are counted."""

LONG_HOLD = 1.0
"""The delay for the second count: parallel calls overlap even on a busy machine."""


class Aws:
    """The AWS emulator, as a process with an address."""

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
        """Records the requests that arrive in the block; the list is filled when the block ends."""
        calls: list[Call] = []
        self._command(f"watch?hold={hold}")
        yield calls
        calls += [
            replace(
                Call(**call),
                units=Units(**call["units"]),
                places=[(Place(*place), Units(**paid)) for place, paid in call["places"]],
            )
            for call in self._command("calls")
        ]

    def load(self, table: str, items: Sequence[Item]) -> None:
        """Put any number of items into a table at once, with the effect of BatchWriteItem."""
        self._command(f"load?table={quote(table)}", json.dumps(items))

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Restore, when the block ends, every item that was written in it."""
        self._command("keep")
        try:
            yield
        finally:
            self._command("restore")

    def _command(self, command: str, body: str | None = None) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc)
        connection.request("POST", CONTROL + command, body)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"{command}: {response.status}")
        return json.loads(answer)


def longest_chain(calls: Sequence[Call]) -> int:
    """The length of the longest chain of calls that waited for each other: round trips."""
    chain, last_end = 0, float("-inf")
    # Repeatedly taking the call that ends first gives the longest chain.
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= last_end:
            chain, last_end = chain + 1, call.ended
    return chain


WARM_UP = 5
"""Rounds before the measured ones."""


@dataclass(frozen=True)
class Cost:
    """The AWS requests of one invocation, and their units."""

    calls: int
    round_trips: int
    transactions: int
    units: Units
    by_operation: Mapping[str, int]
    places: Mapping[Place, Units] = field(default_factory=dict)

    @classmethod
    def together(cls, costs: Iterable[Cost]) -> Cost:
        """The cost of several invocations; their round trips are added up."""
        known = list(costs)
        counted: Counter[str] = Counter()
        for cost in known:
            counted.update(cost.by_operation)
        return cls(
            calls=sum(cost.calls for cost in known),
            round_trips=sum(cost.round_trips for cost in known),
            transactions=sum(cost.transactions for cost in known),
            units=sum((cost.units for cost in known), Units()),
            by_operation=counted,
            places=_summed(paid for cost in known for paid in cost.places.items()),
        )

    @classmethod
    def of(cls, calls: Sequence[Call]) -> Cost:
        """The cost of these calls."""
        counted = Counter(f"{call.service}:{call.operation}" for call in calls)
        return cls(
            calls=len(calls),
            round_trips=longest_chain(calls),
            transactions=counted["dynamodb:TransactWriteItems"],
            units=sum((call.units for call in calls), Units()),
            by_operation=counted,
            places=_summed(paid for call in calls for paid in call.places),
        )


def _summed(paid: Iterable[tuple[Place, Units]]) -> dict[Place, Units]:
    found: dict[Place, Units] = {}
    for place, units in paid:
        found[place] = found.get(place, Units()) + units
    return found


def counted(measure: Callable[[float], Cost], at_most: int) -> Cost:
    """A cost with its round trips, measured again if a busy machine may have added some.

    Args:
        measure: measures once, with responses delayed by that many seconds.
        at_most: the expected maximum of round trips.
    """
    cost = measure(HOLD)
    return cost if cost.round_trips <= at_most else measure(LONG_HOLD)


class Desk:
    """The desk of template.yaml, set up as by a deployment."""

    def __enter__(self) -> Self:
        self.aws = Aws()
        environment = {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            # Lambda's credentials include a token, which is signed and sent with every request.
            "AWS_SESSION_TOKEN": "t" * 900,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
        os.environ |= environment
        self.template = Template(ROOT / "template.yaml", PARAMETERS, "deskless-bench")
        clients = Clients()
        resources = Resources(self.template, clients, events.KEY)
        resources.make_all()
        prepare_process(self.template)
        # The emulator is slow with several long queries at once, and a retry would be counted.
        aws.READ_SECONDS = 60
        # Faults stop the bench; other log lines would only clutter its output.
        quiet = {"LOG_LEVEL": "CRITICAL"}
        self.environment = environment | resources.environment() | quiet
        """The environment variables of the functions."""
        os.environ |= self.environment
        self._functions = Functions(self.template)
        set_up(resources.physical(FIRST_KEY).ref)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.aws.stop()

    def handler(self, function: str) -> Callable[[Event], Any]:
        """A function's handler, by logical id; called as Lambda calls it."""
        module = self._functions.module(function)
        return lambda event: module.handler(event, None)

    def example(self, function: str) -> Event:
        """A fresh copy of a function's event from events/."""
        family, operation = self.template.functions[function].folder.parts[-2:]
        file = events.EVENTS / family / f"{operation}.json"
        made: Event = json.loads(file.read_text(encoding="utf-8"))
        return made

    def cost(self, work: Callable[[], object], *, hold: float = 0.0) -> Cost:
        """The cost of some work in AWS requests."""
        with self.aws.watched(hold) as calls:
            work()
        return Cost.of(calls)


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, of all threads, that some work took."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def median_cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """The median of `cpu_ms`, after WARM_UP unmeasured rounds."""
    for _ in range(WARM_UP):
        work()
    return statistics.median(cpu_ms(work) for _ in range(rounds))
