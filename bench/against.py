"""Compares times of this checkout with another's: `make bench FLAGS="--against FOLDER"`.

Both builds (`make build`) serve equal events from the same tables, one after the other in each
round, so other load on the machine affects both alike. So both must have been built, and must use
the same item and event formats; each gets its own copy of an event.
"""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import cold
from bench.desk import WARM_UP, Desk, Event
from bench.operations import OPERATIONS
from tools import emulator

_WARM = Path(__file__).parent / "baseline/warm.py"


@dataclass(frozen=True)
class Compared:
    """Milliseconds of one kind of request, round by round."""

    what: str
    other: Sequence[float]
    this: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median, over all rounds, of this checkout's time divided by the other's."""
        return statistics.median(
            this / other for this, other in zip(self.this, self.other, strict=True)
        )


class _Warm:
    """A process with a built function loaded; it reports the processor time of each event."""

    def __init__(self, function: str, built: Path, environment: Mapping[str, str]) -> None:
        path = emulator.python_path(built / emulator.HOST / function, built)
        self._process = subprocess.Popen(  # noqa: S603 - a command of our own
            # -P: the script's folder contains another function, which must not be found first.
            [str(emulator.PYTHON), "-P", str(_WARM)],
            env={**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def invoke(self, event: Event) -> float:
        """Milliseconds of processor time that the handler took.

        Raises:
            RuntimeError: the function failed; its error is on stderr.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a function did not answer as it must")
        return float(line)


def cold_starts(desk: Desk, ticket: tuple[int, str], checkout: Path, rounds: int) -> list[Compared]:
    """Times from process start to the first answer, for the functions that `cold` measures."""
    compared = []
    for start in cold.starts(desk, ticket):
        taken = [
            [1000 * cold.first_answer(desk, start, built) for built in _both(checkout)]
            for _ in range(rounds)
        ]
        compared.append(Compared(start.what, *zip(*taken, strict=True)))
    return compared


def processor_times(
    desk: Desk, tickets: Sequence[tuple[int, str]], checkout: Path, rounds: int
) -> list[Compared]:
    """Times of the built functions when they are warm."""
    compared = []
    for operation in OPERATIONS:
        asked = cycle(tickets)
        with ExitStack() as stack, desk.aws.unchanged():
            warm = [
                stack.enter_context(_Warm(operation.function, built, desk.environment))
                for built in _both(checkout)
            ]
            taken = [
                [process.invoke(operation.request(desk, next(asked))) for process in warm]
                for _ in range(WARM_UP + rounds)
            ]
        compared.append(Compared(operation.what, *zip(*taken[WARM_UP:], strict=True)))
    return compared


def _both(checkout: Path) -> tuple[Path, Path]:
    return checkout / emulator.BUILT.name, emulator.BUILT
