"""Values that are changed where they stand, and two admins who change the same thing."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from local.cloud import LocalCloud
from tests.console.visitor import PHONE, Visitor
from tests.http.desk import Desk


def stored(desk: Desk, path: str) -> dict[str, Any]:
    shown: dict[str, Any] = desk.call("GET", f"/api/admin/{path}").json
    return shown


def sent(visitor: Visitor, path: str) -> list[str | None]:
    """The `If-Match` of each change of a thing."""
    return [
        asked.headers.get("if-match")
        for asked in visitor.asked
        if asked.method == "PATCH" and asked.url.endswith(path)
    ]


def test_values_are_changed_in_the_table(visitor: Visitor, desk: Desk) -> None:
    number = desk.make_row("departments", name="Rooms")
    page = visitor.sign_in(place="#/catalogue/departments")
    row = page.locator(f"tr[data-row='{number}']")

    row.get_by_role("button", name="Rename Rooms").click()
    name = row.get_by_role("textbox", name="Name: Rooms")
    expect(name).to_be_focused()
    visitor.check()
    name.fill("")
    name.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(row.locator(".wrong")).to_be_visible()
    visitor.check()
    name.fill("Rooms and halls")
    name.press("Escape")
    expect(row.get_by_role("link", name="Rooms", exact=True)).to_be_visible()
    assert stored(desk, f"departments/{number}")["name"] == "Rooms"

    row.get_by_role("button", name="Rename Rooms").click()
    name.fill("Rooms and halls")
    name.press("Enter")
    expect(row.get_by_role("link", name="Rooms and halls")).to_be_visible()
    expect(row.get_by_role("button", name="Rename Rooms and halls")).to_be_focused()
    expect(row.locator(".good")).to_have_count(1)
    expect(row.locator(".good")).to_have_count(0)

    row.get_by_role("checkbox", name="Public: Rooms and halls").uncheck()
    visitor.settled()
    row.get_by_role("button", name="Change SLA of Rooms and halls").click()
    sla = row.get_by_role("combobox", name="SLA: Rooms and halls")
    sla.select_option("1")
    expect(sla).to_have_count(0)
    shown = stored(desk, f"departments/{number}")
    assert (shown["name"], shown["public"], shown["sla"]) == ("Rooms and halls", False, 1)
    # Each is made of what was seen there.
    assert all(sent(visitor, f"/departments/{number}"))
    assert len(sent(visitor, f"/departments/{number}")) == 4  # one was refused


def test_the_open_row_follows_its_table_and_keeps_what_is_typed(
    visitor: Visitor, desk: Desk
) -> None:
    number = desk.make_row("statuses", name="Parked", state="open", sort=40)
    page = visitor.sign_in(place=f"#/catalogue/statuses/{number}")
    panel = page.locator(".open-row")
    panel.get_by_label("Name", exact=True).fill("Parked for long")
    row = page.locator(f"tr[data-row='{number}']")
    row.get_by_role("button", name="Change Place in the order of Parked: 40").click()
    sort = row.get_by_role("textbox", name="Place in the order: Parked")
    sort.fill("45")
    sort.blur()
    expect(panel.get_by_label("Place in the order")).to_have_value("45")
    expect(panel.get_by_label("Name", exact=True)).to_have_value("Parked for long")
    panel.get_by_role("button", name="Save").click()
    expect(row.get_by_role("link", name="Parked for long")).to_be_visible()
    shown = stored(desk, f"statuses/{number}")
    assert (shown["name"], shown["sort"]) == ("Parked for long", 45)


def test_on_a_phone(browser: Browser, cloud: LocalCloud, desk: Desk) -> None:
    number = desk.make_row("teams", name="Night shift", active=False)
    with Visitor(browser, cloud, PHONE, "dark") as visitor:
        page = visitor.sign_in(place="#/catalogue/teams")
        row = page.locator(f"tr[data-row='{number}']")
        row.get_by_role("button", name="Rename Night shift").click()
        visitor.check()
        row.get_by_role("textbox").fill("Late shift")
        row.get_by_role("textbox").press("Enter")
        row.get_by_role("checkbox", name="Active: Late shift").check()
        visitor.check()


# --- two admins -----------------------------------------------------------------------------


def both(page: Page, mine: str, theirs: str) -> None:
    clash = page.locator(".clash")
    expect(clash.get_by_role("cell", name=mine, exact=True)).to_be_visible()
    expect(clash.get_by_role("cell", name=theirs, exact=True)).to_be_visible()


def test_two_admins_change_one_field(visitor: Visitor, desk: Desk) -> None:
    number = desk.make_row("topics", name="Chairs")
    page = visitor.sign_in(place=f"#/catalogue/topics/{number}")
    panel = page.locator(".open-row")
    name = panel.get_by_label("Name", exact=True)
    name.fill("Office chairs")
    desk.set(f"topics/{number}", name="Seats", active=False)
    panel.get_by_role("button", name="Save").click()
    both(page, "Office chairs", "Seats")
    visitor.check()
    panel.get_by_role("button", name="Keep mine").click()
    expect(panel.get_by_role("heading", name="Office chairs")).to_be_visible()
    shown = stored(desk, f"topics/{number}")
    assert (shown["name"], shown["active"]) == ("Office chairs", False)

    # In the table, what was seen there is what they have changed.
    desk.set(f"topics/{number}", name="Stools")
    row = page.locator(f"tr[data-row='{number}']")
    row.get_by_role("button", name="Rename Office chairs").click()
    row.get_by_role("textbox").fill("Benches")
    row.get_by_role("textbox").press("Enter")
    both(page, "Benches", "Stools")
    visitor.check()
    page.get_by_role("dialog").get_by_role("button", name="Take theirs").click()
    expect(page.get_by_role("row").filter(has_text="Stools")).to_be_visible()
    assert stored(desk, f"topics/{number}")["name"] == "Stools"


def test_two_admins_change_one_key(visitor: Visitor, desk: Desk) -> None:
    number = desk.make_key("can_create_tickets", name="Shop")["id"]
    page = visitor.sign_in(place=f"#/keys/{number}")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Read tickets").check()
    desk.set(f"keys/{number}", name="Shop, new")
    page.get_by_role("button", name="Save").click()
    visitor.heading("Shop, new")
    shown = stored(desk, f"keys/{number}")
    assert sorted(shown["permissions"]) == ["can_create_tickets", "can_read_tickets"]

    page.get_by_role("button", name="Change").click()
    page.get_by_label("Name", exact=True).fill("Mine")
    desk.set(f"keys/{number}", name="Theirs")
    page.get_by_role("button", name="Save").click()
    both(page, "Mine", "Theirs")
    visitor.check()
    page.get_by_role("button", name="Keep mine").click()
    visitor.heading("Mine")

    desk.set(f"keys/{number}", networks=["10.0.0.0/8"])
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    shown = stored(desk, f"keys/{number}")
    assert (shown["active"], shown["networks"]) == (False, ["10.0.0.0/8"])
    assert all(sent(visitor, f"/keys/{number}"))


def test_two_admins_change_the_settings(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/settings")
    title = page.get_by_label("Name of the desk in mails")
    title.fill("Northwind")
    desk.set("settings", helpdesk_title="Southwind", max_files=7)
    title.press("Enter")
    both(page, "Northwind", "Southwind")
    visitor.check()
    page.get_by_role("button", name="Take theirs").click()
    expect(title).to_have_value("Southwind")
    assert stored(desk, "settings")["helpdesk_title"] == "Southwind"

    title.fill("Westwind")
    title.press("Enter")
    expect(page.locator(".setting .good")).to_have_count(1)
    expect(page.locator(".setting .good")).to_have_count(0)

    page.get_by_role("link", name="Tickets").last.click()
    desk.set("settings", helpdesk_title="Eastwind")
    page.get_by_label("Priority of new tickets").select_option("High")
    visitor.settled()
    shown = stored(desk, "settings")
    assert (shown["default_priority_id"], shown["helpdesk_title"]) == (3, "Eastwind")

    page.get_by_role("link", name="Who hears of what").click()
    desk.set("settings", helpdesk_title="Northwind")
    page.get_by_label("A new ticket: Admin address").uncheck()
    expect(page.get_by_label("A new ticket: Admin address")).not_to_be_checked()
    visitor.settled()
    assert stored(desk, "settings")["ticket_alert_admin"] is False
    assert all(sent(visitor, "/settings"))
