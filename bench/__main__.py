"""Prints the cost of the desk's requests next to their bounds: `make bench`.

Ratios are from one run, times are medians. Exits with status 1 if a figure exceeds its bound or a
request does not get the expected response.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from bench import against, cold, outbox, places, sample
from bench.asking import body_of_create, notific_ticket, set_body, subscribe
from bench.cost import Prices, Run, together
from bench.desk import WARM_UP, Cost, Desk, counted, median_cpu_ms
from bench.load import Load
from bench.operations import (
    AUTHORIZER,
    CREATE,
    GET,
    NOTIFIC_CREATE,
    OPERATIONS,
    Operation,
)
from bench.questions import PAGE, QUESTIONS, About
from bench.searches import SEARCHES, SMALLEST
from bench.table import Cell, Figure, broken, lines
from helpdesk.storage import table
from helpdesk.storage.keys import number_key, ticket_key

MOST_GROWTH = 1.1
MOST_WRITTEN = 100
"""Write units of one ticket without a message, by all functions together."""
MOST_WRITTEN_PER_BODY = 130
"""Additional write units for every thousand characters of its message."""
MOST_WRITTEN_PER_MAIL = 8
"""Write units of one mail of a broadcast, including SES's notification about it."""
MOST_LAYERS = 10
MEGABYTE = 1024 * 1024


