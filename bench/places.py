"""A load model: which partition, table or quota is exhausted first as the rate of tickets rises.

Opens some tickets, each by another requester and with another text, and runs all the background
work as under load: counting and indexing in one batch. Sums up writes and reads by partition.
Partitions of a single ticket, person, mail or key are left out: their number grows with the
tickets. A partition supports MOST_WRITTEN and MOST_READ units a second.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench import outbox, sample
from bench.asking import set_body
from bench.capacity import Place, Units
from bench.cost import Prices, Run
from bench.desk import HOLD, Cost, Desk, cpu_ms
from bench.load import Load
from bench.operations import AUTHORIZER, CREATE, GET, Operation
from helpdesk import provisioning
from helpdesk.catalogue import cache
from helpdesk.storage import table
from helpdesk.storage.keys import number_key

MOST_WRITTEN = 1_000
"""Write units a second of a partition (DynamoDB developer guide, "Best practices for designing and
using partition keys", read on 2026-11-29); the next four figures have sources of the same date.
"""
MOST_READ = 3_000
"""Read units a second of a partition."""
NEW_TABLE = (4_000, 12_000)
"""Write and read units a second of a new on-demand table; warm throughput raises them."""
TABLE_QUOTA = (40_000, 40_000)
"""The same for any on-demand table, until AWS grants more."""

FUNCTIONS = {"a new account": 10, "an account's default": 1_000}
"""Concurrent executions (Lambda quotas)."""
MAILS = 14
"""The usual initial rate of SES production access, in mails a second."""
REQUESTS = 10_000
"""Requests a second of an account and region (API Gateway quotas)."""

TICKETS = 25
"""The batch size of `project`."""

SHARDS = 4
"""The number of shards for the second table of partitions."""

_READ = ((GET, 2), (AUTHORIZER, 3))
"""The other requests for each ticket, and how often they happen."""

_OWN = re.compile(r"(T|E|F|N|U|UE|UL|I|M|O-F|K|MAIL|S|X|LOOP)#")
"""Partitions that belong to a single entity."""


@dataclass(frozen=True)
class Rate:
    """The units of a place that one ticket uses, and the tickets a second it supports."""

    place: str
    written: float
    read: float
    bears: float


class Model:
    """The average load of a ticket, including all background work.

    Args:
        runs: the recorded runs.
        tickets: the number of tickets in these runs.
    """

    def __init__(self, runs: Sequence[Run], tickets: int) -> None:
        self._runs = runs
        self._tickets = tickets
        self._cost = Cost.together(Cost.together([run.cost] * run.times) for run in runs)

    def partitions(self) -> list[Rate]:
        """The partitions that all tickets share, in the order in which they are exhausted; of
        words, endings and the like only the busiest.
        """
        fullest: dict[str, Rate] = {}
        for place, units in self._cost.places.items():
            if _OWN.match(place.key) or place.by == "g06":
                continue
            rate = self._rate(_named(place), units, (MOST_WRITTEN, MOST_READ))
            kind = _kind(place)
            if kind not in fullest or rate.bears < fullest[kind].bears:
                fullest[kind] = rate
        return sorted(fullest.values(), key=lambda rate: rate.bears)

    def tables(self, limits: tuple[int, int]) -> list[Rate]:
        """Tickets a second that the tables support with these write and read units a second."""
        found: dict[str, Units] = {}
        for place, units in self._cost.places.items():
            name = _table(place)
            found[name] = found.get(name, Units()) + units
        rates = (self._rate(name, units, limits) for name, units in found.items())
        return sorted(rates, key=lambda rate: rate.bears)

    def quotas(self, prices: Prices) -> Mapping[str, float]:
        """Tickets a second that the account's quotas support, by quota."""
        busy = sum(
            run.times * (run.cpu + run.cost.round_trips * prices.round_trip) / 1000
            for run in self._runs
        )
        asked = sum(run.times for run in self._runs if run.gateway)
        mails = self._cost.by_operation.get("ses:SendEmail", 0)
        return {
            **{
                f"functions at once, {whose} ({most:,})": most * self._tickets / busy
                for whose, most in FUNCTIONS.items()
            },
            f"mails of SES, {MAILS} a second": MAILS * self._tickets / mails,
            f"requests of API Gateway, {REQUESTS:,} a second": REQUESTS * self._tickets / asked,
        }

    def _rate(self, name: str, units: Units, limits: tuple[int, int]) -> Rate:
        written, read = units.written / self._tickets, units.read / self._tickets
        bears = min(
            most / each if each else float("inf")
            for each, most in zip((written, read), limits, strict=True)
        )
        return Rate(name, written, read, bears)


def measured(desk: Desk, load: Load, *, shards: int = 1) -> Model:
    """Opens TICKETS tickets, reads them, and runs all background work; with more than one shard
    configured like a busy desk, which also trusts the cached catalogue.
    """
    with desk.aws.unchanged(), _busy(shards):
        runs: list[Run] = []
        tickets: list[int] = []
        for number in range(TICKETS):
            event = desk.example(CREATE.function)
            said = {"subject": sample.subject(number), "message": sample.text(number, 1000)}
            set_body(event, json.dumps({**sample.person(number), **said}))
            run, answer = outbox.opened(desk, CREATE, event)
            runs.append(run)
            tickets.append((table.get(number_key(answer)) or {})["ticket"])
        runs += outbox.follow_all(desk, tickets)
        runs += (_asked(desk, load, operation, times) for operation, times in _READ)
    return Model(runs, TICKETS)


@contextmanager
def _busy(count: int) -> Iterator[None]:
    if count == 1:
        yield
        return
    provisioning.spread(count)
    os.environ["CATALOGUE_SECONDS"] = "3600"
    try:
        yield
    finally:
        del os.environ["CATALOGUE_SECONDS"]
        cache.forget()


def _asked(desk: Desk, load: Load, operation: Operation, times: int) -> Run:
    handler = desk.handler(operation.function)
    event = operation.request(desk, load.tickets[0])
    operation.run(handler, event)
    taken: list[float] = []
    cost = desk.cost(lambda: taken.append(cpu_ms(lambda: operation.run(handler, event))), hold=HOLD)
    memory = desk.template.functions[operation.function].memory
    asked = operation is not AUTHORIZER
    return Run(operation.what, cost, taken[0], memory, times * TICKETS, gateway=asked)


def _table(place: Place) -> str:
    return place.table.rpartition("-")[2].removesuffix("Table")


def _named(place: Place) -> str:
    where = " ".join(filter(None, (_table(place), place.by)))
    return f"{where}: {place.key}"


def _kind(place: Place) -> str:
    return f"{place.table} {place.by} {place.key.partition('#')[0]}"
