"""The served version: from the file VERSION, and git's commit."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path


def version(root: Path) -> str:
    """The version of the checkout in this folder."""
    return (root / "VERSION").read_text(encoding="utf-8").strip()


@cache
def commit(root: Path) -> str:
    """The commit of a checkout, with `-dirty` if files have changed; `unknown` without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        told = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            command, cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
