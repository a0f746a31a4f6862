"""Tickets in the console: hostile ones, too."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from local.cloud import LocalCloud
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

SUBJECT = "<script>alert(1)</script> \u202egpj.exe"
SHOWN = "<script>alert(1)</script> [U+202E]gpj.exe"
NAME = "<b>Ann</b> Lee"
HTML = (
    "<p>It <b>burns</b>.</p><script>parent.document.title='got you'</script>"
    "<img src='https://elsewhere.example/x.png' onerror='alert(1)'>"
    "<p style='position:fixed'>Over all</p><a href='https://elsewhere.example/'>here</a>"
    "<iframe src='https://elsewhere.example/'></iframe>"
)


def opened(desk: Desk) -> str:
    return desk.open(
        name=NAME,
        subject=SUBJECT,
        message=f"data:text/html,{HTML}",
        attachments=[{"<i>x</i>.txt": "data:text/plain;base64,cHVmZg=="}],
    )


def test_a_hostile_ticket_is_text_and_is_answered(visitor: Visitor, desk: Desk) -> None:
    desk.make_row("agents", name="Zoe", email="zoe@desk.example", username="zoe")
    number = opened(desk)
    desk.cloud.drain(retry=True)
    page = visitor.sign_in(place="#/tickets")
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text(SHOWN)
    expect(row).to_contain_text(NAME)
    visitor.check()
    row.get_by_role("link").click()
    visitor.heading(SHOWN)
    frame = page.frame_locator("iframe").first
    expect(frame.locator("b")).to_have_text("burns")
    expect(frame.locator("script, img, iframe")).to_have_count(0)
    expect(frame.locator("a")).to_have_attribute("rel", "noreferrer noopener")
    expect(page.get_by_text("One picture from elsewhere is left out.")).to_be_visible()
    expect(page).to_have_title(re.compile("^" + re.escape(SHOWN)))
    visitor.check()

    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("We are on our way.")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("Sent to jane@customer.example.").last).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")
    page.get_by_role("tab", name="Note").click()
    page.get_by_label("Text", exact=True).fill("He is right.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Only staff see this")).to_be_visible()

    page.get_by_label("Assigned to").select_option("Zoe")
    visitor.settled()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    shown = desk.call("GET", f"/api/admin/tickets/{number}").json
    assert shown["agent"]["name"] == "Zoe"
    assert shown["status"]["state"] == "closed"
    assert [entry["kind"] for entry in shown["thread"]] == ["message", "response", "note"]
    page.get_by_text("What happened").click()
    visitor.check()


def test_a_list_that_is_filtered_and_a_ticket_on_a_phone(
    browser: Browser, cloud: LocalCloud, desk: Desk
) -> None:
    number = opened(desk)
    desk.open(subject="W" * 128)
    desk.cloud.drain(retry=True)
    with Visitor(browser, cloud, PHONE, "dark") as visitor:
        page = visitor.sign_in(place="#/tickets?state=all")
        visitor.check()
        page.get_by_label("Number, words or address").fill(number)
        expect(page.get_by_role("row")).to_have_count(2)  # with the heads
        page.reload()
        expect(page.get_by_label("Number, words or address")).to_have_value(number)
        expect(page.get_by_role("row")).to_have_count(2)
        page.get_by_role("row").get_by_role("link").click()
        visitor.heading(SHOWN)
        visitor.check()
        page.get_by_role("button", name=f"More for {number}").click()
        page.get_by_role("menuitem", name="Delete…").click()
        page.get_by_label("Type its number to go on").fill(number)
        page.get_by_role("button", name="Delete ticket").click()
        visitor.heading("Tickets")
        assert desk.call("GET", f"/api/admin/tickets/{number}").status == 404


def test_from_one_ticket_to_the_next_and_back_to_the_same_list(
    visitor: Visitor, desk: Desk
) -> None:
    numbers = [desk.open(subject="Stairs", email="steps@customer.example") for _ in range(3)]
    page = visitor.sign_in(place="#/tickets?q=steps@customer.example")
    expect(page.get_by_role("row")).to_have_count(4)  # with the heads
    shown = [row.inner_text() for row in page.locator("tbody .num").all()]
    assert {text.strip("#") for text in shown} == set(numbers)

    def stands_at(position: int) -> None:
        expect(page.get_by_text(shown[position], exact=True)).to_be_visible()

    page.locator("tbody a").first.click()
    visitor.heading("Stairs")
    stands_at(0)
    expect(page.get_by_role("link", name="Former")).to_have_count(0)
    visitor.check()
    page.get_by_role("link", name="Next").click()
    stands_at(1)
    page.locator("body").press("]")
    stands_at(2)
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    page.locator("body").press("[")
    stands_at(1)
    page.locator("body").press("u")
    visitor.heading("Tickets")
    visitor.at("#/tickets?q=steps%40customer.example")


def test_a_key_that_may_read_alone_gets_no_box(
    browser: Browser, cloud: LocalCloud, desk: Desk
) -> None:
    number = opened(desk)
    key = desk.make_key("can_read_tickets")["key"]
    with Visitor(browser, cloud, LAPTOP) as visitor:
        page = visitor.sign_in(key, f"#/tickets/{number}")
        visitor.heading(SHOWN)
        expect(page.locator("iframe")).to_have_count(1)
        expect(page.locator("textarea, select")).to_have_count(0)
        expect(page.get_by_role("button", name="Close")).to_have_count(0)
        expect(page.get_by_role("link", name="Keys")).to_have_count(0)
        visitor.go("#/keys", "Keys")
        expect(page.get_by_text("This needs a key with can_manage_keys.")).to_be_visible()
        visitor.check()
