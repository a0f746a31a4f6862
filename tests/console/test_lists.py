"""Lists that are longer than a page, and what has changed meanwhile."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk

KEYS = 105


def test_the_desk_finds_keys_and_not_the_page(visitor: Visitor, desk: Desk) -> None:
    for number in range(KEYS):
        desk.make_key("can_create_tickets", name=f"Form {number}")
    desk.make_key("can_read_tickets", name="Off", active=False)
    page = visitor.sign_in(place="#/keys")
    rows = page.locator("tbody tr[data-row]")
    expect(rows).to_have_count(50)
    expect(page.get_by_text("50 of many keys")).to_be_visible()
    expect(rows.nth(1)).to_contain_text(f"Form {KEYS - 1}")
    # The first key can make others from anywhere: that is known without reading all of them.
    expect(page.get_by_text("1 key needs attention.")).to_be_visible()
    page.get_by_role("button", name="Show 50 more").click()
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show 50 more").click()
    expect(page.get_by_text(f"{KEYS + 2} keys")).to_be_visible()

    page.get_by_label("Name or start of a secret").fill("form 3")
    expect(page.get_by_text("11 keys")).to_be_visible()
    page.get_by_text("Off", exact=True).first.click()
    expect(page.get_by_text("No key is called “form 3”.")).to_be_visible()
    page.get_by_label("Name or start of a secret").fill("")
    expect(page.get_by_text("1 key", exact=True)).to_be_visible()
    visitor.check()
    asked = [parse_qs(urlsplit(one.url).query) for one in visitor.asked if "/keys?" in one.url]
    assert asked[-1] == {"state": ["stopped"], "order": ["newest"], "limit": ["50"]}
    assert {"q": ["form 3"], "order": ["newest"], "limit": ["50"]} in asked


def test_new_tickets_wait_until_somebody_wants_to_see_them(visitor: Visitor, desk: Desk) -> None:
    desk.open(subject="Before")
    desk.cloud.drain(retry=True)
    visitor.page.clock.install()
    page = visitor.sign_in(place="#/tickets")
    rows = page.locator("tbody tr[data-row]")
    expect(rows).to_have_count(1)
    for subject in ("First", "Second"):
        desk.open(subject=subject)
    desk.cloud.drain(retry=True)
    page.clock.fast_forward("01:05")
    new = page.get_by_role("button", name="2 new. Show them")
    before = rows.first.bounding_box()
    expect(new).to_be_visible()
    assert rows.first.bounding_box() == before
    expect(rows).to_have_count(1)
    visitor.check()
    new.click()
    expect(rows).to_have_count(3)
    expect(new).to_have_count(0)
