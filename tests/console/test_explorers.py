"""The other APIs, as the console leads to them: lines that try a key, and the explorers."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from local.testing import KEY
from tests.console.visitor import Visitor

HOSTS = {
    "osticket": "https://a1.execute-api.example/desk",
    "zammad": "https://b2.execute-api.example/desk",
    "notific": "https://c3.execute-api.example/desk",
}
PATHS = {"osTicket": "/docs", "Zammad": "/api/v1/docs", "Notific": "/api/docs"}


def test_lines_and_links_name_the_host_of_each_api(visitor: Visitor) -> None:
    def apart(route: Route) -> None:
        told = json.loads(route.fetch().text())
        told["addresses"] |= HOSTS
        route.fulfill(json=told)

    visitor.page.route("**/api/admin/me", apart)
    page = visitor.sign_in(place="#/keys/new?for=full")
    page.get_by_label("Name", exact=True).fill("Connector")
    page.locator("button:visible", has_text="Create key").click()
    visitor.heading("Connector is ready")
    lines = page.locator("pre")
    expect(lines).to_contain_text(f"curl {HOSTS['osticket']}/api/tickets.json ")
    page.get_by_role("tab", name="Zammad").click()
    expect(lines).to_contain_text(f"curl {HOSTS['zammad']}/api/v1/tickets ")
    page.get_by_role("tab", name="Notific").click()
    expect(lines).to_contain_text(f'curl "{HOSTS["notific"]}/api/Tickets?key=$KEY"')
    page.get_by_role("button", name="More", exact=True).click()
    for name, path in PATHS.items():
        link = page.get_by_role("link", name=name, exact=True)
        expect(link).to_have_attribute("href", f"{HOSTS[name.lower()]}{path}")
    visitor.check()


def locked(page: Page) -> None:
    expect(page.locator(".btn.authorize.locked")).to_be_visible()
    assert KEY not in page.content()
    assert KEY not in page.url


def test_explorers_of_this_host_take_the_key_of_the_tab(visitor: Visitor) -> None:
    page = visitor.page
    explorer = visitor.address.replace("/console", "/docs")
    page.goto(explorer)
    expect(page.locator(".btn.authorize.unlocked")).to_be_visible()
    visitor.sign_in(place="#/keys")
    visitor.heading("Keys")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="osTicket", exact=True).click()
    locked(page)
    expect(page).to_have_url(re.compile("^" + re.escape(explorer)))
    page.get_by_text("/api/tickets-search.php").first.click()
    with page.expect_response("**/api/tickets-search.php*") as answer:
        page.get_by_role("button", name="Execute").first.click()
    assert answer.value.status == 200
    page.goto(visitor.address.replace("/console", "/api/v1/docs"))
    locked(page)
    # Signing out ends it here, too.
    page.goto(f"{visitor.address}#/keys")
    page.get_by_role("button", name="Sign out").click()
    visitor.heading("Sign in")
    page.goto(explorer)
    expect(page.locator(".btn.authorize.unlocked")).to_be_visible()
