"""Mutation testing: changes one expression at a time, and reports changes that no test detects.

    make mutants MODULE="helpdesk.text helpdesk.events.outbox" [TESTS="tests/helpdesk"] [SAMPLE=20]

docs/mutation-testing.md says how to use it.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pytest

from local.cloud import ROOT
from tools.mutants.changes import mutants
from tools.mutants.reach import KEPT
from tools.mutants.runs import Outcome, Run

SLOW = ("http", "local", "house", "bench", "fuzz")
"""Test folders excluded by default: they test other processes, the tools, the local cloud."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Mutation testing of modules of the layers.")
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="such as helpdesk.text")
    parser.add_argument(
        "--tests", nargs="*", help="files and folders; the default is most of tests/"
    )
    parser.add_argument("--exhaustive", action="store_true", help="also the tests marked so")
    parser.add_argument("--sample", type=float, default=100, help="percent of the mutants")
    parser.add_argument("--most", type=int, help="mutants of each module at most")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument(
        "--seconds", type=float, default=60, help="of tests that are tried against each mutant"
    )
    parser.add_argument("--at", type=int, nargs="*", help="only mutants that begin in these lines")
    given = parser.parse_args()

    os.chdir(ROOT)
    KEPT.mkdir(exist_ok=True)
    wanted = [
        mutant
        for module in given.modules
        for mutant in mutants(module, given.sample, given.most, given.seed)
        if not given.at or mutant.line in given.at
    ]
    run = Run(wanted, given.seconds)
    print(f"{len(wanted)} mutants", flush=True)
    marked = "not built" if given.exhaustive else "not built and not exhaustive"
    options = ["-n", "0", "-s", "-q", "-m", marked, "-p", "no:cacheprovider", "--no-header"]
    status = pytest.main([*options, *(given.tests or _default_tests())], plugins=[run])
    for line in _table(run.outcomes):
        print(line)
    (KEPT / f"{given.modules[0]}.json").write_text(
        json.dumps([_told(outcome) for outcome in run.outcomes], indent=1)
    )
    sys.exit(0 if status == pytest.ExitCode.OK else int(status))


def _default_tests() -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").iterdir())
        if path.is_dir() and path.name not in SLOW and any(path.rglob("test_*.py"))
    ]


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"{'module':40} {'mutants':>8} {'killed':>8} {'left':>6}"
    for module in dict.fromkeys(outcome.mutant.module for outcome in outcomes):
        mine = [outcome.what for outcome in outcomes if outcome.mutant.module == module]
        killed = mine.count("killed")
        yield f"{module:40} {len(mine):8} {killed:8} {len(mine) - killed:6}"


def _told(outcome: Outcome) -> dict[str, object]:
    mutant = {k: v for k, v in asdict(outcome.mutant).items() if k not in {"code", "lines"}}
    return mutant | {"outcome": outcome.what, "seconds": round(outcome.seconds, 1)}


if __name__ == "__main__":
    main()
