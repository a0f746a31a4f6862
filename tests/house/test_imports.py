"""Arrows point one way: what import-linter does not see, because folders are no packages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from local.cloud import ROOT

WATCHED = {"boto3", "botocore", "functions", "local", "tools", "tests", "bench"}
"""What nothing that runs in Lambda may import, but the storage where it talks to AWS."""


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("folder", ["functions", "layers"])
def test_nothing_in_lambda_imports_what_stays_behind(folder: str) -> None:
    for file in ROOT.joinpath(folder).rglob("*.py"):
        talks_to_aws = file.parent.name == "storage"
        allowed = {"boto3", "botocore"} if talks_to_aws else set()
        assert not (imported(file) & WATCHED) - allowed, file
