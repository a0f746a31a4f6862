"""A slow network, and none: nothing is sent twice, nothing typed is lost."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.visitor import Visitor
from tests.http.desk import Desk

pytestmark = pytest.mark.exhaustive

DELAY_SECONDS = 0.4


def slow(page: Page) -> None:
    def later(route: Route) -> None:
        time.sleep(DELAY_SECONDS)
        route.continue_()

    page.route("**/api/admin/**", later)


def names(desk: Desk) -> list[str]:
    return [key["name"] for key in desk.call("GET", "/api/admin/keys?limit=100").json["items"]]


def test_a_key_is_made_once_by_keyboard_alone(visitor: Visitor, desk: Desk) -> None:
    page = visitor.page
    slow(page)
    page.goto(visitor.address)
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type(desk.key)
    page.keyboard.press("Enter")
    visitor.heading("Start")
    page.keyboard.press("g")
    page.keyboard.press("k")
    visitor.heading("Keys")
    page.keyboard.press("n")
    visitor.heading("New key")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("By keyboard")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/admin/keys", hold)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Creating…").first).to_be_visible()
    (sent,) = held
    sent.continue_()
    visitor.heading("By keyboard is ready")
    assert names(desk).count("By keyboard") == 1


def test_an_answer_that_is_lost_makes_no_second_key(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/keys/new")
    page.get_by_label("Name", exact=True).fill("Cut off")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()  # it arrives; its answer does not
            route.abort()
        else:
            route.continue_()

    page.route("**/api/admin/keys", lose)
    create = page.locator("button:visible", has_text="Create key")
    create.click()
    # It is said to screen readers besides, a moment later.
    said = page.locator(".note").filter(
        has_text="The desk did not answer. Nothing is lost; try again."
    )
    expect(said).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Cut off")
    page.unroute("**/api/admin/keys")
    create.click()
    visitor.heading("The secret of Cut off was lost")
    page.get_by_role("button", name="Make new secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Make new secret").click()
    visitor.heading("Cut off has a new secret")
    secret = page.locator("[data-secret]").inner_text()
    assert len(secret) == 64
    assert names(desk).count("Cut off") == 1
