"""Numbers of tickets, and how much keys are used: figures, charts and tables."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Route, expect

from helpdesk.keys import usage_plan
from local.cloud import LocalCloud
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

TODAY = date(2026, 11, 29)
GAP = 10
"""Days ago that nobody has kept."""


def counts(ago: int) -> dict[str, int]:
    return {"open": 40 - ago % 7, "overdue": ago % 3, "opened": 2, "closed": ago % 4}


DAYS = [
    {
        "day": f"{TODAY - timedelta(ago)}",
        **counts(ago),
        "by": {"1": counts(ago), "9": counts(0)},
    }
    for ago in range(59, -1, -1)
    if ago != GAP
]


def sixty_days(route: Route) -> None:
    route.fulfill(json={"days": DAYS, "names": {"1": "Support", "9": None}})


def test_the_numbers_of_today(visitor: Visitor, desk: Desk) -> None:
    jane = desk.make_row("agents", name="Jane Doe", username="jane", email="jane@desk.example")
    tickets = [desk.open(alert=False, autorespond=False) for _ in range(3)]
    done = {"staffId": jane, "statusId": "Closed"}
    path = f"/api/tickets-update.php/{tickets[0]}.json"
    assert desk.call("PATCH", path, done).status == 200
    desk.cloud.drain(retry=True)
    page = visitor.sign_in(place="#/tickets")
    page.get_by_role("link", name="Numbers").click()
    visitor.heading("Numbers")
    expect(page.get_by_text("2 tickets are open.")).to_be_visible()
    expect(page.get_by_text("0 of them are overdue.")).to_be_visible()
    expect(page.get_by_text("1 was closed and 3 opened today.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Support")
    numbers = ["2", "0", "3", "1"]
    visitor.until(lambda: re.sub(r"\D+", " ", row.inner_text()).split() == numbers)
    visitor.check()
    page.get_by_text("Agent", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="Jane Doe")).to_be_visible()
    visitor.at("#/tickets/numbers?by=agent")
    page.get_by_role("link", name="Nobody").click()
    visitor.heading("Tickets")
    expect(page.get_by_role("row")).to_have_count(3)  # with the heads


@pytest.mark.parametrize(("width", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])
def test_sixty_days_are_a_chart(
    browser: Browser, cloud: LocalCloud, width: int, scheme: str
) -> None:
    with Visitor(browser, cloud, width, scheme) as visitor:
        visitor.page.route("**/api/admin/numbers?*", sixty_days)
        page = visitor.sign_in(place="#/tickets/numbers")
        chart = page.get_by_role("img", name="Open: at most 40 on")
        expect(chart).to_be_visible()
        ends = re.compile(r"\b(1|29)\b.*\b(Oct|Nov)\b|\b(Oct|Nov)\b.*\b(1|29)\b")
        expect(chart.locator("text").filter(has_text=ends)).to_have_count(2)
        # A line is broken where nobody has kept a day.
        drawn = chart.locator("path").first.get_attribute("d") or ""
        assert (drawn.count("M"), drawn.count("L")) == (2, len(DAYS) - 2)
        expect(page.get_by_text("40 tickets are open.")).to_be_visible()
        expect(page.get_by_role("link", name="#9")).to_be_visible()
        visitor.check()


def test_a_key_that_sees_numbers_alone(browser: Browser, cloud: LocalCloud, desk: Desk) -> None:
    key = desk.make_key("can_read_stats", "can_manage_desk")["key"]
    with Visitor(browser, cloud) as visitor:
        page = visitor.sign_in(key, "#/tickets")
        visitor.heading("Numbers")
        expect(page.locator("main").get_by_role("link")).to_have_count(0)
        visitor.check()


def test_how_much_a_key_is_used_and_advice_that_is_dismissed(
    visitor: Visitor, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_plan, "WORKS_AFTER", timedelta(0))
    desk.cloud.options.key_lag = 0
    made = desk.make_key("can_read_tickets", "can_manage_keys", name="Northwind")
    number = desk.open()
    desk.cloud.drain()  # the key is counted on its own from then on
    desk.cloud.authorization.flush()
    for _ in range(3):
        assert desk.call("GET", f"/api/admin/tickets/{number}", key=made["key"]).status == 200
    page = visitor.sign_in(place=f"#/keys/{made['id']}?days=90")
    visitor.heading("Northwind")
    expect(page.get_by_text("3 in 90 days, in days of UTC.")).to_be_visible()
    expect(page.get_by_role("img", name="Requests a day: at most 3 on")).to_be_visible()
    expect(page.locator("svg .bar-of")).to_have_count(1)
    page.get_by_text("30 days", exact=True).click()
    expect(page.get_by_text("3 in 30 days, in days of UTC.")).to_be_visible()
    page.get_by_role("button", name="Show as a table").click()
    table = page.get_by_role("table", name="Requests a day")
    expect(table.get_by_role("row")).to_have_count(31)  # with the heads
    expect(table.get_by_role("row").nth(1).get_by_role("cell").last).to_have_text("3")
    visitor.check()

    dismiss = page.get_by_role("button", name="Dismiss for 90 days: Northwind")
    dismiss.click()
    expect(page.get_by_text("Not told again for 90 days.").last).to_be_visible()
    expect(dismiss).to_have_count(0)
    path = f"/api/admin/keys/{made['id']}"
    assert list(desk.call("GET", path).json["dismissed"]) == ["any_network"]
    page.get_by_role("button", name="Undo").click()
    expect(dismiss).to_be_visible()
    assert desk.call("GET", path).json["dismissed"] == {}

    visitor.go("#/keys", "Keys")
    expect(page.get_by_text("2 keys need attention.")).to_be_visible()
    visitor.check()
    dismiss.click()
    expect(page.get_by_text("1 key needs attention.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 key needs attention.")).to_be_visible()
    expect(dismiss).to_have_count(0)
