"""What is done to a ticket from its menu, and on paper."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from local.cloud import LocalCloud
from tests.console.visitor import PHONE, Visitor
from tests.http.desk import Desk, Item


def shown(desk: Desk, number: str) -> Item:
    told: Item = desk.call("GET", f"/api/admin/tickets/{number}").json
    return told


def choose(page: Page, number: str, entry: str) -> None:
    page.get_by_role("button", name=f"More for {number}").click()
    page.get_by_role("menuitem", name=entry).click()


def test_a_ticket_is_moved_linked_and_merged(visitor: Visitor, desk: Desk) -> None:
    repairs = desk.make_row("departments", name="Repairs")
    one, other = desk.open(subject="Lamp"), desk.open(subject="Bulb", message="It is dark.")
    desk.cloud.drain(retry=True)
    page = visitor.sign_in(place=f"#/tickets/{one}")
    visitor.heading("Lamp")
    dialog = page.get_by_role("dialog")

    choose(page, one, "Move…")
    expect(dialog.get_by_label("Department")).to_be_focused()
    visitor.check()
    dialog.get_by_label("Department").select_option("Repairs")
    dialog.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Moved to Repairs.").last).to_be_visible()
    assert shown(desk, one)["department"]["id"] == repairs
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("aside").get_by_label("Department")).not_to_have_value(str(repairs))
    assert shown(desk, one)["department"]["id"] != repairs

    choose(page, one, "Link…")
    number = dialog.get_by_label("Number of the other ticket")
    number.fill("999999")
    expect(dialog.get_by_text("No such ticket.")).to_be_visible()
    dialog.get_by_role("button", name="Link").click()
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("999999")
    visitor.check()
    number.fill(f"#{other}")
    expect(dialog.get_by_text("Bulb · ")).to_be_visible()
    dialog.get_by_label("Its parent").check()
    dialog.get_by_role("button", name="Link").click()
    link = page.locator("aside").get_by_role("link", name="Bulb")
    expect(link).to_be_visible()
    assert [(to["kind"], to["number"]) for to in shown(desk, one)["links"]] == [("parent", other)]
    visitor.check()
    page.get_by_role("button", name=f"Remove the link with {other}").click()
    expect(link).to_have_count(0)
    assert shown(desk, one)["links"] == []
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()

    choose(page, one, "Merge…")
    visitor.check()
    number.fill(one)
    dialog.get_by_role("button", name="Merge").click()
    expect(dialog.get_by_text("A ticket cannot be merged into itself")).to_be_visible()
    number.fill(other)
    dialog.get_by_role("button", name="Merge").click()
    visitor.heading("Bulb")
    expect(page.get_by_text(f"Merged into {other}").last).to_be_visible()
    desk.cloud.drain(retry=True)
    assert shown(desk, one)["status"]["state"] == "closed"
    assert len(shown(desk, other)["thread"]) == 2


def test_who_may_only_read_has_only_what_reads(visitor: Visitor, desk: Desk) -> None:
    number = desk.open(subject="Door")
    key = desk.make_key("can_read_tickets")["key"]
    page = visitor.sign_in(key, f"#/tickets/{number}")
    visitor.heading("Door")
    page.get_by_role("button", name=f"More for {number}").click()
    expect(page.get_by_role("menuitem")).to_have_text(["Copy the link", "Print"])


def test_the_whole_conversation_is_printed(browser: Browser, cloud: LocalCloud, desk: Desk) -> None:
    number = desk.open(subject="Window", message="The first word.")
    for count in range(11):
        note = {"text": f"Note {count}."}
        assert desk.call("POST", f"/api/admin/tickets/{number}/notes", note).status == 201
    with Visitor(browser, cloud, PHONE, "dark") as visitor:
        visitor.page.add_init_script("window.print = () => { document.body.dataset.printed = ''; }")
        page = visitor.sign_in(place=f"#/tickets/{number}")
        visitor.heading("Window")
        visitor.settled()
        expect(page.locator("iframe")).to_have_count(10)
        choose(page, number, "Print")
        expect(page.locator("body")).to_have_attribute("data-printed", "")
        expect(page.locator("iframe")).to_have_count(12)
        first = page.frame_locator("iframe").first
        expect(first.get_by_text("The first word.")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", name="Window")).to_be_visible()
        expect(page.get_by_role("button")).to_have_count(0)
        expect(page.get_by_role("navigation")).to_have_count(0)
        expect(page.get_by_role("definition").first).to_be_visible()  # the facts
        colours = page.evaluate("getComputedStyle(document.documentElement).color")
        assert colours == "rgb(0, 0, 0)"
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(page.locator("iframe")).to_have_count(10)
