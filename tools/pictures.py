"""Writes the screenshots of docs/console.md (`make pictures`) from a desk with sample data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from local.cloud import ROOT, LocalCloud
from tools import chromium

KEY = "key-of-the-pictures-0123456789abcdef"
FOLDER = ROOT / "docs/console"

SCREENS = {"1280-light": (1280, "light"), "360-dark": (360, "dark")}


TICKETS = (
    ("Ola Nordmann", "gone@example.net", "Where is my parcel?", "Ordered three weeks ago."),
    ("Ann Lee", "ann@example.org", "Cannot log in to the portal since the update", "Since Monday."),
    ("مريم", "maryam@example.org", "طلب جديد", "مرحبا"),
    (
        "Bob Stone",
        "bob@example.net",
        "Printer on fire",
        "data:text/html,<p>The printer in room 2.13 is <b>on fire</b>.</p><p>Please come.</p>",
    ),
)
"""Name, address, subject and message of each."""

SPAM = (
    b"From: Pills <pills@spam.example>\r\nTo: support@desk.example\r\nSubject: Cheap pills\r\n"
    b"\r\nBuy now.\r\n"
)


class Desk:
    """The desk in the screenshots; its data is created through the API."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._connection = HTTPConnection("127.0.0.1", cloud.port, timeout=60)

    def ask(self, method: str, path: str, body: object = None, key: str = KEY) -> Any:
        """The desk's response; the request must succeed."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"X-API-Key": key, "Content-Type": "application/json"}
        self._connection.request(method, path, sent, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {text}")
        return json.loads(text) if text.startswith(("{", "[")) else text

    def key(self, name: str, *permissions: str, **facts: object) -> Any:
        """A key, with its secret."""
        wanted = {"name": name, "permissions": permissions, **facts}
        return self.ask("POST", "/api/admin/keys", wanted)


def furnish(desk: Desk) -> None:
    """Adds names, keys and rows to the desk."""
    desk.ask("PATCH", "/api/admin/settings", {"helpdesk_title": "Northwind Support"})
    agent = {"name": "Jane Doe", "email": "jane@northwind.example", "username": "jane"}
    jane = desk.ask("POST", "/api/admin/agents", agent)["id"]
    only = [desk.ask("GET", "/api/admin/departments")["items"][1]["id"]]
    off = desk.key("Old intranet", "can_create_tickets", networks=["172.16.0.0/12"])
    desk.ask("PATCH", f"/api/admin/keys/{off['id']}", {"active": False})
    portal = ("can_create_tickets", "can_read_tickets")
    desk.key("بوابة العملاء", *portal)
    everything = ("can_create_tickets", "can_read_tickets", "can_search_tickets")
    zammad = desk.key(
        "Zammad connector",
        *everything,
        "can_update_tickets",
        agent=jane,
        networks=["192.0.2.14"],
        expires="2027-11-28T23:59:59Z",
    )
    desk.ask("POST", f"/api/admin/keys/{zammad['id']}/rotate", {"overlap_hours": 24})
    desk.key(
        "Monthly report for the management board and the works council",
        "can_read_tickets",
        "can_search_tickets",
        "can_read_stats",
    )
    networks = ["10.0.0.0/8", "192.0.2.0/24"]
    desk.key("Zabbix", *portal, departments=only, networks=networks)
    converse(desk, jane)


def converse(desk: Desk, agent: int) -> None:
    """Creates tickets and answers, and mail that is undeliverable or becomes no ticket."""
    desk.ask("POST", "/api/admin/suppressed", {"address": "gone@example.net"})
    numbers = [
        desk.ask(
            "POST",
            "/api/tickets.json",
            {"name": name, "email": email, "subject": subject, "message": message},
        )
        for name, email, subject, message in TICKETS
    ]
    whole = f"/api/admin/tickets/{numbers[-1]}"
    desk.ask("POST", f"{whole}/notes", {"text": "The extinguisher is in room 2.14."})
    desk.ask("POST", f"{whole}/replies", {"text": "We are on our way. Please leave the room."})
    desk.ask("PATCH", whole, {"agent": agent})
    desk.ask("PATCH", "/api/admin/ban-list", {"add": ["pills@spam.example"]})
    desk.cloud.smtp.bring(SPAM, "pills@spam.example", ["support@desk.example"])
    desk.cloud.drain(retry=True)


# Data that takes weeks to accumulate is put into the desk's responses.


def numbers(route: Route) -> None:
    """Sixty days of tickets in two departments: fewer come at weekends, some are late."""
    days = []
    left = {"1": 21, "2": 9}
    for ago in range(59, -1, -1):
        day = datetime.now(UTC).date() - timedelta(ago)
        by = {}
        for at, name in enumerate(left):
            opened = 2 if day.weekday() > 4 else 9 - 3 * at + ago % 4
            closed = min(left[name] + opened, 0 if day.weekday() > 4 else 8 - 3 * at + ago * 3 % 7)
            left[name] += opened - closed
            late = left[name] // 6
            by[name] = {"open": left[name], "overdue": late, "opened": opened, "closed": closed}
        whole = {key: sum(one[key] for one in by.values()) for key in by["1"]}
        days.append({"day": f"{day}", **whole, "by": by})
    route.fulfill(json={"days": days, "names": {"1": "Support", "2": "Sales"}})


def usage(route: Route) -> None:
    """Thirty days of requests from a shop's form."""
    at = datetime.now(UTC)
    counted = [
        {"day": f"{at.date() - timedelta(ago)}", "requests": 30 + ago * 17 % 23 - ago // 3}
        for ago in range(29, -1, -1)
    ]
    as_of = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    route.fulfill(json={"days": counted, "as_of": as_of, "shared": False})


@contextmanager
def signed_in(browser: Browser, cloud: LocalCloud, width: int, scheme: str) -> Iterator[Page]:
    """A signed-in page that shows the list of keys."""
    context = browser.new_context(
        viewport={"width": width, "height": 800 if width > 700 else 760},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.route("**/api/admin/numbers?*", numbers)
    page.route("**/usage?*", usage)
    page.goto(f"{cloud.url}/console#/keys")
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Keys")
    yield page
    context.close()


def heading(page: Page, text: str) -> None:
    """Waits for a page and everything that it loads."""
    page.get_by_role("heading", level=1, name=text).wait_for()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=120_000)


STAND_IN = "0123456789abcdef" * 3 + "0123456789"
"""Shown in screenshots in place of a secret, after its first characters: matches no real key."""

_SECRET = re.compile(r"\b[0-9a-f]{64}\b")

_TEXT = """() => [
  document.body.innerText,
  ...Array.from(document.querySelectorAll("input, textarea"), (field) => field.value),
].join("\\n")"""


def mask(page: Page) -> None:
    """Replaces the secret on the page with the stand-in."""
    shown = page.locator("[data-secret]")
    put = "(shown, other) => { shown.textContent = shown.textContent.slice(0, 6) + other }"
    shown.evaluate(put, STAND_IN)


def take(page: Page, name: str, *, whole: bool = False, folder: Path = FOLDER) -> None:
    """Writes a screenshot of the visible part, or of the whole page.

    Raises:
        RuntimeError: The page shows a secret that may be real.
    """
    page.mouse.move(0, 0)  # so that nothing is hovered
    text = page.evaluate(_TEXT)
    if KEY in text or any(not one.endswith(STAND_IN) for one in _SECRET.findall(text)):
        raise RuntimeError(f"A secret would be seen in {name}.png")
    size = page.viewport_size
    if whole and size:
        # Elements fixed to the window's edges must be at the picture's edges.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.screenshot(path=folder / f"{name}.png")
    if whole and size:
        page.set_viewport_size(size)


def keys(page: Page, screen: str, desk: Desk) -> None:
    """The pages about keys."""
    take(page, f"keys-{screen}", whole=True)
    page.get_by_role("link", name="New key").click()
    heading(page, "New key")
    take(page, f"new-key-{screen}", whole=True)
    page.get_by_label("Name", exact=True).fill("Shop web form")
    page.locator("button:visible", has_text="Create key").click()
    heading(page, "Shop web form is ready")
    real = page.locator("[data-secret]").inner_text()
    mask(page)
    page.get_by_role("heading", level=1).evaluate("heading => heading.blur()")
    take(page, f"secret-{screen}", whole=True)
    ticket = {"name": "Ann Lee", "email": "ann@example.org", "subject": "Hello", "message": "Hi."}
    desk.ask("POST", "/api/tickets.json", ticket, key=real)
    page.get_by_role("button", name="Copy secret").click()
    page.locator("button:visible", has_text="Done, I have stored it").click()
    heading(page, "Shop web form")
    page.reload()
    heading(page, "Shop web form")
    take(page, f"key-{screen}", whole=True)
    page.get_by_role("button", name="Rotate…").click()
    take(page, f"rotate-{screen}")
    page.keyboard.press("Escape")
    made = page.url.rsplit("/", 1)[1]
    desk.ask("DELETE", f"/api/admin/keys/{made}")


def others(page: Page, screen: str) -> None:
    """Every other page, once."""
    for place, title, name in PLACES:
        page.evaluate("place => { location.hash = place }", place)
        heading(page, title)
        page.wait_for_timeout(300)  # until the frames with mail have their height
        take(page, f"{name}-{screen}")
    page.evaluate("location.hash = '#/tickets'")
    heading(page, "Tickets")
    page.get_by_role("link", name="Printer on fire").click()
    heading(page, "Printer on fire")
    page.wait_for_timeout(600)
    take(page, f"ticket-{screen}", whole=True)
    page.evaluate("location.hash = '#/mail/held'")
    heading(page, "Mail: held")
    page.get_by_role("link", name="Cheap pills").click()
    page.get_by_role("button", name="Take it in").wait_for()
    take(page, f"held-{screen}")


PLACES = (
    ("#/start", "Start", "start"),
    ("#/tickets", "Tickets", "tickets"),
    ("#/tickets/numbers", "Numbers", "numbers"),
    ("#/mail/sent", "Mail: sent", "sent"),
    ("#/mail/queues", "Mail: queues", "queues"),
    ("#/catalogue/departments/2", "Departments", "catalogue"),
    ("#/catalogue/templates/1", "Mail templates", "template"),
    ("#/settings/alerts", "Settings", "settings"),
    ("#/history", "History", "history"),
)
"""Fragment, heading and picture of each page that needs no interaction."""


def main() -> None:
    """Writes every picture."""
    FOLDER.mkdir(exist_ok=True)
    for former in FOLDER.glob("*.png"):
        former.unlink()
    cloud = LocalCloud(first_key=KEY).start()
    try:
        desk = Desk(cloud)
        furnish(desk)
        with chromium.browser() as browser:
            for screen, (width, scheme) in SCREENS.items():
                with signed_in(browser, cloud, width, scheme) as page:
                    others(page, screen)
                with signed_in(browser, cloud, width, scheme) as page:
                    keys(page, screen, desk)
    finally:
        cloud.stop()


if __name__ == "__main__":
    main()