class Report:
    """Prints tables, and collects the figures that exceed their bounds."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """One table with its title."""
        print(f"\n{title}\n")
        for line in lines(header, rows):
            print(f"  {line}")
        self.broken += broken(rows)


def main() -> int:
    """Measures and prints; returns the exit status."""
    arguments = _arguments()
    report = Report()
    print(
        f"{platform.python_implementation()} {platform.python_version()} on "
        f"{platform.machine()}. Units by DynamoDB's documented rules (bench/capacity.py), index "
        "entries of transactions counted twice.\n"
        f"Others use {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors: above 0.5, figures "
        "of time say more about them than about the desk."
    )
    few, many = arguments.tickets
    with Desk() as desk:
        load = Load(desk.aws)
        load.up_to(few)
        if arguments.places:
            _places(report, desk, load, arguments.prices)
            return 0
        if arguments.against:
            _compare(report, desk, load, arguments)
            return 0
        searched = _searches(report, desk, load)
        sizes = []
        if not arguments.searches:
            _requests(report, desk, load, arguments)
            _ticket(report, desk, load, arguments.prices)
            _broadcasts(report, desk, arguments.prices)
            _places(report, desk, load, arguments.prices)
            if arguments.cold:
                _cold(report, desk, load, arguments)
            sizes.append(_size(desk, load))
        if many > few:
            load.up_to(many)
            searched_again = _searches(report, desk, load)
            _search_growth(report, few, searched, searched_again, arguments.prices)
            if not arguments.searches:
                sizes.append(_size(desk, load))
                _growth(report, *sizes)
    if report.broken:
        print("\nOver the bound:")
        for figure in report.broken:
            print(f"  {figure}")
    return 1 if report.broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="invocations per figure of time")
    parser.add_argument(
        "--places", action="store_true", help="only what is used up first as tickets come faster"
    )
    parser.add_argument("--searches", action="store_true", help="only what searches cost")
    parser.add_argument("--cold", type=int, default=10, help="cold starts of each; 0 for none")
    parser.add_argument(
        "--untimed", action="store_true", help="hold no figure of time against its bound"
    )
    parser.add_argument(
        "--tickets",
        type=int,
        nargs=2,
        default=(1_000, 10_000),
        metavar=("FEW", "MANY"),
        help="the sizes that growth is measured between; at least 1000, and 0 for one size only",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="only times, beside those of another checkout that was built",
    )
    parser.add_argument(
        "--price", action="append", default=[], metavar="NAME=USD", help="another price"
    )
    arguments = parser.parse_args()
    if arguments.tickets[0] < SMALLEST:
        parser.error(f"--tickets: searches expect at least {SMALLEST} tickets")
    try:
        arguments.prices = Prices.given(arguments.price)
    except ValueError as error:
        parser.error(f"--price: {error}")
    return arguments


# --- one request ----------------------------------------------------------------------------


def _requests(report: Report, desk: Desk, load: Load, arguments: argparse.Namespace) -> None:
    rows: list[list[Cell]] = []
    for operation in OPERATIONS:
        cost = counted(partial(_cost, desk, operation, load), operation.round_trips)
        cpu = _cpu(desk, operation, load, arguments.rounds)
        rows.append(
            [
                operation.what,
                Figure(cost.calls),
                Figure(cost.round_trips, operation.round_trips),
                Figure(cost.transactions, operation.transactions, exact=True),
                Figure(cost.units.read, digits=1),
                Figure(cost.units.written, operation.write_units),
                Figure(cpu, None if arguments.untimed else operation.cpu, digits=1),
            ]
        )
    header = [
        *("warm", "calls", "round trips", "transactions"),
        *("read units", "write units", "CPU ms"),
    ]
    report.table(f"One request, {len(load.tickets):,} tickets", header, rows)


def _cost(desk: Desk, operation: Operation, load: Load, hold: float = 0.0) -> Cost:
    # A create's random ticket number is taken about once in some hundred: then it commits twice.
    costs = [_cost_once(desk, operation, load, hold) for _ in range(2)]
    return min(costs, key=lambda cost: cost.calls)


def _cost_once(desk: Desk, operation: Operation, load: Load, hold: float) -> Cost:
    handler = desk.handler(operation.function)
    with desk.aws.unchanged():
        # The first request of a container reads the catalogue and connects.
        operation.run(handler, operation.request(desk, load.tickets[0]))
        event = operation.request(desk, load.tickets[len(load.tickets) // 2])
        return desk.cost(lambda: operation.run(handler, event), hold=hold)


def _cpu(desk: Desk, operation: Operation, load: Load, rounds: int) -> float:
    handler = desk.handler(operation.function)
    with desk.aws.unchanged():
        # Built in advance, so that the bench's own work is not measured.
        tickets = islice(cycle(load.tickets), rounds + WARM_UP)
        events = iter([operation.request(desk, ticket) for ticket in tickets])
        return median_cpu_ms(lambda: operation.run(handler, next(events)), rounds)


# --- one ticket -----------------------------------------------------------------------------


def _ticket(report: Report, desk: Desk, load: Load, prices: Prices) -> None:
    """Everything that one ticket writes, and its cost."""
    with desk.aws.unchanged():
        lives = {
            "subject only": _life(desk, sample.person(0), 0),
            "1,000 characters": _life(desk, sample.person(0), 1000),
            "and a new person": _life(desk, sample.person(2_000_000), 1000),
        }
    written = {name: [run.cost.units.written for run in runs] for name, runs in lives.items()}
    bare, full, new = (sum(units) for units in written.values())
    rows: list[list[Cell]] = [
        [step, *(Figure(units) for units in costs)]
        for step, *costs in zip(STEPS, *map(_by_step, lives.values()), strict=True)
    ]
    rows.append(["in all", Figure(bare, MOST_WRITTEN), Figure(full), Figure(new)])
    rows.append(["more for the body", "", Figure(full - bare, MOST_WRITTEN_PER_BODY), ""])
    report.table("Write units of one ticket, everything that follows included", ["", *lives], rows)

    runs = [
        *lives["1,000 characters"],
        _run(desk, GET, load, times=2),
        _run(desk, AUTHORIZER, load, times=3),
    ]
    bill = together(runs, prices)
    rows = [[service, Figure(usd * 1e6, digits=2)] for service, usd in bill.items()]
    rows.append(["in all", Figure(sum(bill.values()) * 1e6, digits=2)])
    report.table(
        "USD for a million tickets: opened, two mails, read twice, the authorizer never cached",
        ["", "USD"],
        rows,
    )


STEPS = ("create", "relay", "notify", "project", "mail events")


def _by_step(runs: Sequence[Run]) -> list[float]:
    create, relay, notify, project, *mails = (run.cost.units.written for run in runs)
    return [create, relay, notify, project, sum(mails)]


def _life(desk: Desk, requester: Mapping[str, str], characters: int) -> list[Run]:
    """Opens a ticket and runs all the background work that follows."""
    event = desk.example(CREATE.function)
    set_body(event, body_of_create(requester, characters))
    opened, answer = outbox.opened(desk, CREATE, event)
    found = table.get(number_key(answer))
    if not found:
        raise RuntimeError("a ticket that was opened is not there")
    return [opened, *outbox.follow(desk, found["ticket"])]


def _run(desk: Desk, operation: Operation, load: Load, times: int) -> Run:
    cost = counted(partial(_cost, desk, operation, load), operation.round_trips)
    memory = desk.template.functions[operation.function].memory
    asked = operation is not AUTHORIZER
    return Run(operation.what, cost, _cpu(desk, operation, load, 20), memory, times, gateway=asked)


# --- one broadcast --------------------------------------------------------------------------

SUBSCRIBERS = (0, 10, 40)


def _broadcasts(report: Report, desk: Desk, prices: Prices) -> None:
    """The cost of a ticket that is mailed to subscribers, by their number."""
    lives = [_told(desk, number) for number in SUBSCRIBERS]
    costs = [Cost.together(run.cost for run in runs) for runs in lives]
    sender = outbox.CONSUMERS["broadcast"]
    sending = [run.cost for runs in lives for run in runs if run.what == sender]
    bills = [together(runs, prices) for runs in lives]
    few, many = SUBSCRIBERS[1:]
    each = (costs[2].units.written - costs[1].units.written) / (many - few)
    rows: list[list[Cell]] = [
        ["write units in all", *(Figure(cost.units.written) for cost in costs)],
        ["of the sender", *(Figure(cost.units.written) for cost in sending)],
        ["its read units", *(Figure(cost.units.read, digits=1) for cost in sending)],
        ["its calls", *(Figure(cost.calls) for cost in sending)],
        ["its round trips", *(Figure(cost.round_trips) for cost in sending)],
        ["write units for one more", "", "", Figure(each, MOST_WRITTEN_PER_MAIL, digits=1)],
        ["USD for a million", *(Figure(sum(bill.values()) * 1e6, digits=2) for bill in bills)],
    ]
    header = ["", *(f"{number} subscribers" for number in SUBSCRIBERS)]
    report.table("One ticket of Notific's, everything that follows included", header, rows)


def _told(desk: Desk, subscribers: int) -> list[Run]:
    """Opens a ticket about a service and runs all the background work that follows."""
    with desk.aws.unchanged():
        subscribe(subscribers)
        event = desk.example(NOTIFIC_CREATE.function)
        set_body(event, json.dumps(notific_ticket()))
        opened, answer = outbox.opened(desk, NOTIFIC_CREATE, event)
        return [opened, *outbox.follow(desk, json.loads(answer)["Id"])]


# --- load -----------------------------------------------------------------------------------


def _places(report: Report, desk: Desk, load: Load, prices: Prices) -> None:
    """Which resource is exhausted first as the rate of tickets rises."""
    model = places.measured(desk, load)
    header = ["tickets a second", "write units each", "read units each", "bears"]
    for title, rates in (
        ("A partition", model.partitions()),
        ("A new table", model.tables(places.NEW_TABLE)),
        ("A table, until AWS agrees to more", model.tables(places.TABLE_QUOTA)),
    ):
        rows: list[list[Cell]] = [_of_place(rate) for rate in rates]
        report.table(title, header, rows)
    shared = places.measured(desk, load, shards=places.SHARDS)
    report.table(
        f"A partition, with WriteShards={places.SHARDS} and a catalogue that is trusted",
        header,
        [_of_place(rate) for rate in shared.partitions()],
    )
    rows = [[what, Figure(bears, digits=1)] for what, bears in model.quotas(prices).items()]
    report.table("A quota of the account", ["tickets a second", "bears"], rows)


def _of_place(rate: places.Rate) -> list[Cell]:
    return [
        rate.place,
        Figure(rate.written, digits=2),
        Figure(rate.read, digits=2),
        Figure(rate.bears, digits=0),
    ]


# --- cold starts and growth -----------------------------------------------------------------


def _cold(report: Report, desk: Desk, load: Load, arguments: argparse.Namespace) -> None:
    wanted = cold.starts(desk, load.tickets[0])
    with desk.aws.unchanged():
        taken = cold.measure(desk, wanted, arguments.cold)
    baseline = taken["baseline"]
    rows: list[list[Cell]] = [["only builds a DynamoDB client", _milliseconds(baseline), ""]]
    for start in wanted:
        ratio = taken[start.what] / baseline
        bound = None if arguments.untimed else start.at_most
        rows.append([start.what, _milliseconds(taken[start.what]), Figure(ratio, bound, digits=2)])
    header = ["from spawn to first answer", "ms", "times the first"]
    report.table(
        f"Cold starts under the Lambda runtime emulator, {arguments.cold} of each", header, rows
    )
    zipped = Figure(cold.layers_zipped() / MEGABYTE, MOST_LAYERS, " MB", digits=1)
    report.table("What is uploaded once", ["", "zipped"], [["layers together", zipped]])


def _milliseconds(seconds: float) -> Figure:
    return Figure(seconds * 1000)


def _compare(report: Report, desk: Desk, load: Load, arguments: argparse.Namespace) -> None:
    """Compares times with another checkout's. They have no bound: a ratio near 1 is noise."""
    checkout, rounds = arguments.against.resolve(), arguments.rounds
    tables = {
        "Processor time of warm functions": against.processor_times(
            desk, load.tickets, checkout, rounds
        ),
        "Cold starts": against.cold_starts(desk, load.tickets[0], checkout, arguments.cold),
    }
    for title, compared in tables.items():
        rows: list[list[Cell]] = [
            [
                one.what,
                Figure(statistics.median(one.other), digits=1),
                Figure(statistics.median(one.this), digits=1),
                Figure(one.ratio, digits=3),
            ]
            for one in compared
        ]
        report.table(title, ["", "other ms", "this ms", "ratio, round by round"], rows)


