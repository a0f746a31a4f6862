"""The locks: hashes for everything, no address of any index, one version of a package in all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.cloud import ROOT

VENDOR = ROOT / "layers/vendor/requirements.txt"
EXPLORER = ROOT / "layers/explorer/requirements.txt"
TOKENS = ROOT / "layers/tokens/requirements.txt"
LOCKS = [VENDOR, EXPLORER, TOKENS, *sorted(ROOT.glob("requirements/*.txt"))]


def name(lock: Path) -> str:
    return str(lock.relative_to(ROOT))


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_every_package_is_pinned_by_hash(lock: Path) -> None:
    starts = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert starts
    for entry in starts:
        assert re.match(r"[\w.-]+==\S+", entry)
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize("file", [*LOCKS, *(lock.with_suffix(".in") for lock in LOCKS)], ids=name)
def test_no_file_says_where_packages_come_from(file: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\.whl", file.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_holds_what_is_asked_for(lock: Path) -> None:
    asked = re.findall(r"^([A-Za-z][\w.-]*)", lock.with_suffix(".in").read_text(), re.MULTILINE)
    assert asked
    assert {one.lower() for one in asked} <= {one.lower() for one in pinned(lock)}


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_holds_what_its_includes_hold(lock: Path) -> None:
    source = lock.with_suffix(".in")
    for included in re.findall(r"^-r (\S+)", source.read_text(), re.MULTILINE):
        held = pinned((source.parent / included).with_suffix(".txt"))
        assert held.items() <= pinned(lock).items()


def test_tests_run_on_what_runs_in_lambda() -> None:
    here = pinned(ROOT / "requirements/dev.txt")
    assert pinned(VENDOR).items() <= here.items()
    assert pinned(EXPLORER).items() <= here.items()
    assert pinned(TOKENS).items() <= here.items()
