"""Mail, History and Start in the console."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from local.cloud import LocalCloud
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

RAW = b"""From: Spam <spam@spam.example>\r
To: support@desk.example\r
Subject: Cheap <b>pills</b>\r
MIME-Version: 1.0\r
Content-Type: text/html\r
\r
<p>Buy <b>now</b><script>alert(1)</script><img src=https://spam.example/x.png></p>\r
"""

screens = pytest.mark.parametrize(("width", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])


def hold_a_mail(desk: Desk) -> None:
    desk.set("settings", ban_list=["spam@spam.example"])
    desk.cloud.smtp.bring(RAW, "spam@spam.example", ["support@desk.example"])
    desk.cloud.drain(retry=True)


@screens
def test_a_held_mail_is_read_and_taken_in(
    browser: Browser, cloud: LocalCloud, desk: Desk, width: int, scheme: str
) -> None:
    hold_a_mail(desk)
    with Visitor(browser, cloud, width, scheme) as visitor:
        page = visitor.sign_in(place="#/start")
        expect(page.get_by_text("mail is held: it became no ticket.")).to_be_visible()
        visitor.check()
        page.get_by_role("link", name="1 mail is held").click()
        visitor.heading("Mail: held")
        visitor.check()
        page.get_by_role("row").get_by_role("link", name="Cheap <b>pills</b>").click()
        panel = page.locator(".open-row")
        expect(panel.get_by_text("The sender is on the ban list, or unknown.")).to_be_visible()
        frame = panel.frame_locator("iframe")
        expect(frame.locator("b")).to_have_text("now")
        expect(frame.locator("script")).to_have_count(0)
        expect(panel.locator("iframe")).to_have_attribute("sandbox", "")
        visitor.check()
        panel.get_by_role("button", name="Take it in").click()
        panel.get_by_role("link", name="Open the ticket").click()
        visitor.heading("Cheap <b>pills</b>")
    assert desk.call("GET", "/api/admin/held-mail").json["items"] == []


def test_sent_mail_suppressed_addresses_and_queues(visitor: Visitor, desk: Desk) -> None:
    assert desk.call("POST", "/api/admin/suppressed", {"address": "gone@x.example"}).status == 201
    number = desk.open(email="gone@x.example", subject="To nobody")
    desk.open()
    desk.cloud.drain(retry=True)
    page = visitor.sign_in(place="#/mail/sent?state=refused")
    expect(page.get_by_role("row").filter(has_text="gone@x.example")).to_be_visible()
    visitor.check()
    page.get_by_role("row").filter(has_text="gone@x.example").get_by_role("link").first.click()
    panel = page.locator(".open-row")
    expect(panel.get_by_text("This address bounced or complained before.")).to_be_visible()
    visitor.check()

    visitor.go("#/mail/suppressed", "Mail: suppressed")
    page.get_by_role("button", name="Let mail through again: gone@x.example").click()
    expect(page.get_by_text("Mail to gone@x.example goes out again.").last).to_be_visible()
    assert desk.call("GET", "/api/admin/suppressed").json["items"] == []
    visitor.check()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row").filter(has_text="gone@x.example")).to_be_visible()
    page.get_by_role("button", name="Let mail through again: gone@x.example").click()
    visitor.settled()

    visitor.go("#/mail/sent?state=refused", "Mail: sent")
    page.get_by_role("row").filter(has_text="gone@x.example").get_by_role("link").first.click()
    panel.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It goes out again.").last).to_be_visible()
    visitor.settled()
    desk.cloud.drain(retry=True)
    sent = desk.call("GET", f"/api/admin/mail?ticket={number}&to=gone@x.example").json["items"]
    assert "sent" in {mail["state"] for mail in sent}

    visitor.go("#/mail/queues", "Mail: queues")
    expect(page.get_by_role("heading", name="Failed calls")).to_be_visible()
    visitor.check()


def test_history_says_what_was_before(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_create_tickets", name="Zabbix")
    desk.set(f"keys/{made['id']}", networks=["10.0.0.0/8"])
    desk.set("settings", helpdesk_title="Northwind")
    page = visitor.sign_in(place="#/history")
    entry = page.get_by_role("listitem").filter(has_text="helpdesk title")
    expect(entry).to_contain_text("Support → Northwind")
    visitor.check()
    page.get_by_label("Of").select_option("Keys")
    expect(page.get_by_role("listitem").filter(has_text="10.0.0.0/8")).to_be_visible()
    page.get_by_role("link", name="Zabbix").first.click()
    visitor.heading("Zabbix")
    expect(page.get_by_role("listitem").filter(has_text="10.0.0.0/8")).to_be_visible()
    visitor.check()
    assert made["key"] not in page.content()


def test_a_virus_is_never_taken_in(visitor: Visitor, desk: Desk) -> None:
    desk.cloud.smtp.verdicts.virus = "FAIL"
    mail = b"From: eve@evil.example\r\nTo: support@desk.example\r\nSubject: Invoice\r\n\r\nPay.\r\n"
    desk.cloud.smtp.bring(mail, "eve@evil.example", ["support@desk.example"])
    desk.cloud.drain(retry=True)
    desk.cloud.smtp.verdicts.virus = "PASS"
    page = visitor.sign_in(place="#/mail/held")
    page.get_by_role("link", name="Invoice").click()
    panel = page.locator(".open-row")
    expect(panel.get_by_text("A virus was found.")).to_be_visible()
    expect(panel.get_by_role("button", name="Download as it came")).to_be_visible()
    expect(panel.get_by_role("button", name="Take it in")).to_have_count(0)
    visitor.check()
    # The number beside Mail follows what the list says.
    beside = page.get_by_role("navigation", name="Places").first.get_by_role("link", name="Mail")
    expect(beside).to_have_accessible_name("Mail 1 to look at")
    panel.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete mail").click()
    expect(page.get_by_text("No mail is held.")).to_be_visible()
    expect(beside).to_have_accessible_name("Mail")


def test_an_address_that_bounced_is_let_through(visitor: Visitor, desk: Desk) -> None:
    gone = "bounce@simulator.amazonses.com"
    desk.open(email=gone)
    desk.cloud.drain(retry=True)
    page = visitor.sign_in(place="#/mail/suppressed")
    row = page.get_by_role("row").filter(has_text=gone)
    expect(row).to_contain_text("Bounced")
    page.get_by_role("button", name=f"Let mail through again: {gone}").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert desk.call("GET", f"/api/admin/suppressed?q={gone}").json["items"] != []