@dataclass(frozen=True)
class Size:
    """The cost of requests and of table queries at one size of the desk."""

    tickets: int
    requests: Mapping[str, Cost]
    questions: Mapping[str, Cost]


def _size(desk: Desk, load: Load) -> Size:
    costs = {
        operation.what: _cost(desk, operation, load) for operation in OPERATIONS if operation.grows
    }
    with desk.aws.unchanged():
        follow = _life(desk, sample.person(0), 1000)[1:]
        costs["what follows a create"] = Cost.together(run.cost for run in follow)
        costs["what follows its deletion"] = outbox.follow_deletion(desk).cost
    return Size(len(load.tickets), costs, _answers(desk, load))


def _answers(desk: Desk, load: Load) -> dict[str, Cost]:
    middle = len(load.tickets) // 2
    page = [ticket for ticket, _ in load.tickets[middle : middle + PAGE]]
    about = About(table.fetch([ticket_key(page[0])])[ticket_key(page[0])], page)
    return {question.what: desk.cost(partial(question.ask, about)) for question in QUESTIONS}


def _growth(report: Report, few: Size, many: Size) -> None:
    header = ["calls", "units", "ratio"]
    rows = [[what, *_grown(cost, many.requests[what])] for what, cost in few.requests.items()]
    title = f"From {few.tickets:,} to {many.tickets:,} tickets, same catalogue"
    report.table(title, ["", *header], rows)
    rows = [
        [
            question.what,
            question.index,
            *_grown(few.questions[question.what], many.questions[question.what]),
        ]
        for question in QUESTIONS
    ]
    report.table("The same, questions to the tables", ["", "index", *header], rows)


