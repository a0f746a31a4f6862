"""Mutation testing: changes one expression at a time, and says which changes no test notices.

    make mutants MODULE="helpdesk.keys helpdesk.outbox" [TESTS="tests/helpdesk/keys"] [SAMPLE=20]

The mutations are mutmut's (a comparison turned round, an argument dropped, `and` for `or`), and
three more: a condition of an `if` is always true or never, a call whose result nobody uses is
left out. What lies outside functions (constants, defaults, decorators), annotations, docstrings
and sentences stay as they are.

The tests are collected once. They first run under coverage, in a child process, to find which
lines each of them reaches. That is kept in `.mutants/`, so the next run measures only tests of
files that have changed (all of them once the code has). Each mutant then lives in a child process
of its own, in memory: the function gets the changed code, and the tests that reach the changed
statement run, the fastest first, until one fails. No file is changed. Tests that start another
process do not see the mutant there.

SAMPLE is a percentage. Which mutants belong to it follows from the change itself and SEED, so the
same ones are taken again after other code has changed or a function has moved to another module.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from local.cloud import ROOT

KEPT = ROOT / ".mutants"
SOURCES = (ROOT / "layers/helpdesk/helpdesk", ROOT / "layers/dialects/dialects")
SLOW = ("http", "local", "house", "bench", "fuzz")
"""Folders of tests that the default leaves out: other processes, the tools, the local cloud."""
MEMORY = 6 * 1024**3
"""Bytes that a mutant may ask for: a loop without an end must not take the machine with it."""

KILLED, SURVIVED, BROKEN = 1, 0, 3


# --- mutants --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        module: Dotted name of the module.
        function: Qualified name of the outermost function, such as `Keys.rotate`.
        line: Where the changed node begins.
        lines: The lines of the statement that holds it.
        before: The node as it stands.
        after: What is there instead.
        code: The whole module with the change.
    """

    module: str
    function: str
    line: int
    lines: frozenset[int]
    before: str
    after: str
    code: str

    def __str__(self) -> str:
        pairs = enumerate(zip(self.before, self.after, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), 0)
        start = self.before.rfind(" ", 0, same) + 1
        before, after = self.before[start:][:100], self.after[start:][:100]
        return f"{self.module}:{self.line} {self.function}: {before} -> {after}"


def _forced(node: cst.If) -> Iterator[cst.If]:
    for literal in ("True", "False"):
        if not (isinstance(node.test, cst.Name) and node.test.value == literal):
            yield node.with_changes(
                test=cst.Name(literal), whitespace_before_test=cst.SimpleWhitespace(" ")
            )


def _dropped(node: cst.Expr) -> Iterator[cst.Pass]:
    if isinstance(node.value, cst.Call):
        yield cst.Pass()


OPERATORS: Sequence[tuple[type, Callable[[Any], Any]]] = (
    *mutation_operators,
    (cst.If, _forced),
    (cst.Expr, _dropped),
)


class _Finder(cst.CSTVisitor):  # type: ignore[misc]
    """Collects (function, old node, new node, line) from a module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, cst.CSTNode, cst.CSTNode, int]] = []
        self._names: list[str] = []
        self._depth = 0
        """Of functions: nested ones belong to the outermost."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Parameters):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            if self._depth == 0:
                self._names.append(node.name.value)
            self._depth += isinstance(node, cst.FunctionDef)
        elif self._depth:
            self._mutate(node)
        return not (isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString))

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._depth -= isinstance(original_node, cst.FunctionDef)
            if self._depth == 0:
                self._names.pop()

    def _mutate(self, node: cst.CSTNode) -> None:
        for kind, operator in OPERATORS:
            if not isinstance(node, kind):
                continue
            if isinstance(node, cst.SimpleString) and " " in node.value:
                continue
            for count, changed in enumerate(operator(node)):
                if isinstance(node, cst.BaseString) and count:
                    break  # the others only change upper and lower case
                line = self.get_metadata(PositionProvider, node).start.line
                self.found.append((".".join(self._names), node, changed, line))


