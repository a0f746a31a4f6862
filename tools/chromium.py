"""The browser that drives the console in tests and screenshots: a Chromium on this machine.

`python -m tools.chromium` installs one if there is none: Debian's package as root, else
Playwright's download; the headless shell where there is one, since the whole browser spends almost
twice the CPU time on the same tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's; older releases have only the second."""

NAMES = (*PACKAGES, "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",  # containers lack what the sandbox needs
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


def found() -> str | None:
    """The path of an installed Chromium; None if Playwright's own must be used."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser that makes no network requests of its own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found(), args=FLAGS)
        try:
            yield running
        finally:
            running.close()


def install() -> None:
    """Installs a browser unless there is one.

    Raises:
        CalledProcessError: Both ways of installing it failed.
    """
    if found():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_get("update")
        listed = subprocess.check_output(["apt-cache", "pkgnames", "chromium"], text=True)  # noqa: S607
        package = next((one for one in PACKAGES if one in listed.split()), PACKAGES[-1])
        _apt_get("install", "--yes", "--no-install-recommends", package)
        return
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    subprocess.run(command, check=True)  # noqa: S603


def _apt_get(*arguments: str) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], check=True, env=quiet, stdout=sys.stderr)  # noqa: S603, S607


if __name__ == "__main__":
    install()