# --- searches -------------------------------------------------------------------------------


def _searches(report: Report, desk: Desk, load: Load) -> list[Cost]:
    costs = [search.cost(desk, len(load.tickets)) for search in SEARCHES]
    rows: list[list[Cell]] = [
        [
            search.what,
            Figure(cost.calls),
            Figure(cost.round_trips, search.round_trips),
            Figure(cost.units.read, digits=1),
        ]
        for search, cost in zip(SEARCHES, costs, strict=True)
    ]
    title = f"One search, {len(load.tickets):,} tickets"
    report.table(title, ["", "calls", "round trips", "read units"], rows)
    return costs


def _search_growth(
    report: Report, few: int, before: list[Cost], after: list[Cost], prices: Prices
) -> None:
    compared = list(zip(SEARCHES, before, after, strict=True))
    many = "the same with more tickets"
    rows = [
        [search.what, *_grown(old, new)]
        for search, old, new in compared
        if search.at_a_million is None
    ]
    report.table(f"Searches from {few:,} tickets on, {many}", ["", "calls", "units", "ratio"], rows)
    rows = [
        [
            search.what,
            *_grown(old, new)[:2],
            Figure(search.at_a_million),
            Figure(search.at_a_million * prices.read_units * 1e6, digits=2),
        ]
        for search, old, new in compared
        if search.at_a_million is not None
    ]
    header = ["", "calls", "units", "units at a million tickets", "USD for a million searches"]
    report.table("Searches that grow", header, rows)


def _grown(before: Cost, after: Cost) -> list[Cell]:
    units = [cost.units.read + cost.units.written for cost in (before, after)]
    ratio = max(after.calls / before.calls, units[1] / units[0])
    return [
        f"{before.calls} -> {after.calls}",
        f"{units[0]:g} -> {units[1]:g}",
        Figure(ratio, MOST_GROWTH, digits=2),
    ]


if __name__ == "__main__":
    sys.exit(main())
