"""The conformance cases of docs/zammad.md 14: each has one test over HTTP, none is left out, and
the table there names those that differ.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

from local.cloud import ROOT

MOST = 80
"""How many cases there are."""

CASE = re.compile(r"test_case_(\d+)_\w+")
LEFT_OUT = re.compile(r"skip|xfail")


def cases() -> list[tuple[int, ast.FunctionDef]]:
    """The tests that are named after a case."""
    files = sorted((ROOT / "tests/http/zammad").glob("test_*.py"))
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in files)
    functions = (
        one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)
    )
    return [(int(found[1]), one) for one in functions if (found := CASE.fullmatch(one.name))]


def test_every_case_has_one_test() -> None:
    counts = Counter(number for number, _ in cases())
    assert counts == Counter(range(1, MOST + 1))


def test_no_case_is_left_out() -> None:
    marks = {number: [ast.unparse(mark) for mark in one.decorator_list] for number, one in cases()}
    assert not {number for number, found in marks.items() if LEFT_OUT.search(" ".join(found))}
    counted = (any(map(_counts, one.decorator_list)) for _, one in cases())
    assert all(counted)


def _counts(mark: ast.expr) -> bool:
    # A mark of its own, or one that the module has under a name in capitals.
    return "contract" in ast.unparse(mark) or (isinstance(mark, ast.Name) and mark.id.isupper())


def test_the_table_names_the_cases_that_differ() -> None:
    document = (ROOT / "docs/zammad.md").read_text(encoding="utf-8")
    section = document.partition("## 14 ")[2].partition("\n## ")[0]
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    differ = {
        number
        for number, one in cases()
        if (ast.get_docstring(one) or "").startswith(("Differs:", "Decided:"))
    }
    assert differ == told