def _statements(tree: ast.Module) -> dict[int, frozenset[int]]:
    """For each line the lines of the smallest statement around it; of a block only its head."""
    around: dict[int, frozenset[int]] = {}
    for node in ast.walk(tree):  # from the outside in, so that the smallest is the last
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = frozenset(range(node.lineno, max(end, node.lineno) + 1))
            around |= dict.fromkeys(lines, lines)
    return around


def mutants(module: str, percent: float = 100, seed: int = 1) -> list[Mutant]:
    """The mutants of a module whose code differs from the original's.

    Args:
        module: Dotted name, as it is imported.
        percent: The share of them that is wanted.
        seed: Which share. Nothing else decides but the change itself.
    """
    path = _file(module)
    source = path.read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder()
    wrapper.visit(finder)
    around = _statements(ast.parse(source))
    original = _codes(compile(source, path, "exec"))
    seen: Counter[str] = Counter()
    made = []
    for function, old, new, line in finder.found:
        before, after = (_short(wrapper.module.code_for_node(node)) for node in (old, new))
        name = f"{function}|{before}|{after}"
        seen[name] += 1
        digest = hashlib.sha256(f"{seed}|{name}|{seen[name]}".encode()).digest()
        if int.from_bytes(digest[:4], "big") >= percent / 100 * 2**32:
            continue
        code = cst.ensure_type(wrapper.module.deep_replace(old, new), cst.Module).code
        try:
            compiled = _codes(compile(code, path, "exec", dont_inherit=True))
        except SyntaxError:
            continue
        if all(_same(mine, compiled.get(name)) for name, mine in original.items()):
            continue
        if any(compiled[name].co_freevars != mine.co_freevars for name, mine in original.items()):
            continue  # `super()` is gone: the function that stands there cannot take that code
        lines = around.get(line, frozenset({line}))
        made.append(Mutant(module, function, line, lines, before, after, code))
    return made


def _short(code: str) -> str:
    return " ".join(code.split())


def _file(module: str) -> Path:
    for source in SOURCES:
        path = source.parent.joinpath(*module.split(".")).with_suffix(".py")
        if path.is_file():
            return path
    raise SystemExit(f"{module} is no module of {' or '.join(s.name for s in SOURCES)}.")


def _codes(code: CodeType) -> dict[str, CodeType]:
    """Code objects of the outermost functions and of methods, by qualified name."""
    found: dict[str, CodeType] = {}
    for inner in code.co_consts:
        if not isinstance(inner, CodeType):
            continue
        if inner.co_flags & 0x2:  # has local names: a function, not the body of a class
            # The second of a name is a property's setter: told apart by its place.
            name = inner.co_qualname
            while name in found:
                name += "'"
            found[name] = inner
        else:
            found |= _codes(inner)
    return found


def _same(one: CodeType, other: CodeType | None) -> bool:
    if other is None or one.co_code != other.co_code or one.co_names != other.co_names:
        return False
    pairs = zip(one.co_consts, other.co_consts, strict=True)
    return len(one.co_consts) == len(other.co_consts) and all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in pairs
    )


# --- tests ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """What a test takes and reaches: seconds, and by file the lines, one bit for each."""

    seconds: float
    lines: dict[str, int]

    def reaches(self, mutant: Mutant) -> bool:
        """Whether the test runs the statement that is changed."""
        bits = self.lines.get(str(_file(mutant.module).relative_to(ROOT)), 0)
        return any(bits >> line & 1 for line in mutant.lines)


