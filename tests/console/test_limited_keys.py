"""The console for an admin whose own key has bounds: what it cannot give, and cannot see."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk

LACKING = "can_delete_tickets"
LACKS = "Your key lacks this, so it cannot give it."
CREATE = "button:visible >> text=/^Create key$/"

SUPPORT = 1
"""The id of the department that the key is limited to."""


@pytest.fixture(scope="module")
def own(desk: Desk) -> str:
    """A key of one department that may do all but delete tickets."""
    schema = desk.call("GET", "/api/admin/schema").json
    every = [one["name"] for one in schema["permissions"] if one["name"] != LACKING]
    made: str = desk.make_key(*every, name="One department", departments=[SUPPORT])["key"]
    return made


@pytest.fixture
def page(visitor: Visitor, own: str) -> Page:
    """A new key, about to be made by it."""
    return visitor.sign_in(own, "#/keys/new?for=nothing")


def stored(desk: Desk, name: str) -> list[dict[str, object]]:
    keys = desk.call("GET", "/api/admin/keys?limit=100").json["items"]
    return [key for key in keys if key["name"] == name]


def test_what_ones_own_key_lacks_cannot_be_ticked(visitor: Visitor, page: Page, desk: Desk) -> None:
    box = page.get_by_label("Delete tickets")
    expect(box).to_be_disabled()
    expect(box).to_have_accessible_description(re.compile(re.escape(LACKS)))
    for other in ("Read tickets", "Manage keys", "Keep the catalogue"):
        expect(page.get_by_label(other)).to_be_enabled()
    visitor.check()
    # Cards tick nothing beyond it either.
    page.get_by_text("Notific status client").click()
    expect(page.get_by_label("Read tickets")).to_be_checked()
    expect(box).not_to_be_checked()

    page.get_by_label("Name", exact=True).fill("Within")
    page.locator(CREATE).click()
    visitor.heading("Within is ready")
    (made,) = stored(desk, "Within")
    assert made["departments"] == [SUPPORT]
    page.get_by_role("button", name="Copy secret").click()


def test_a_forged_request_is_refused_at_the_permissions(
    visitor: Visitor, page: Page, desk: Desk
) -> None:
    page.get_by_label("Name", exact=True).fill("Forged")
    box = page.get_by_label("Delete tickets")
    box.evaluate("box => { box.disabled = false }")
    box.check()
    page.get_by_label("Read tickets").check()
    page.locator(CREATE).click()
    permissions = page.locator("details").filter(has=page.get_by_text("What it may do"))
    wrong = permissions.locator(".wrong")
    expect(wrong).to_contain_text(f"Your key lacks {LACKING}")
    expect(permissions).to_have_attribute("open", "")
    expect(box).not_to_be_checked()
    expect(page.get_by_label("Read tickets")).to_be_checked()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Forged")
    visitor.check()
    assert stored(desk, "Forged") == []
    page.locator(CREATE).click()
    visitor.heading("Forged is ready")
    page.get_by_role("button", name="Copy secret").click()


def test_departments_beyond_ones_own_are_refused_at_their_field(
    visitor: Visitor, page: Page, desk: Desk
) -> None:
    page.get_by_label("Name", exact=True).fill("Everywhere")
    page.get_by_text("Narrower still").click()
    page.get_by_role("checkbox", name="Support").uncheck()
    page.locator(CREATE).click()
    expect(page.locator(".wrong")).to_contain_text("Your key is limited in its departments")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Everywhere")
    visitor.check()
    assert stored(desk, "Everywhere") == []


def test_a_key_that_cannot_read_departments_gives_its_own(visitor: Visitor, desk: Desk) -> None:
    key = desk.make_key("can_manage_keys", "can_create_tickets", departments=[SUPPORT])["key"]
    page = visitor.sign_in(key, "#/keys/new")
    page.get_by_label("Name", exact=True).fill("Nameless")
    page.get_by_text("Narrower still").click()
    page.get_by_role("checkbox", name=f"#{SUPPORT}").uncheck()
    page.locator(CREATE).click()
    expect(page.locator(".wrong")).to_contain_text("Your key is limited in its departments")
    page.get_by_role("checkbox", name=f"#{SUPPORT}").check()
    page.locator(CREATE).click()
    visitor.heading("Nameless is ready")
    page.get_by_role("button", name="Copy secret").click()


PLACES = {
    "#/keys": ("Keys", "can_manage_keys"),
    "#/keys/1": ("Keys", "can_manage_keys"),
    "#/keys/new": ("Keys", "can_manage_keys"),
    "#/tickets": ("Tickets", "can_read_tickets"),
    "#/tickets/numbers": ("Tickets", "can_read_stats"),
    "#/mail/sent": ("Mail: sent", "can_manage_desk"),
    "#/mail/suppressed": ("Mail: suppressed", "can_manage_desk"),
    "#/mail/queues": ("Mail: queues", "can_manage_desk"),
    "#/settings": ("Settings", "can_manage_desk"),
}
"""Heading of each place, and a permission that it needs: to a key of the catalogue alone."""


def test_places_that_the_key_may_not_see_say_why(visitor: Visitor, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory")["key"]
    page = visitor.sign_in(key, "#/start")
    doors = page.get_by_role("navigation", name="Places").first.get_by_role("link")
    expect(doors).to_have_text(["Start", "Mail", "Catalogue", "History"])
    for place, (heading, needs) in PLACES.items():
        visitor.go(place, heading)
        expect(page.locator("main")).to_contain_text("This needs a key with")
        expect(page.locator("main")).to_contain_text(needs)
        visitor.check()
    refused = [asked.url for asked in visitor.asked if "/keys" in asked.url]
    assert refused == []


def test_a_place_that_the_desk_closes_to_the_bounds_of_a_key_says_so(
    visitor: Visitor, own: str
) -> None:
    """No queue belongs to a department: the desk refuses in its own words."""
    page = visitor.sign_in(own, "#/mail/queues")
    visitor.heading("Mail: queues")
    expect(page.locator("main .note.bad")).to_be_visible()
    visitor.check()
