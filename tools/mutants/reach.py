"""Which lines each test reaches, measured once and cached in `.mutants/`.

A test is measured again when its file or a file that it reaches changes. All tests are measured
again when something between them and the code changes: the local cloud, or shared test code.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from local.cloud import ROOT
from tools.mutants.changes import SOURCES, Mutant, file_of

KEPT = ROOT / ".mutants"
_MAP = KEPT / "reach.pickle"
_MEASURED = KEPT / "measured.pickle"


@dataclass(frozen=True)
class Reach:
    """A test's duration in seconds, and the lines it reaches by file, one bit for each."""

    seconds: float
    lines: Mapping[str, int]

    def reaches(self, mutant: Mutant) -> bool:
        """Whether the test runs the changed statement."""
        bits = self.lines.get(_name(file_of(mutant.module)), 0)
        return any(bits >> line & 1 for line in mutant.lines)

    def distance(self, module: str) -> float:
        """How far a test is from a module: its seconds divided by the share of its reached lines
        that are in the module. The nearest tests are the likeliest to fail in little time.
        """
        mine = self.lines.get(_name(file_of(module)), 0).bit_count()
        return self.seconds * sum(bits.bit_count() for bits in self.lines.values()) / max(mine, 1)


@dataclass
class _Kept:
    """The cache file in `.mutants/`.

    Attributes:
        shared: A digest of the shared code between tests and the code under test.
        code: Digests of the files that tests reach.
        tests: For each test file its digest, and what each of its tests reaches.
    """

    shared: str
    code: dict[str, str]
    tests: dict[str, tuple[str, dict[str, Reach]]]


def reach_of(
    items: Sequence[pytest.Item], in_child: Callable[[Callable[[], int]], object], run: _Runner
) -> dict[str, Reach]:
    """What these tests reach, by node id; measures those that are not cached. Tests that fail
    without any mutant are left out.

    Args:
        items: The tests that were collected.
        in_child: Runs the work in a child process.
        run: Runs a test, and returns whether it failed.
    """
    kept = _load()
    for item in items:
        digest = _digest(item.path)
        if kept.tests.get(str(item.path), ("",))[0] != digest:
            kept.tests[str(item.path)] = (digest, {})
    new = [item for item in items if item.nodeid not in kept.tests[str(item.path)][1]]
    failed = set()
    if new:
        print(f"Measuring what {len(new)} tests reach ...", flush=True)
        in_child(lambda: _measure(new, run))
        found = pickle.loads(_MEASURED.read_bytes())  # noqa: S301 - we wrote it
        for item in new:
            if item.nodeid in found:
                kept.tests[str(item.path)][1][item.nodeid] = found[item.nodeid]
            else:
                failed.add(item.nodeid)
                print(f"{item.nodeid} fails without any mutant, and is left out.", flush=True)
        _MAP.write_bytes(pickle.dumps(kept))
    return {
        item.nodeid: kept.tests[str(item.path)][1][item.nodeid]
        for item in items
        if item.nodeid not in failed
    }


_Runner = Callable[[pytest.Item, pytest.Item | None], bool]


def _load() -> _Kept:
    """The cache, without the tests that reach a file changed since."""
    code = {_name(path): _digest(path) for path in _python(SOURCES)}
    shared = hashlib.sha256()
    for path in _python(ROOT / folder for folder in ("functions", "local", "tests")):
        if not path.name.startswith("test_"):
            shared.update(_name(path).encode() + path.read_bytes())
    kept = pickle.loads(_MAP.read_bytes()) if _MAP.is_file() else None  # noqa: S301 - we wrote it
    if kept is None or kept.shared != shared.hexdigest():
        return _Kept(shared.hexdigest(), code, {})
    changed = {name for name, digest in kept.code.items() if code.get(name) != digest}
    return _Kept(
        kept.shared,
        code,
        {
            file: (
                digest,
                {nodeid: r for nodeid, r in tests.items() if not changed & r.lines.keys()},
            )
            for file, (digest, tests) in kept.tests.items()
        },
    )


def _measure(items: Sequence[pytest.Item], run: _Runner) -> int:
    """Runs the tests and records what each of them reaches, except for those that fail."""
    watching = coverage.Coverage(
        data_file=None, config_file=False, source=[str(path) for path in SOURCES], messages=False
    )
    took: dict[str, float] = {}
    watching.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        watching.switch_context(item.nodeid)
        began = time.monotonic()
        if not run(item, following):
            took[item.nodeid] = time.monotonic() - began
    watching.stop()
    reached: dict[str, dict[str, int]] = {}
    data = watching.get_data()
    for file in data.measured_files():
        name = _name(Path(file))
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in contexts:
                lines = reached.setdefault(context, {})
                lines[name] = lines.get(name, 0) | 1 << line
    found = {nodeid: Reach(seconds, reached.get(nodeid, {})) for nodeid, seconds in took.items()}
    _MEASURED.write_bytes(pickle.dumps(found))
    return 0


def _python(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
