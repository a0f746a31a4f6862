"""Cold starts: the time from process start to the first answer, and the size of the layers."""

from __future__ import annotations

import statistics
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from bench.desk import Desk, Event
from bench.operations import AUTHORIZER, CREATE, GET, ZAMMAD_CREATE, ZAMMAD_GET, Operation
from bench.searches import RARE_WORD, ZAMMAD
from tools.emulator import BUILT, HOST, LAYERS, Emulator

BASELINE = Path(__file__).parent / "baseline"
"""A function that only builds a DynamoDB client with boto3: the unit for all others."""


@dataclass(frozen=True)
class ColdStart:
    """A function to start, its event, and its bound as a multiple of the baseline."""

    what: str
    function: str
    event: Event
    at_most: float | None


def starts(desk: Desk, ticket: tuple[int, str]) -> list[ColdStart]:
    """The functions whose cold starts are measured; one of each kind is enough."""

    def start(operation: Operation, at_most: float | None) -> ColdStart:
        event = operation.request(desk, ticket)
        return ColdStart(operation.what, operation.function, event, at_most)

    return [
        start(GET, 1.3),
        start(CREATE, 1.7),
        start(AUTHORIZER, None),
        start(ZAMMAD_GET, 1.3),
        start(ZAMMAD_CREATE, 1.7),
        *(ColdStart(what, ZAMMAD, _searching(desk, query), most) for what, query, most in QUERIES),
    ]


QUERIES = (
    ("Zammad: search of a word", RARE_WORD, 1.3),
    ("Zammad: search with operators", f"{RARE_WORD} OR (fire AND NOT smoke)", 1.5),
)


def _searching(desk: Desk, query: str) -> Event:
    event = desk.example(ZAMMAD)
    event["queryStringParameters"] = {"query": query}
    event["multiValueQueryStringParameters"] = {"query": [query]}
    return event


def measure(desk: Desk, wanted: list[ColdStart], rounds: int) -> Mapping[str, float]:
    """Seconds until the first answer: medians, under the name of each and under `baseline`.

    Each round starts every function once, so other load on the machine affects all alike.
    """
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        baseline = Emulator("Baseline", desk.environment, folder=BASELINE)
        seconds.setdefault("baseline", []).append(_first_answer(baseline, {}))
        for start in wanted:
            seconds.setdefault(start.what, []).append(first_answer(desk, start))
    return {what: statistics.median(taken) for what, taken in seconds.items()}


def first_answer(desk: Desk, start: ColdStart, built: Path = BUILT) -> float:
    """Seconds until the first answer of a built function."""
    function = desk.template.functions[start.function]
    return _first_answer(
        Emulator(start.function, desk.environment, function.memory, function.timeout, built=built),
        start.event,
    )


def _first_answer(emulator: Emulator, event: Event) -> float:
    started = time.perf_counter()
    with emulator as function:
        answer = function.invoke(event)
        taken = time.perf_counter() - started
    if answer.get("statusCode", 200) >= 300:
        raise RuntimeError(str(answer))
    return taken


def layers_zipped() -> int:
    """Bytes of all layers, zipped as for the upload."""
    total = 0
    for layer in LAYERS:
        packed = BytesIO()
        folder = BUILT / HOST / layer
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
        total += len(packed.getvalue())
    return total