class Run:
    """The plugin that stands in for pytest's own loop over the tests.

    Args:
        wanted: The mutants to try, in that order.
        say: Prints a line.
    """

    def __init__(self, wanted: Sequence[Mutant], say: Callable[[str], None]) -> None:
        self.wanted = wanted
        self.say = say
        self.outcomes: list[tuple[Mutant, str, float]] = []
        self._child: Callable[[pytest.TestReport], None] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hands each report to what is running."""
        if self._child:
            self._child(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measures the tests, then runs them against each mutant."""
        reach = self._measured(session)
        for number, mutant in enumerate(self.wanted, 1):
            began = time.monotonic()
            outcome = self._try(session, mutant, reach)
            took = time.monotonic() - began
            self.outcomes.append((mutant, outcome, took))
            if outcome != "killed":
                self.say(f"{number}/{len(self.wanted)} {outcome} ({took:.0f} s) {mutant}")
        return True

    # Each of these runs a child process: what tests leave behind in it goes with it.

    def _measured(self, session: pytest.Session) -> dict[str, Reach]:
        kept = KEPT / "reach.pickle"
        known: dict[str, dict[str, Reach]] = {}
        code, tests = _digests(session)
        if kept.is_file():
            stored = pickle.loads(kept.read_bytes())  # noqa: S301 - we wrote it
            if stored["code"] == code:
                known = {f: r for f, r in stored["tests"].items() if f in tests.values()}
        new = [item for item in session.items if tests[str(item.path)] not in known]
        if new:
            self.say(f"Measuring what {len(new)} tests reach ...")
            self._in_child(lambda: _measure(new, self), None)
            found = pickle.loads((KEPT / "measured.pickle").read_bytes())  # noqa: S301
            for item in new:
                if item.nodeid in found:
                    known.setdefault(tests[str(item.path)], {})[item.nodeid] = found[item.nodeid]
                else:
                    self.say(f"{item.nodeid} fails without any mutant, and is left out.")
            kept.write_bytes(pickle.dumps({"code": code, "tests": known}))
        return {
            item.nodeid: known[tests[str(item.path)]][item.nodeid]
            for item in session.items
            if item.nodeid in known.get(tests[str(item.path)], {})
        }

    def _try(self, session: pytest.Session, mutant: Mutant, reach: dict[str, Reach]) -> str:
        tests = [
            item
            for item in session.items
            if item.nodeid in reach and reach[item.nodeid].reaches(mutant)
        ]
        if not tests:
            return "reached by no test"
        tests.sort(key=lambda item: reach[item.nodeid].seconds)
        seconds = sum(reach[item.nodeid].seconds for item in tests)
        status = self._in_child(lambda: _attack(tests, mutant, self), 30 + 5 * seconds)
        return {KILLED: "killed", SURVIVED: "survived", None: "killed"}.get(status, "broken")

    def listen(self, heard: Callable[[pytest.TestReport], None]) -> None:
        """Hands every report from now on to `heard`."""
        self._child = heard

    def _in_child(self, work: Callable[[], int], seconds: float | None) -> int | None:
        """The exit status of a child that does the work; None when its time is over."""
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


