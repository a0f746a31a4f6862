"""Start: what is to be set up, what wants somebody, and the numbers that stand beside places."""

from __future__ import annotations

import json

from playwright.sync_api import Route, expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk


def test_a_new_desk_is_set_up(visitor: Visitor, desk: Desk) -> None:
    desk.set("settings", helpdesk_title="Northwind")
    page = visitor.sign_in(place="#/start")
    expect(page.get_by_text("Nothing needs you today.")).to_be_visible()
    visitor.settled()
    steps = {step["id"]: step for step in desk.call("GET", "/api/admin/setup").json["items"]}
    done = sum(step["state"] == "done" for step in steps.values())
    fold = page.get_by_text(f"{done} of {len(steps)} done")
    fold.click()
    expect(page.get_by_text("The desk is called Northwind")).to_be_visible()
    visitor.check()

    step = page.get_by_role("listitem").filter(has_text="Mail comes in (MX)")
    (record,) = steps["mx"]["records"]
    step.get_by_text("1 record for DNS").click()
    step.get_by_role("button", name=f"Copy the value: {record['value']}").click()
    expect(page.get_by_text("Copied.").last).to_be_visible()
    assert visitor.clipboard() == record["value"]
    visitor.check()

    page.get_by_role("button", name="It is done: SPF and DMARC").click()
    expect(page.get_by_text(f"{done + 1} of {len(steps)} done")).to_be_visible()
    page.get_by_role("button", name="Do not ask again: Alarms reach somebody").click()
    expect(page.get_by_role("button", name="Do not ask again: Alarms")).to_have_count(0)
    expect(page.get_by_text("Not wanted")).to_be_visible()
    page.get_by_role("button", name="Ask again: Alarms reach somebody").click()
    expect(page.get_by_text("Not wanted")).to_have_count(0)
    page.get_by_role("button", name="Do not ask again: Alarms reach somebody").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Do not ask again: Alarms")).to_be_visible()
    page.get_by_role("button", name="Do not ask again: Alarms reach somebody").click()
    expect(page.get_by_text("Not wanted")).to_be_visible()

    test = page.get_by_role("listitem").filter(has_text="Mail goes out")
    test.get_by_label("Send a test to").fill("nobody")
    test.get_by_role("button", name="Send a test").click()
    expect(test.locator(".wrong")).to_be_visible()
    expect(test.get_by_label("Send a test to")).to_have_value("nobody")
    test.get_by_label("Send a test to").fill("me@desk.example")
    test.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test goes to me@desk.example.").last).to_be_visible()
    desk.cloud.drain(retry=True)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text(f"{done + 2} of {len(steps)} done")).to_be_visible()
    found = {step["id"]: step for step in desk.call("GET", "/api/admin/setup").json["items"]}
    assert found["alarms"]["dismissed"]
    assert (found["spf_dmarc"]["state"], found["mail_out"]["state"]) == ("done", "done")


def test_a_key_of_one_department_sets_nothing_up(visitor: Visitor, desk: Desk) -> None:
    key = desk.make_key("can_manage_desk", departments=[1])["key"]
    page = visitor.sign_in(key, "#/start")
    expect(page.get_by_text("Nothing needs you today.")).to_be_visible()
    expect(page.get_by_role("heading", name="Set up")).to_have_count(0)
    assert not [asked.url for asked in visitor.asked if asked.url.endswith("/setup")]


def test_numbers_stand_beside_places_and_another_version_is_told(
    visitor: Visitor, desk: Desk
) -> None:
    """What the desk counts is put into its answer: it keeps its own for half a minute."""
    matters = [
        {"what": "held_mail", "count": 100, "place": "#/mail/held"},
        {"what": "dead_letters", "count": 2, "place": "#/mail/queues"},
        {"what": "keys_ending", "count": 1, "place": "#/keys?show=ending"},
        {"what": "new_word", "count": 3, "place": "#/keys"},
    ]

    def attention(route: Route) -> None:
        route.fulfill(json={"items": matters, "next": None})

    def another(route: Route) -> None:
        told = json.loads(route.fetch().text())
        told["desk"]["version"] = "99.0.0"
        route.fulfill(json=told)

    visitor.page.route("**/api/admin/attention", attention)
    visitor.page.clock.install()
    page = visitor.sign_in(place="#/keys")
    places = page.get_by_role("navigation", name="Places").first
    expect(places.get_by_role("link", name="Start 4 to look at")).to_be_visible()
    expect(places.get_by_role("link", name="Mail 102 to look at")).to_be_visible()
    expect(places.get_by_role("link", name="Keys", exact=True)).to_be_visible()
    visitor.go("#/start", "Start")
    expect(page.get_by_text("100 or more mails are held")).to_be_visible()
    expect(page.get_by_role("link", name="new word: 3")).to_be_visible()
    expect(page.get_by_text("The console has been updated.")).to_have_count(0)

    page.route("**/api/admin/me", another)
    page.clock.fast_forward("01:00")
    visitor.go("#/keys", "Keys")
    expect(page.get_by_text("The console has been updated.")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Reload").click()
    visitor.heading("Keys")
    visitor.settled()
    expect(page.get_by_text("The console has been updated.")).to_have_count(0)
