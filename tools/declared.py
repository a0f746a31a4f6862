"""What the code of an endpoint says of it: the arguments of its `@endpoint(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Declared:
    """An endpoint's dialect, by its name with all packages; the permissions of which a key needs
    one; and the names of the functions of modules and objects that its code calls.
    """

    dialect: str
    permissions: tuple[str, ...]
    calls: frozenset[str]


def declared(folder: Path) -> Declared:
    """What the endpoint in a function's folder says."""
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
    """What a name stands for that `from ... import ...` has brought."""
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
