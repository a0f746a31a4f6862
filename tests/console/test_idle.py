"""How long the console stays open: idle minutes, hours in all, and who may go on afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from local.testing import KEY
from tests.console.visitor import Visitor
from tests.http.desk import Desk

STORED = "sessionStorage.length"


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A new key half made, on a page whose clock is in the hands of the test."""
    visitor.page.clock.install()
    page = visitor.sign_in(place="#/keys/new")
    page.get_by_label("Name", exact=True).fill("Half typed")
    return page


def pass_time(page: Page, minutes: int) -> None:
    """Minutes in which nobody touches anything; what is due then is done."""
    page.clock.fast_forward(minutes * 60_000)
    page.clock.run_for(6_000)


def still_there(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has_text="Still there?")


def ended(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has_text="This key no longer works here.")


def go_on_with(page: Page, key: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Key", exact=True).fill(key)
    dialog.get_by_role("button", name="Go on").click()


def test_two_minutes_before_the_end_it_asks(visitor: Visitor, page: Page) -> None:
    pass_time(page, 27)
    expect(page.get_by_role("dialog")).to_have_count(0)
    pass_time(page, 1)
    expect(still_there(page)).to_be_visible()
    visitor.check()
    # Moving the mouse below the question does not answer it.
    page.mouse.move(100, 100)
    expect(still_there(page)).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    pass_time(page, 27)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Shift")
    pass_time(page, 27)
    expect(page.get_by_role("dialog")).to_have_count(0)
    pass_time(page, 1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")


def test_after_30_minutes_the_same_key_goes_on_where_one_was(
    visitor: Visitor, page: Page, desk: Desk
) -> None:
    pass_time(page, 28)
    pass_time(page, 2)
    expect(ended(page)).to_be_visible()
    expect(still_there(page)).to_have_count(0)
    visitor.check()
    assert page.evaluate(STORED) == 0
    page.keyboard.press("Escape")
    expect(ended(page)).to_be_visible()
    # Hidden and shown again, as by another tab, it keeps nothing.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate(STORED) == 0

    go_on_with(page, "0" * 64)
    expect(page.get_by_text("This key opens nothing here.")).to_be_visible()
    go_on_with(page, KEY)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")
    page.locator("button:visible", has_text="Create key").click()
    visitor.heading("Half typed is ready")


def test_another_key_starts_afresh(visitor: Visitor, page: Page, desk: Desk) -> None:
    other = desk.make_key("can_manage_keys", name="Another admin")["key"]
    pass_time(page, 31)
    expect(ended(page)).to_be_visible()
    go_on_with(page, other)
    expect(page.get_by_text("Another admin").first).to_be_visible()
    visitor.heading("New key")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_machine_that_slept_does_not_wake_up_signed_in(visitor: Visitor, page: Page) -> None:
    """No timer ran meanwhile, and the mouse is moved before the first one does."""
    page.clock.set_system_time(page.evaluate("Date.now()") + 31 * 60_000)
    page.mouse.move(200, 200)
    expect(ended(page)).to_be_visible()
    assert page.evaluate(STORED) == 0
    page.reload()
    visitor.heading("Sign in")


def test_twelve_hours_end_it_whatever_happens(visitor: Visitor, page: Page) -> None:
    for _ in range(12 * 3 - 1):
        pass_time(page, 20)
        page.keyboard.press("Shift")
    expect(page.get_by_role("dialog")).to_have_count(0)
    pass_time(page, 20)
    expect(ended(page)).to_be_visible()
    assert page.evaluate(STORED) == 0


def test_signing_out_asks_first_and_keeps_nothing(visitor: Visitor, page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Leave").click()
    visitor.heading("Sign in")
    assert page.evaluate(STORED) == 0
