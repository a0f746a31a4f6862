"""docs/licences.md names what is shipped, and what says whether it has known vulnerabilities."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tools import audit, licences


def test_every_shipped_package_has_its_licence_in_the_document() -> None:
    text = licences.DOCUMENT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| (\S+) \| ([^|]+) \| ([^|]+) \|$", text, flags=re.MULTILINE)
    entered = {(name, version, where) for name, version, licence, where in rows if licence.strip()}
    assert entered - {("package", "version", "where")} == {
        (one.name, one.version, one.where) for one in licences.shipped()
    }


def test_what_is_shipped_is_read_from_all_three_locks() -> None:
    found = {one.name for one in licences.shipped()}
    assert found >= {"pydantic", "flask-swagger-ui", "preact"}
    assert not found & {"typescript", "pytest", "ministack"}


FLAW = {"id": "PYSEC-1", "fix_versions": ["2"]}


@pytest.mark.parametrize(
    ("packages", "findings", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], [], "1 packages audited"),
        (
            [{"name": "a", "version": "1", "vulns": [FLAW]}],
            ["a 1: PYSEC-1, mended in 2"],
            "1 packages audited",
        ),
        (
            [{"name": "a", "skip_reason": "unknown"}],
            [],
            "not audited: the service knows none of 1 packages",
        ),
        (
            [{"name": "a", "skip_reason": "unknown"}, {"name": "b", "version": "1", "vulns": []}],
            [],
            "1 packages audited; it does not know a",
        ),
    ],
)
def test_a_report_of_pip_audit_is_read(
    packages: list[dict[str, Any]], findings: list[str], said: str
) -> None:
    assert audit.read_pip({"dependencies": packages}) == (findings, said)


def test_a_report_of_npm_is_read() -> None:
    report = {
        "vulnerabilities": {"preact": {"severity": "high"}},
        "metadata": {"dependencies": {"prod": 3}},
    }
    assert audit.read_npm(report) == (["preact: high"], "3 packages audited")
    with pytest.raises(audit.Broken):
        audit.read_npm({"error": {"code": "ENOTFOUND"}})
