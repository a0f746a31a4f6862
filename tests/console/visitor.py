"""Somebody in front of the console: a browser's page, watched for what must never happen."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from local.cloud import ROOT, LocalCloud
from local.testing import KEY

PATIENCE = 60_000
"""Milliseconds after which something does not come any more, on a machine with much else to do."""

expect.set_options(timeout=PATIENCE / 2)

PHONE = 360
LAPTOP = 1280

# The page may write to the clipboard and nobody may read it: what is written is noted on the way.
_NOTE_COPIES = """
const write = navigator.clipboard.writeText.bind(navigator.clipboard);
navigator.clipboard.writeText = (text) => { window.copied = text; return write(text); };
"""

_AXE = ROOT / "console/node_modules/axe-core/axe.min.js"


class Visitor:
    """A page of its own, with nothing kept from before.

    Args:
        browser: what shows it.
        cloud: whose console it is.
        width: of the window, in CSS pixels.
        scheme: `light` or `dark`.
    """

    def __init__(
        self, browser: Browser, cloud: LocalCloud, width: int = LAPTOP, scheme: str = "light"
    ) -> None:
        self.cloud = cloud
        self.address = f"{cloud.url}/desk/console"
        self.faults: list[str] = []
        self.asked: list[Request] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["clipboard-write"],
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(path=_AXE)
        self._context.add_init_script(_NOTE_COPIES)
        self.page: Page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self._under_way: set[Request] = set()
        self.page.on("request", self._note)
        self.page.on("requestfinished", self._done)
        self.page.on("requestfailed", self._done)
        self.page.on("console", self._hear)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._context.close()
        if kind is not None:
            return
        assert self.faults == [], "\n".join(self.faults)
        host = urlsplit(self.address).netloc
        assert {urlsplit(asked.url).netloc for asked in self.asked} <= {host}

    def _hear(self, said: ConsoleMessage) -> None:
        # What the policy refuses inside of a mail's frame is refused on purpose.
        mail = said.location["url"].startswith("about:srcdoc")
        if "Content Security" in said.text and not mail:
            self.faults.append(f"{said.location['url']}: {said.text}")

    def _done(self, request: Request) -> None:
        self._under_way.discard(request)

    def _note(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.asked.append(request)
            self._under_way.add(request)

    def sign_in(self, key: str = KEY, place: str = "") -> Page:
        """Opens the console at a place of it, and signs in."""
        self.page.goto(f"{self.address}{place}")
        self.page.get_by_label("Key", exact=True).fill(key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", level=1).filter(has_not_text="Sign in").wait_for()
        return self.page

    def go(self, place: str, heading: str) -> None:
        """Opens a place by its fragment, and waits for its heading."""
        self.page.evaluate("place => { location.hash = place }", place)
        self.heading(heading)

    def heading(self, text: str) -> None:
        """Waits for the h1 of a place, which has the focus."""
        self.page.get_by_role("heading", level=1, name=text).wait_for()

    def at(self, place: str | None = None) -> None:
        """Waits until the address is that of a place, by default of any."""
        address = re.escape(self.address)
        wanted = f"{address}(#.*)?$" if place is None else f"{address}{re.escape(place)}$"
        expect(self.page).to_have_url(re.compile(f"^{wanted}"))

    def settled(self) -> None:
        """Waits until nothing is being loaded."""
        self.page.wait_for_timeout(30)  # what was pressed has asked by then
        until = time.monotonic() + PATIENCE / 1000
        while self._under_way and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def until(self, true: Callable[[], bool]) -> None:
        """Lets the page go on until something is so."""
        end = time.monotonic() + PATIENCE / 1000
        while not true() and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        assert true()

    def clipboard(self) -> str:
        """What was copied last."""
        copied: str = self.page.evaluate("window.copied")
        return copied

    def check(self, *rules: str) -> None:
        """No violation by axe, nothing wider than the window, one h1.

        Args:
            rules: of axe that are asked alone; all without any.
        """
        self.settled()
        options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
        found: list[dict[str, Any]] = self.page.evaluate(
            "options => axe.run(document, options).then(run => run.violations)", options
        )
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
        assert told == [], json.dumps(told, indent=1)
        self.fits()
        assert self.page.locator("h1").count() == 1

    def fits(self) -> None:
        """Nothing is wider than the window."""
        wide: list[int] = self.page.evaluate(
            "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide[0] <= wide[1]
