"""docs/architecture.md and docs/aws.md name files and functions: all of them are there."""

from __future__ import annotations

import ast
import re

import pytest

from local.cloud import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\| \d+ \| `([^`]+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
TRAPS = (ROOT / "docs/aws.md").read_text(encoding="utf-8")
PLACE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
FILES = sorted({*PLACE.findall(PAGE), *re.findall(r"`((?:[\w.-]+/)*[\w-]+\.py)`", TRAPS)})

PLACES = {"helpdesk/": "layers/helpdesk/helpdesk/", "dialects/": "layers/dialects/dialects/"}


def whole(path: str) -> str:
    """A path as it is from the root."""
    for short, long in PLACES.items():
        if path.startswith(short):
            return long + path.removeprefix(short)
    desk = f"layers/helpdesk/helpdesk/{path}"
    return desk if (ROOT / desk).exists() else path


@pytest.mark.parametrize("path", FILES)
def test_files_are_there(path: str) -> None:
    assert (ROOT / whole(path)).exists()


@pytest.mark.parametrize(("path", "function"), STEPS)
def test_functions_are_there(path: str, function: str) -> None:
    tree = ast.parse((ROOT / whole(path)).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_a_ticket_is_followed_from_the_request_to_mail_and_search() -> None:
    folders = {whole(path).split("/")[-2] for path, _ in STEPS}
    assert {"core", "plugin", "tickets", "events", "outbound", "projection", "queries"} <= folders
