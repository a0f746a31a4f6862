"""Writes docs/licences.md: the third-party code in a deployment, and its licences.

    python -m tools.licences

The shipped packages come from the lock files: those of the layers, and the runtime dependencies of
the console. The licences come from the installed packages (pip-licenses) and npm's lock file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DOCUMENT = ROOT / "docs/licences.md"

LAYERS = {
    "vendor": "layer of all functions",
    "explorer": "layer of the API explorers, of which two files and the licence are taken",
    "tokens": "layer of the authorizer, where people sign in by Cognito",
}
"""Folders of the layers with third-party packages, and their names in the document."""

CONSOLE = "the console's page"

_REMOVED = {"dnspython": "in the lock, but not shipped: the build takes it out"}

_OF_THE_FILES = {"flask-swagger-ui": "Apache-2.0"}
"""Packages whose shipped files have another licence than their own code: here Swagger UI."""

HEAD = """# Licences of what is shipped

Deskless itself is under the MIT licence ([LICENSE](../LICENSE)). A deployment holds these packages
of others, each with its notice: in its layer, or at the head of the console's script.
`make licences` writes this page anew; a test finds what is missing here. `make sbom` writes the
same as CycloneDX, with the hashes of the locks, into `build/sbom`.

| package | version | licence | where |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Shipped:
    """A package in a deployment: its name, its version, and where it is."""

    name: str
    version: str
    where: str


def shipped() -> Iterator[Shipped]:
    """All shipped packages, from the lock files."""
    for layer, where in LAYERS.items():
        lock = (ROOT / "layers" / layer / "requirements.txt").read_text(encoding="utf-8")
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, flags=re.MULTILINE):
            yield Shipped(name, version, _REMOVED.get(name, where))
    for path, entry in _console().items():
        yield Shipped(path.removeprefix("node_modules/"), entry["version"], CONSOLE)


def _console() -> dict[str, dict[str, str]]:
    lock = json.loads((ROOT / "console/package-lock.json").read_text(encoding="utf-8"))
    return {
        path: entry for path, entry in lock["packages"].items() if path and not entry.get("dev")
    }


def licences() -> dict[str, str]:
    """The licence of each shipped package, by its normalized name (PEP 503).

    Raises:
        SystemExit: a package does not state its licence.
    """
    names = [one.name for one in shipped() if one.where != CONSOLE]
    tool = ROOT / ".venv-supply/bin/pip-licenses"
    command = [str(tool), "--python", str(ROOT / ".venv/bin/python")]
    ran = subprocess.run(  # noqa: S603 - the arguments are ours
        [*command, "--from=mixed", "--format=json", "--packages", *names],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {normalized(one["Name"]): one["License"] for one in json.loads(ran.stdout)}
    for path, entry in _console().items():
        found[normalized(path.removeprefix("node_modules/"))] = entry.get("license", "")
    silent = [
        one.name for one in shipped() if found.get(normalized(one.name), "") in {"", "UNKNOWN"}
    ]
    if silent:
        sys.exit(f"No licence is known of: {', '.join(silent)}")
    return found


def normalized(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Writes the page."""
    known = licences()
    rows = [
        f"| {one.name} | {one.version} | {known[normalized(one.name)]} | {one.where} |"
        for one in shipped()
    ]
    DOCUMENT.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
