"""Measures the console as Lighthouse measures a phone, and prints a table: `make figures`.

Lighthouse itself is a Node program, and cannot sign in. This module takes its measurements, with
its throttling of a phone and its scoring curves, in the browser of the tests. Speed Index, a tenth
of its score, needs a video of the page and is left out: the score covers the other nine tenths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from local.cloud import ROOT, LocalCloud
from tools import chromium
from tools.pictures import KEY, Desk, furnish

AXE = ROOT / "console/node_modules/axe-core/axe.min.js"

PHONE = {"width": 412, "height": 823}
SLOWER = 4
"""The factor by which the processor of a phone is slower."""
NETWORK = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}
"""Lighthouse's slow 4G as it applies it to requests: milliseconds, and bytes a second."""

CURVES = {
    "fcp": (1800, 3000, 10),
    "lcp": (2500, 4000, 25),
    "tbt": (200, 600, 30),
    "cls": (0.1, 0.25, 25),
}
"""For each measurement: the values that score 0.9 and 0.5, and its weight (Lighthouse 10)."""

# Buffered, to include the entries from before the script ran.
_OBSERVE = """
window.measured = { lcp: 0, cls: 0, tasks: [] };
const observe = (type, take) => {
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
  observer.observe({ type, buffered: true });
};
observe("largest-contentful-paint", (entry) => { measured.lcp = entry.startTime; });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) measured.cls += entry.value; });
observe("longtask", (entry) => { measured.tasks.push([entry.startTime, entry.duration]); });
"""

_READ = """() => {
  const loads = ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type));
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const fcp = paint.startTime;
  const late = measured.tasks.filter(([start, took]) => start + took > fcp);
  return {
    fcp,
    lcp: measured.lcp,
    cls: measured.cls,
    tbt: late.reduce((sum, [, took]) => sum + Math.max(0, took - 50), 0),
    tasks: measured.tasks.length,
    requests: loads.length,
    bytes: loads.reduce((sum, load) => sum + load.transferSize, 0),
  };
}"""

PLACES = (
    ("#/start", "Start"),
    ("#/keys", "Keys"),
    ("#/keys/new", "New key"),
    ("#/tickets", "Tickets"),
    ("#/catalogue/departments", "Departments"),
    ("#/settings", "Settings"),
)


@dataclass(frozen=True)
class Figures:
    """The measurements of one load: times in milliseconds, `bytes` as transferred."""

    fcp: float
    lcp: float
    cls: float
    tbt: float
    tasks: int
    requests: int
    bytes: int
    violations: int

    @property
    def score(self) -> int:
        """The score, 0 to 100, without the Speed Index."""
        sums = [
            (weight * _on_curve(getattr(self, name), at_90, at_50), weight)
            for name, (at_90, at_50, weight) in CURVES.items()
        ]
        return round(100 * sum(got for got, _ in sums) / sum(weight for _, weight in sums))


def _on_curve(value: float, at_90: float, at_50: float) -> float:
    """Lighthouse's score of a measurement: log-normal through these two points."""
    if value <= 0:
        return 1.0
    fifth = 0.9061938024368232  # where erfc is 0.2
    x = math.log(value / at_50) * fifth / math.log(at_50 / at_90)
    return math.erfc(x) / 2


LOADS = 3
"""How often each page is loaded: other processes on the machine slow down single loads."""


def measure(page: Page) -> Figures:
    """The best of LOADS loads of the current page."""
    return max((_load(page) for _ in range(LOADS)), key=lambda figures: figures.score)


def _load(page: Page) -> Figures:
    """Reloads the page with an empty browser cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.reload()
    page.get_by_role("heading", level=1).wait_for()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=120_000)
    page.wait_for_timeout(1000)
    read: dict[str, Any] = page.evaluate(_READ)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations.length)")
    session.detach()
    return Figures(**read, violations=found)


def measure_all(browser: Browser, cloud: LocalCloud) -> dict[str, Figures]:
    """The figures of the sign-in page, and of each of PLACES."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(_OBSERVE)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{cloud.url}/console")
    found = {"Sign in": measure(page)}
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Start").wait_for()
    for place, name in PLACES:
        page.evaluate("place => { location.hash = place }", place)
        page.get_by_role("heading", level=1, name=name).wait_for()
        found[name] = measure(page)
    context.close()
    return found


HEAD = """\
| place | first paint | largest paint | blocked | shift | long tasks | requests | KB | axe | score |
|---|---|---|---|---|---|---|---|---|---|"""


def table(found: dict[str, Figures]) -> str:
    """The figures as a table for docs/console.md."""
    lines = [
        f"| {name} | {of.fcp / 1000:.1f} s | {of.lcp / 1000:.1f} s | {of.tbt:.0f} ms "
        f"| {of.cls:.3f} | {of.tasks} | {of.requests} | {of.bytes / 1000:.0f} "
        f"| {of.violations} | {of.score} |"
        for name, of in found.items()
    ]
    return "\n".join([HEAD, *lines])


def main() -> None:
    """Prints the table."""
    cloud = LocalCloud(first_key=KEY).start()
    try:
        furnish(Desk(cloud))
        with chromium.browser() as browser:
            print(table(measure_all(browser, cloud)))
    finally:
        cloud.stop()


if __name__ == "__main__":
    main()
