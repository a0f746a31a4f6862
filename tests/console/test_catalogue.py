"""The catalogue and the settings, as somebody in front of them walks through."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from local.cloud import LocalCloud
from tests.console.visitor import PHONE, Visitor
from tests.http.desk import Desk

KINDS = {
    "departments": "Departments",
    "topics": "Help topics",
    "statuses": "Statuses",
    "priorities": "Priorities",
    "slas": "SLAs",
    "schedules": "Working hours",
    "teams": "Teams",
    "agents": "Agents",
    "services": "Services",
    "organizations": "Organizations",
    "fields": "Custom fields",
    "templates": "Mail templates",
}


def test_every_kind_and_a_row_of_each(visitor: Visitor, desk: Desk) -> None:
    desk.make_row("agents", name="Zoe", email="zoe@desk.example", username="zoe")
    page = visitor.sign_in(place="#/catalogue")
    for kind, words in KINDS.items():
        visitor.go(f"#/catalogue/{kind}", words)
        rows = desk.call("GET", f"/api/admin/{kind}?limit=1").json["items"]
        if rows:
            visitor.go(f"#/catalogue/{kind}/{rows[0]['id']}", words)
            expect(page.locator(".open-row h2")).to_have_text(rows[0]["name"])
        visitor.check()


def test_a_department_is_made_changed_and_deleted(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/catalogue/departments/new")
    panel = page.locator(".open-row")
    panel.get_by_role("button", name="Create").click()
    name = panel.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    visitor.check()
    name.fill("Facilities")
    panel.get_by_role("button", name="Create").click()
    expect(panel.locator("h2")).to_have_text("Facilities")
    expect(page.get_by_role("row").filter(has_text="Facilities")).to_be_visible()
    number = int(page.url.rsplit("/", 1)[1])
    stored = desk.call("GET", f"/api/admin/departments/{number}").json
    assert (stored["name"], stored["autorespond"]) == ("Facilities", True)

    panel.get_by_label("Confirm new tickets").uncheck()
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True).last).to_be_visible()
    assert desk.call("GET", f"/api/admin/departments/{number}").json["autorespond"] is False

    # Leaving with something typed is asked about first.
    panel.get_by_label("Name", exact=True).fill("Facilities and rooms")
    page.get_by_role("link", name="Statuses").click()
    page.get_by_role("button", name="Stay").click()
    expect(panel.get_by_label("Name", exact=True)).to_have_value("Facilities and rooms")
    panel.get_by_label("Name", exact=True).fill("Facilities")

    topic = desk.make_row("topics", name="Chairs", department=number)
    panel.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel.get_by_text("This is in use by")).to_be_visible()
    # Read anew, it says so before anybody presses.
    page.reload()
    expect(panel.get_by_role("link", name="Chairs")).to_be_visible()
    expect(panel.get_by_role("button", name="Delete…")).to_be_disabled()
    visitor.check()
    assert desk.call("DELETE", f"/api/admin/topics/{topic}").status == 200
    page.reload()
    panel.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    visitor.heading("Departments")
    expect(page.get_by_role("row").filter(has_text="Facilities")).to_have_count(0)
    assert desk.call("GET", f"/api/admin/departments/{number}").status == 404


def test_what_uses_a_row_is_said_to_whom_may_not_see_keys(visitor: Visitor, desk: Desk) -> None:
    number = desk.make_row("departments", name="Garden")
    user = desk.make_key("can_read_tickets", name="Secretly named", departments=[number])
    key = desk.make_key("can_manage_directory")["key"]
    page = visitor.sign_in(key, f"#/catalogue/departments/{number}")
    panel = page.locator(".open-row")
    expect(panel.get_by_text(f"Keys: #{user['id']}")).to_be_visible()
    expect(panel.get_by_role("button", name="Delete…")).to_be_disabled()
    visitor.check()


def test_a_topic_with_fields_and_working_hours(
    browser: Browser, cloud: LocalCloud, desk: Desk
) -> None:
    with Visitor(browser, cloud, PHONE, "dark") as visitor:
        page = visitor.sign_in(place="#/catalogue")
        visitor.heading("Catalogue")
        visitor.check()
        page.get_by_role("link", name="Help topics").click()
        visitor.heading("Help topics")
        page.get_by_role("link", name="New help topic").click()
        panel = page.locator(".open-row")
        panel.get_by_label("Name", exact=True).first.fill("Laptops")
        for label in ("Model", "Colour"):
            panel.get_by_role("button", name="Add a field").click()
            fold = panel.locator("details").last
            fold.locator("summary").click()
            fold.get_by_label("Label").fill(label)
            fold.get_by_label("Name").fill(label.lower())
        panel.locator("details").last.get_by_role("button", name="Up").click()
        visitor.check()
        panel.get_by_role("button", name="Create").click()
        expect(panel.locator("h2")).to_have_text("Laptops")
        rows = desk.call("GET", "/api/admin/topics?limit=100").json["items"]
        made = next(row for row in rows if row["name"] == "Laptops")
        fields = sorted(made["fields"], key=lambda field: field["sort"])
        assert [field["name"] for field in fields] == ["colour", "model"]

        visitor.go("#/catalogue/schedules/new", "")
        panel.get_by_label("Name", exact=True).fill("Short days")
        panel.get_by_label("Monday: To").fill("12:30")
        panel.get_by_label("Friday: Closed").check()
        visitor.check()
        panel.get_by_role("button", name="Create").click()
        expect(panel.locator("h2")).to_have_text("Short days")
        rows = desk.call("GET", "/api/admin/schedules?limit=100").json["items"]
        made = next(row for row in rows if row["name"] == "Short days")
        assert made["days"]["0"] == [480, 750]
        assert "4" not in made["days"]


def test_a_template_says_which_values_are_none(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/catalogue/templates/1")
    panel = page.locator(".open-row")
    body = panel.get_by_label("Text (HTML)")
    body.fill("<p>Ticket %{ticket.nmae}: </p>")
    expect(panel.get_by_text("%{ticket.nmae}: no such value")).to_be_visible()
    visitor.check()
    body.fill("<p>Ticket ")
    panel.get_by_text("Values to insert").click()
    panel.get_by_role("button", name="ticket.number", exact=True).click()
    expect(body).to_have_value("<p>Ticket %{ticket.number}")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True).last).to_be_visible()
    assert desk.call("GET", "/api/admin/templates/1").json["body"] == "<p>Ticket %{ticket.number}"

    number = desk.open()
    panel.get_by_label("On ticket").fill(number)
    expect(panel.frame_locator("iframe").get_by_text(f"Ticket {number}")).to_be_visible()
    panel.get_by_label("Send a test to").fill("me@desk.example")
    panel.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("A test goes to me@desk.example.").last).to_be_visible()
    desk.cloud.drain(retry=True)
    (mail,) = desk.call("GET", "/api/admin/mail?to=me@desk.example").json["items"]
    assert mail["state"] == "sent"
    visitor.check()
    panel.get_by_role("button", name="Back to stock text").click()
    page.get_by_role("dialog").get_by_role("button", name="Back to stock text").click()
    expect(body).to_have_value(re.compile("your request has reached us"))


def test_settings_are_saved_one_by_one(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/settings")
    title = page.get_by_label("Name of the desk in mails")
    title.fill("Northwind")
    title.press("Enter")
    expect(page.get_by_role("button", name="Back to stock")).to_be_visible()
    assert desk.call("GET", "/api/admin/settings").json["helpdesk_title"] == "Northwind"
    visitor.check()

    zone = page.get_by_label(re.compile("^Time zone of times"))
    zone.fill("Mars/Olympus")
    zone.blur()
    expect(zone).to_have_attribute("aria-invalid", "true")
    expect(zone).to_have_value("Mars/Olympus")

    page.get_by_role("link", name="Tickets").last.click()
    page.get_by_label("Priority of new tickets").select_option("High")
    visitor.settled()
    assert desk.call("GET", "/api/admin/settings").json["default_priority_id"] == 3

    page.get_by_role("link", name="Who hears of what").click()
    page.get_by_label("A new ticket: Admin address").uncheck()
    visitor.check()
    expect(page.get_by_label("A new ticket: Admin address")).not_to_be_checked()
    assert desk.call("GET", "/api/admin/settings").json["ticket_alert_admin"] is False

    page.get_by_role("link", name="Ban list").click()
    bans = page.locator("textarea")
    bans.fill("spam@spam.example\n*@bad.example")
    page.get_by_role("button", name="Save").click()
    visitor.settled()
    stored = desk.call("GET", "/api/admin/settings").json["ban_list"]
    assert stored == ["spam@spam.example", "*@bad.example"]


def test_two_admins_change_one_row(browser: Browser, cloud: LocalCloud, desk: Desk) -> None:
    number = desk.make_row("teams", name="Night shift")
    with Visitor(browser, cloud) as visitor:
        page = visitor.sign_in(place=f"#/catalogue/teams/{number}")
        panel = page.locator(".open-row")
        panel.get_by_label("Name", exact=True).fill("Late shift")
        desk.set(f"teams/{number}", active=False)
        panel.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.", exact=True).last).to_be_visible()
        stored = desk.call("GET", f"/api/admin/teams/{number}").json
        assert (stored["name"], stored["active"]) == ("Late shift", False)