def _digests(session: pytest.Session) -> tuple[str, dict[str, str]]:
    """One digest of all that is no test, and one for each file of tests."""
    tests = {str(item.path): "" for item in session.items}
    for path in tests:
        tests[path] = hashlib.sha256(path.encode() + Path(path).read_bytes()).hexdigest()
    whole = hashlib.sha256()
    for folder in ("layers", "functions", "local", "tests"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if not file.name.startswith("test_"):
                whole.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return whole.hexdigest(), tests


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _measure(items: Sequence[pytest.Item], run: Run) -> int:
    """Runs the tests and writes down what each of them reaches."""
    failed: set[str] = set()
    run.listen(lambda report: failed.add(report.nodeid) if report.failed else None)
    watching = coverage.Coverage(
        data_file=None, config_file=False, source=[str(path) for path in SOURCES], messages=False
    )
    seconds: dict[str, float] = {}
    watching.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        watching.switch_context(item.nodeid)
        began = time.monotonic()
        _run(item, following)
        seconds[item.nodeid] = time.monotonic() - began
    watching.stop()
    reached: dict[str, dict[str, int]] = {}
    data = watching.get_data()
    for file in data.measured_files():
        name = str(Path(file).relative_to(ROOT))
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in contexts:
                lines = reached.setdefault(context, {})
                lines[name] = lines.get(name, 0) | 1 << line
    found = {
        nodeid: Reach(took, reached.get(nodeid, {}))
        for nodeid, took in seconds.items()
        if nodeid not in failed
    }
    (KEPT / "measured.pickle").write_bytes(pickle.dumps(found))
    return 0


def _attack(items: Sequence[pytest.Item], mutant: Mutant, run: Run) -> int:
    """Changes the function and runs the tests until one fails."""

    def heard(report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(KILLED)

    put_in(mutant)
    run.listen(heard)
    for item, following in zip(items, [*items[1:], None], strict=True):
        _run(item, following)
    return SURVIVED


# --- putting a mutant in --------------------------------------------------------------------


def put_in(mutant: Mutant) -> None:
    """Gives the functions of the module the mutant's code, wherever they are known already.

    Raises:
        LookupError: a function is not found in its module.
    """
    module = importlib.import_module(mutant.module)
    path = str(_file(mutant.module))
    mine = _codes(compile(_file(mutant.module).read_text(), path, "exec"))
    changed = _codes(compile(mutant.code, path, "exec", dont_inherit=True))
    for name, code in changed.items():
        if _same(mine[name], code):
            continue
        function = _function(module, name.rstrip("'"), mine[name].co_firstlineno)
        function.__code__ = code.replace(co_firstlineno=mine[name].co_firstlineno)


def _function(module: object, name: str, line: int) -> FunctionType:
    owner: Any = module
    *outer, last = name.split(".")
    for part in outer:
        owner = vars(owner)[part]
    waiting = [vars(owner)[last]]
    while waiting:
        one = waiting.pop()
        if isinstance(one, FunctionType) and one.__code__.co_firstlineno == line:
            return one
        for way in ("__wrapped__", "__func__", "fget", "fset", "func", "wrapped"):
            inner = getattr(one, way, None)
            if inner is not None:
                waiting.append(inner)
    raise LookupError(name)


# --- the command ----------------------------------------------------------------------------


def _default_tests() -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").iterdir())
        if path.is_dir() and path.name not in SLOW and any(path.rglob("test_*.py"))
    ]


def _table(outcomes: Sequence[tuple[Mutant, str, float]]) -> Iterator[str]:
    yield f"{'module':40} {'mutants':>8} {'killed':>8} {'left':>6}"
    for module in dict.fromkeys(mutant.module for mutant, _, _ in outcomes):
        mine = [outcome for mutant, outcome, _ in outcomes if mutant.module == module]
        killed = mine.count("killed")
        yield f"{module:40} {len(mine):8} {killed:8} {len(mine) - killed:6}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Mutation testing of modules of the layers.")
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="such as helpdesk.outbox")
    parser.add_argument(
        "--tests", nargs="*", help="files and folders; the default is most of tests/"
    )
    parser.add_argument("--sample", type=float, default=100, help="percent of the mutants")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--at", type=int, nargs="*", help="only mutants that begin in these lines")
    given = parser.parse_args()

    os.chdir(ROOT)
    KEPT.mkdir(exist_ok=True)
    wanted = [
        mutant
        for module in given.modules
        for mutant in mutants(module, given.sample, given.seed)
        if not given.at or mutant.line in given.at
    ]
    run = Run(wanted, lambda line: print(line, flush=True))
    run.say(f"{len(wanted)} mutants")
    options = ["-n", "0", "-s", "-q", "-m", "not built", "-p", "no:cacheprovider", "--no-header"]
    status = pytest.main([*options, *(given.tests or _default_tests())], plugins=[run])
    for line in _table(run.outcomes):
        run.say(line)
    told = [
        {k: v for k, v in asdict(mutant).items() if k not in ("code", "lines")}
        | {"outcome": outcome, "seconds": round(took, 1)}
        for mutant, outcome, took in run.outcomes
    ]
    (KEPT / f"{given.modules[0]}.json").write_text(json.dumps(told, indent=1))
    sys.exit(0 if status == pytest.ExitCode.OK else int(status))


if __name__ == "__main__":
    main()
