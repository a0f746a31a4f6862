"""A slow network, and none: nothing jumps, nothing is sent twice, nothing typed is lost."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk

DELAY_MILLISECONDS = 400
AFTER_A_CLICK = 700

# What moves within half a second of a click was asked for (web.dev/cls); answers come later here.
_NOTE_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
    const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 160) ?? String(node));
    window.shifts.push({ place: location.hash, by: entry.value, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
"""

NO_ANSWER = "The desk did not answer. Nothing is lost; try again."


class Network:
    """The way from a page to the desk: every answer comes late, or none at all."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def slow(self, milliseconds: int = DELAY_MILLISECONDS, *, gone: bool = False) -> None:
        """From now on; `gone` lets nothing through."""
        told = {"offline": gone, "latency": milliseconds}
        unlimited = {"downloadThroughput": -1, "uploadThroughput": -1}
        self._session.send("Network.emulateNetworkConditions", {**told, **unlimited})


def said(page: Page) -> Locator:
    # It is said to screen readers besides, a moment later.
    return page.locator(".note").filter(has_text=NO_ANSWER)


def posts(visitor: Visitor, end: str) -> list[str]:
    return [
        asked.url
        for asked in visitor.asked
        if asked.method == "POST" and asked.url.partition("?")[0].endswith(end)
    ]


def names(desk: Desk) -> list[str]:
    return [key["name"] for key in desk.call("GET", "/api/admin/keys?limit=100").json["items"]]


def test_a_key_is_made_once_by_keyboard_alone(visitor: Visitor, desk: Desk) -> None:
    page = visitor.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/admin/keys", hold)
    # Before anything is under way: requests already sent are not all seen by a route set up later.
    Network(page).slow()
    page.goto(visitor.address)
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type(desk.key)
    page.keyboard.press("Enter")
    visitor.heading("Start")
    page.keyboard.press("g")
    page.keyboard.press("k")
    visitor.heading("Keys")
    page.keyboard.press("n")
    visitor.heading("New key")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Creating…").first).to_be_visible()
    visitor.until(lambda: bool(held))
    (sent,) = held
    sent.continue_()
    visitor.heading("By keyboard is ready")
    assert names(desk).count("By keyboard") == 1


def test_an_answer_that_is_lost_makes_no_second_key(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/keys/new")
    page.get_by_label("Name", exact=True).fill("Cut off")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()  # it arrives; its answer does not
            route.abort()
        else:
            route.continue_()

    page.route("**/api/admin/keys", lose)
    create = page.locator("button:visible", has_text="Create key")
    create.click()
    expect(said(page)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Cut off")
    page.unroute("**/api/admin/keys")
    create.click()
    visitor.heading("The secret of Cut off was lost")
    page.get_by_role("button", name="Make new secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Make new secret").click()
    visitor.heading("Cut off has a new secret")
    secret = page.locator("[data-secret]").inner_text()
    assert len(secret) == 64
    assert names(desk).count("Cut off") == 1


def test_what_is_changed_after_a_lost_answer_is_not_taken_for_the_same(
    visitor: Visitor, desk: Desk
) -> None:
    number = desk.open()
    page = visitor.sign_in(place=f"#/tickets/{number}")

    def lose(route: Route) -> None:
        route.fetch()  # it arrives; its answer does not
        route.abort()

    page.route("**/replies", lose)
    text = page.get_by_label("Text", exact=True)
    text.fill("We come at ten.")
    page.get_by_role("button", name="Send answer").click()
    expect(said(page)).to_be_visible()
    page.unroute("**/replies")
    text.fill("We come at noon.")
    page.get_by_role("button", name="Send answer").click()
    arrived = page.locator(".note").filter(has_text="An earlier try has arrived after all")
    expect(arrived).to_be_visible()
    expect(text).to_have_value("We come at noon.")
    thread = desk.call("GET", f"/api/admin/tickets/{number}").json["thread"]
    assert [entry["excerpt"] for entry in thread] == ["It burns.", "We come at ten."]
    # Whoever means it sends it, too.
    page.get_by_role("button", name="Send answer").click()
    expect(text).to_have_value("")
    thread = desk.call("GET", f"/api/admin/tickets/{number}").json["thread"]
    assert [entry["excerpt"] for entry in thread][2:] == ["We come at noon."]


def test_a_ticket_is_answered_by_keyboard_alone(visitor: Visitor, desk: Desk) -> None:
    number = desk.open(subject="By keyboard")
    desk.cloud.drain()
    page = visitor.sign_in()
    Network(page).slow()
    visitor.heading("Start")
    page.keyboard.press("g")
    page.keyboard.press("t")
    visitor.heading("Tickets")
    page.keyboard.press("/")
    page.keyboard.type(number)
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    visitor.settled()
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    visitor.heading("By keyboard")
    text = page.get_by_label("Text", exact=True)
    visitor.settled()
    for _ in range(30):
        if text.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(text).to_be_focused()
    page.keyboard.type("On our way.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent to jane@customer.example.").last).to_be_visible()
    thread = desk.call("GET", f"/api/admin/tickets/{number}").json["thread"]
    assert [entry["kind"] for entry in thread] == ["message", "response"]
    page.keyboard.press("u")
    # In a field, a letter is a letter.
    expect(text).to_have_value("u")


PLACES = {
    "#/start": "Start",
    "#/keys": "Keys",
    "#/keys/1": "First admin key",
    "#/keys/new": "New key",
    "#/tickets": "Tickets",
    "#/tickets/numbers": "Numbers",
    "#/mail/sent": "Mail: sent",
    "#/mail/held": "Mail: held",
    "#/mail/suppressed": "Mail: suppressed",
    "#/mail/queues": "Mail: queues",
    "#/catalogue/departments": "Departments",
    "#/catalogue/templates/1": "Mail templates",
    "#/settings/alerts": "Settings",
    "#/history": "History",
}


def test_nothing_jumps_while_it_loads(visitor: Visitor, desk: Desk) -> None:
    number = desk.open()
    visitor.page.add_init_script(_NOTE_SHIFTS)
    page = visitor.sign_in(place="#/start")
    Network(page).slow(AFTER_A_CLICK)
    for place, heading in {**PLACES, f"#/tickets/{number}": "Printer"}.items():
        visitor.go(place, heading)
        visitor.settled()
        page.wait_for_timeout(200)
        if place == "#/catalogue/departments":
            page.get_by_role("link", name="Sales").click()
            expect(page.locator(".open-row h2")).to_have_text("Sales")
    shifts: list[dict[str, Any]] = page.evaluate("window.shifts")
    assert shifts == [], json.dumps(shifts, indent=1)


def test_what_is_pressed_twice_is_sent_once(visitor: Visitor, desk: Desk) -> None:
    number = desk.open()
    page = visitor.sign_in(place=f"#/tickets/{number}")
    visitor.settled()
    Network(page).slow()
    text = page.get_by_label("Text", exact=True)
    text.fill("We are on our way.")
    page.get_by_role("button", name="Send answer").dblclick()
    expect(page.get_by_text("Sent to jane@customer.example.").last).to_be_visible()
    expect(text).to_have_value("")
    text.fill("And here.")
    text.press("Control+Enter")
    text.press("Control+Enter")
    expect(text).to_have_value("")
    assert len(posts(visitor, "/replies")) == 2
    thread = desk.call("GET", f"/api/admin/tickets/{number}").json["thread"]
    assert [entry["kind"] for entry in thread] == ["message", "response", "response"]

    visitor.go("#/catalogue/teams/new", "Teams")
    name = page.locator(".open-row").get_by_label("Name", exact=True)
    name.fill("Night shift")
    name.press("Enter")
    name.press("Enter")
    expect(page.locator(".open-row h2")).to_have_text("Night shift")
    assert len(posts(visitor, "/teams")) == 1

    visitor.go("#/keys/new", "New key")
    page.get_by_label("Name", exact=True).fill("Twice")
    page.locator("button:visible", has_text="Create key").dblclick()
    visitor.heading("Twice is ready")
    page.get_by_role("button", name="Copy secret").click()
    assert names(desk).count("Twice") == 1
    page.locator("button:visible", has_text="Done, I have stored it").click()
    page.get_by_role("button", name="Rotate…").click()
    page.get_by_role("button", name="Make new secret").dblclick()
    visitor.heading("Twice has a new secret")
    assert len(posts(visitor, "/rotate")) == 1
    page.get_by_role("button", name="Copy secret").click()


def test_without_a_network_what_was_typed_stays_and_it_goes_on(
    visitor: Visitor, desk: Desk
) -> None:
    number = desk.open()
    page = visitor.sign_in(place=f"#/tickets/{number}")
    visitor.settled()
    network = Network(page)
    network.slow(gone=True)
    text = page.get_by_label("Text", exact=True)
    text.fill("We are on our way.")
    send = page.get_by_role("button", name="Send answer")
    send.click()
    expect(said(page)).to_be_visible()
    expect(text).to_have_value("We are on our way.")
    send.click()
    expect(said(page)).to_be_visible()
    visitor.check()
    network.slow()
    send.click()
    expect(text).to_have_value("")
    expect(said(page)).to_have_count(0)
    thread = desk.call("GET", f"/api/admin/tickets/{number}").json["thread"]
    assert [entry["kind"] for entry in thread] == ["message", "response"]

    # A setting that is saved by itself keeps what was typed, too.
    visitor.go("#/settings", "Settings")
    visitor.settled()
    network.slow(gone=True)
    title = page.get_by_label("Name of the desk in mails")
    title.fill("Northwind")
    title.press("Enter")
    expect(page.get_by_text(NO_ANSWER).first).to_be_visible()
    expect(title).to_have_value("Northwind")
    network.slow()
    title.press("Enter")
    expect(page.get_by_role("button", name="Back to stock")).to_be_visible()
    assert desk.call("GET", "/api/admin/settings").json["helpdesk_title"] == "Northwind"

    # What is read is asked for again, by itself and by whoever waits.
    network.slow(gone=True)
    visitor.go("#/keys", "Keys")
    expect(said(page)).to_be_visible()
    visitor.check()
    network.slow()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("row").filter(has_text="First admin key")).to_be_visible()
    expect(said(page)).to_have_count(0)
