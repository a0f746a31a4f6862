"""A desk is given its own rows and words, and the next mail has them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk

MAIL = (
    b"From: Ann Lee <ann@customer.example>\r\nTo: support@desk.example\r\n"
    b"Subject: The lift is stuck\r\nMessage-ID: <%d@customer.example>\r\n\r\nPlease come.\r\n"
)


def write(desk: Desk, number: int) -> None:
    """A mail comes in, and what follows from it is done."""
    desk.cloud.smtp.bring(MAIL % number, "ann@customer.example", ["support@desk.example"])
    desk.cloud.drain(retry=True)


def test_a_mail_goes_to_the_department_of_its_topic(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/catalogue/departments/new")
    panel = page.locator(".open-row")
    panel.get_by_label("Name", exact=True).fill("Facilities")
    panel.get_by_role("button", name="Create").click()
    expect(panel.locator("h2")).to_have_text("Facilities")
    visitor.go("#/catalogue/topics/new", "Help topics")
    panel.get_by_label("Name", exact=True).first.fill("Lifts")
    panel.get_by_label("Department", exact=True).select_option("Facilities")
    panel.get_by_role("button", name="Create").click()
    expect(panel.locator("h2")).to_have_text("Lifts")

    visitor.go("#/settings/tickets", "Settings")
    page.get_by_label(re.compile("^Topic of new tickets")).select_option("Lifts")
    visitor.settled()
    write(desk, 1)
    visitor.go("#/tickets", "Tickets")
    row = page.get_by_role("row").filter(has_text="The lift is stuck")
    expect(row).to_contain_text("Facilities")
    row.get_by_role("link").click()
    visitor.heading("The lift is stuck")
    expect(page.locator("aside")).to_contain_text("Lifts")
    expect(page.get_by_label("Department", exact=True)).to_have_value(re.compile(r"\d+"))


def test_the_next_mail_has_the_words_of_its_template(visitor: Visitor, desk: Desk) -> None:
    number = desk.open(name="Ann Lee", email="ann@customer.example")
    templates = desk.call("GET", "/api/admin/templates?limit=100").json["items"]
    confirmation = next(one for one in templates if one["name"] == "ticket.autoresp")
    page = visitor.sign_in(place=f"#/catalogue/templates/{confirmation['id']}")
    panel = page.locator(".open-row")
    subject = panel.get_by_label("Subject")
    stock = subject.input_value()
    body = panel.get_by_label("Text (HTML)")
    body.fill("<p>Someone is on the way, %{ticket.nmae}.</p>")
    expect(panel.get_by_text("%{ticket.nmae}: no such value")).to_be_visible()
    panel.get_by_label("On ticket").fill(number)
    frame = panel.frame_locator("iframe")
    expect(frame.get_by_text("Someone is on the way, %{ticket.nmae}.")).to_be_visible()
    body.fill("<p>Someone is on the way, %{ticket.name}.</p>")
    expect(frame.get_by_text("Someone is on the way, Ann Lee.")).to_be_visible()
    expect(panel.get_by_text("no such value")).to_have_count(0)
    subject.fill("Help for %{ticket.number}")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True).last).to_be_visible()
    visitor.check()

    before = len(desk.cloud.mailbox.mails())
    write(desk, 2)
    told = [mail for mail in desk.cloud.mailbox.mails()[before:] if "ann@" in mail.to]
    assert [mail for mail in told if "Someone is on the way, Ann Lee." in str(mail)] == told != []
    visitor.go("#/mail/sent", "Mail: sent")
    page.get_by_role("row").filter(has_text="Help for").get_by_role("link").first.click()
    expect(panel.frame_locator("iframe").get_by_text("Someone is on the way")).to_be_visible()

    visitor.go(f"#/catalogue/templates/{confirmation['id']}", "Mail templates")
    panel.get_by_role("button", name="Back to stock text").click()
    page.get_by_role("dialog").get_by_role("button", name="Back to stock text").click()
    expect(subject).to_have_value(stock)
