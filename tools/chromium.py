"""The browser that tests and pictures of the console drive: a Chromium that is on this machine.

`python -m tools.chromium` installs one where there is none: Debian's as root, else the one that
Playwright downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--no-sandbox",  # containers have none of what it needs
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


def found() -> str | None:
    """The path of a Chromium that is installed; None where Playwright's own is to be taken."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window, which asks nobody but the pages that it is shown."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found(), args=FLAGS)
        try:
            yield running
        finally:
            running.close()


def install() -> None:
    """Sees to it that there is a browser.

    Raises:
        CalledProcessError: It can be installed in neither way.
    """
    if found():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(command, check=True, env=quiet, stdout=sys.stderr)  # noqa: S603
        return
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    install()
