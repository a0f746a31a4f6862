"""Reads from an endpoint's code what it declares: the arguments of its `@endpoint(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Declared:
    """An endpoint's dialect, as a dotted name; the permissions of which a key needs one; and the
    names of the functions and methods that its code calls through a module or object.
    """

    dialect: str
    permissions: tuple[str, ...]
    calls: frozenset[str]


def declared(folder: Path) -> Declared:
    """The declaration of the endpoint in a function's folder."""
    tree = ast.parse((folder / "app.py").read_text(encoding="utf-8"))
    (call,) = (
        decorator
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "handler"
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
    )
    permissions = (text for keyword in call.keywords for text in _texts(keyword.value))
    calls = frozenset(
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    name, _, rest = ast.unparse(call.args[0]).partition(".")
    dialect = ".".join(filter(None, (_imported(tree, name), rest)))
    return Declared(dialect, tuple(permissions), calls)


def _imported(tree: ast.Module, name: str) -> str:
    """The dotted name of what a `from ... import ...` binds to a name."""
    (found,) = (
        f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (alias.asname or alias.name) == name
    )
    return found


def _texts(node: ast.expr) -> Iterator[str]:
    yield from (
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
