"""Checks shipped packages for known vulnerabilities: the layers with pip-audit, the console's page
with npm.

    python -m tools.audit

Exits 1 if there is a finding. Both tools query a service. If it cannot be reached or does not know
the packages, a line says so and the check passes: a check must not depend on the network.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

SECONDS = 5
"""Timeout in seconds of one request of pip-audit."""

_UNREACHABLE = re.compile(
    r"connect|timed? ?out|resolve|ENOTFOUND|ECONN|EAI_AGAIN|\bstatus 4", re.IGNORECASE
)
"""Error texts of the tools if the service is unreachable or does not support audits."""


Read = Callable[[Mapping[str, Any]], tuple[list[str], str]]
"""Parses a report: returns the findings, and a sentence about how much was audited."""


class Broken(Exception):
    """The tool itself failed; the text is its error message."""


def read_pip(report: Mapping[str, Any]) -> tuple[list[str], str]:
    """Findings of pip-audit's report, and a sentence about how much was audited."""
    packages = report["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    findings = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in"
        f" {', '.join(flaw['fix_versions']) or 'no version'}"
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    asked = len(packages) - len(skipped)
    if not asked:
        return findings, f"not audited: the service knows none of {len(packages)} packages"
    left = f"; it does not know {', '.join(skipped)}" if skipped else ""
    return findings, f"{asked} packages audited{left}"


def read_npm(report: Mapping[str, Any]) -> tuple[list[str], str]:
    """Findings of npm's report, and a sentence about how much was audited.

    Raises:
        Broken: the report is an error message.
    """
    if "metadata" not in report:
        error = report.get("error", {})
        raise Broken(
            f"{error.get('code', '')} {error.get('summary', '')} {report.get('message', '')}"
            f" status {report.get('statusCode')}"
        )
    findings = [
        f"{name}: {one['severity']}" for name, one in report.get("vulnerabilities", {}).items()
    ]
    return findings, f"{report['metadata']['dependencies']['prod']} packages audited"


def _json_of(command: list[str | Path], folder: Path) -> dict[str, Any]:
    # Both tools exit 1 for findings and for failures, so the status tells nothing.
    path = f"{ROOT / '.venv-console/bin'}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(  # noqa: S603 - the arguments are ours
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        raise Broken(ran.stderr.strip()[-400:]) from None
    return found


def main() -> int:
    """Runs both audits, and returns the exit status."""
    pip: list[str | Path] = [
        ROOT / ".venv-supply/bin/pip-audit",
        "--require-hashes",
        "--disable-pip",
    ]
    pip += ["--progress-spinner", "off", "--timeout", str(SECONDS), "--format", "json"]
    questions: list[tuple[str, list[str | Path], Path, Read]] = [
        (f"layers/{layer}", [*pip, "-r", "requirements.txt"], ROOT / "layers" / layer, read_pip)
        for layer in ("vendor", "explorer", "tokens")
    ]
    npm: list[str | Path] = ["npm", "audit", "--package-lock-only", "--omit=dev", "--json"]
    questions.append(("console", npm, ROOT / "console", read_npm))
    status = 0
    for what, command, folder, read in questions:
        try:
            findings, said = read(_json_of(command, folder))
        except Broken as broken:
            if not _UNREACHABLE.search(str(broken)):
                print(f"{what}: {broken}", file=sys.stderr)
                return 1
            findings, said = [], "not audited: the service cannot be reached"
        print(f"{what}: {said}")
        for finding in findings:
            print(f"{what}: {finding}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
