"""The mutants of a module, and how a mutant is applied to the module's functions.

The mutations are mutmut's (a comparison inverted, an argument dropped, `and` for `or`), and three
more: the condition of an `if` is always true or always false, a call whose result is unused is
removed. Code outside functions (constants, defaults, decorators), annotations, docstrings and
sentences are not mutated.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from local.cloud import ROOT

SOURCES = (ROOT / "layers/helpdesk/helpdesk", ROOT / "layers/dialects/dialects")


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        module: Dotted name of the module.
        function: Qualified name of the outermost function, such as `Keys.rotate`.
        line: The first line of the changed node.
        lines: The lines of the statement that contains it.
        before: The original node.
        after: Its replacement.
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
        """Nesting depth of functions: nested ones belong to the outermost."""

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
                    break  # the other mutations only change the case
                line = self.get_metadata(PositionProvider, node).start.line
                self.found.append((".".join(self._names), node, changed, line))


def _statements(tree: ast.Module) -> dict[int, frozenset[int]]:
    """For each line, the lines of the innermost statement around it; of a block only its head."""
    around: dict[int, frozenset[int]] = {}
    for node in ast.walk(tree):  # from the outside in, so that the innermost is the last
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = frozenset(range(node.lineno, max(end, node.lineno) + 1))
            around |= dict.fromkeys(lines, lines)
    return around


def mutants(
    module: str, percent: float = 100, most: int | None = None, seed: int = 1
) -> list[Mutant]:
    """The mutants of a module whose code differs from the original's, in the order of the code.

    Whether a mutant belongs to a sample depends only on the change itself and the seed, so the
    same ones are chosen after other code has changed or a function has moved to another module.

    Args:
        module: Dotted name, as in imports.
        percent: The share of the mutants to return.
        most: The maximum number to return; None for all of that share.
        seed: Selects the share.
    """
    path = file_of(module)
    source = path.read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder()
    wrapper.visit(finder)
    around = _statements(ast.parse(source))
    original = _codes(compile(source, path, "exec"))
    seen: Counter[str] = Counter()
    drawn = []
    for place, (function, old, new, line) in enumerate(finder.found):
        before, after = (_short(wrapper.module.code_for_node(node)) for node in (old, new))
        name = f"{function}|{before}|{after}"
        seen[name] += 1
        digest = hashlib.sha256(f"{seed}|{name}|{seen[name]}".encode()).digest()
        lines = around.get(line, frozenset({line}))
        if int.from_bytes(digest[:4], "big") < percent / 100 * 2**32:
            mutant = Mutant(module, function, line, lines, before, after, "")
            drawn.append((digest, place, mutant))
    made = []
    for _, place, mutant in sorted(drawn, key=lambda one: one[0]):
        _, old, new, _ = finder.found[place]
        code = cst.ensure_type(wrapper.module.deep_replace(old, new), cst.Module).code
        if _differs(original, code, path):
            made.append((place, replace(mutant, code=code)))
        if len(made) == most:
            break
    return [mutant for _, mutant in sorted(made, key=lambda one: one[0])]


def _differs(original: Mapping[str, CodeType], code: str, path: Path) -> bool:
    """Whether a module's code compiles, differs, and fits into the existing function objects."""
    try:
        changed = _codes(compile(code, path, "exec", dont_inherit=True))
    except SyntaxError:
        return False
    if all(_same(mine, changed.get(name)) for name, mine in original.items()):
        return False
    # Without `super()` the free variables differ, and the function object rejects the code.
    return all(changed[name].co_freevars == mine.co_freevars for name, mine in original.items())


def _short(code: str) -> str:
    return " ".join(code.split())


def file_of(module: str) -> Path:
    """The file of a module of the layers."""
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
            # The second of the same name is a property's setter: distinguished by its position.
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


# --- putting a mutant in --------------------------------------------------------------------


def put_in(mutant: Mutant) -> None:
    """Replaces the code of the module's functions in place, so existing references see it, too.

    Raises:
        LookupError: a function is not found in its module.
    """
    module = importlib.import_module(mutant.module)
    path = str(file_of(mutant.module))
    mine = _codes(compile(file_of(mutant.module).read_text(), path, "exec"))
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
