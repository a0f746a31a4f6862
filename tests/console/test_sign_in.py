"""Signing in as a person, at pages that stand for those of a Cognito user pool."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from local.cloud import LocalCloud
from tests.console.visitor import Visitor
from tests.http.desk import Desk
from tests.http.traces import Log

ADA = "ada@desk.example"


@pytest.fixture(autouse=True)
def offered(cloud: LocalCloud) -> Iterator[None]:
    with patch.dict("os.environ", cloud.sign_in.environment()):
        yield


def begin(visitor: Visitor, place: str = "") -> Page:
    """Goes to the pages from a place of the console."""
    page = visitor.page
    page.goto(f"{visitor.address}{place}")
    page.get_by_role("button", name="Sign in with your account").click()
    page.get_by_label("E-mail").wait_for()
    return page


def come(visitor: Visitor, groups: str, place: str = "", email: str = ADA) -> Page:
    """Signs in at the pages, and comes back."""
    page = begin(visitor, place)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Groups").fill(groups)
    page.get_by_role("button", name="Go on").click()
    return page


def kept(page: Page) -> str:
    text: str = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    return text


def test_somebody_signs_in_sees_what_their_key_sees_and_signs_out(
    visitor: Visitor, desk: Desk
) -> None:
    key = desk.make_key("can_manage_directory", name="Keeper of the catalogue")
    log = Log()
    with log.listening():
        page = begin(visitor, "#/catalogue/departments")
        asked = {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert "client_secret" not in asked
        page.get_by_label("Groups").fill(f"key-{key['id']}")
        page.get_by_role("button", name="Go on").click()
        visitor.heading("Departments")
        visitor.at("#/catalogue/departments")
        expect(page.get_by_role("link", name="Keys", exact=True)).to_have_count(0)
        who = page.locator(".who")
        expect(who).to_contain_text(ADA)
        expect(who).to_contain_text("Keeper of the catalogue")
        visitor.check()

        page.reload()
        visitor.heading("Departments")
        visitor.go("#/catalogue/teams/new", "Teams")
        panel = page.locator(".open-row")
        panel.get_by_label("Name", exact=True).fill("Helpers")
        panel.get_by_role("button", name="Create").click()
        expect(panel.locator("h2")).to_have_text("Helpers")
        visitor.go("#/history", "History")
        expect(page.locator(".change").first).to_contain_text(ADA)

        secrets = secrets_of(visitor)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in").wait_for()
        visitor.at()
        assert "eyJ" not in kept(page)
    paths = [urlsplit(one.url).path for one in visitor.asked]
    assert "/local/sign-in/oauth2/revoke" in paths
    assert "/local/sign-in/logout" in paths
    for secret in secrets:
        assert secret not in log.text
        assert not any(secret in one.url for one in visitor.asked)


def secrets_of(visitor: Visitor) -> set[str]:
    tokens = {one.headers.get("x-api-key", "") for one in visitor.asked} - {""}
    assert all(token.startswith("eyJ") for token in tokens)
    assert tokens
    return tokens


def test_a_code_is_good_for_the_tab_that_has_begun_and_once(
    visitor: Visitor, browser: Browser, cloud: LocalCloud
) -> None:
    led_back: list[str] = []

    def note(request: Request) -> None:
        if "code=" in request.url:
            led_back.append(request.url)

    visitor.page.on("request", note)
    come(visitor, "key-1", "#/keys")
    visitor.heading("Keys")
    (address,) = led_back
    visitor.page.goto(address)
    visitor.heading("Start")
    visitor.at()
    assert len([one for one in visitor.asked if "/oauth2/token" in one.url]) == 1
    with Visitor(browser, cloud) as other:
        other.page.goto(address)
        expect(other.page.get_by_text("This sign-in was not begun in this tab")).to_be_visible()
        other.at()
        assert not any("/oauth2/token" in one.url for one in other.asked)
        other.check()


def test_another_state_is_not_what_was_begun(visitor: Visitor) -> None:
    page = begin(visitor)
    page.locator("input[name=state]").evaluate("field => { field.value = 'x' }")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This sign-in was not begun in this tab")).to_be_visible()
    assert not any("/oauth2/token" in one.url for one in visitor.asked)


def test_who_is_in_no_group_is_told_so(visitor: Visitor) -> None:
    page = come(visitor, "staff")
    expect(page.locator("main").get_by_text("you are in no group named key-N")).to_be_visible()
    assert "eyJ" not in kept(page)
    visitor.check()
    page.get_by_role("button", name="Sign in with your account").click()
    page.get_by_label("Groups").fill("key-1")
    page.get_by_role("button", name="Go on").click()
    visitor.heading("Start")


def test_a_token_is_renewed_before_it_ends(visitor: Visitor) -> None:
    with patch("local.sign_in.TOKEN_SECONDS", 50):
        come(visitor, "key-1", "#/keys")
        visitor.heading("Keys")
        visitor.settled()
    visitor.go("#/history", "History")
    visitor.settled()
    visitor.go("#/keys", "Keys")
    visitor.settled()
    grants = [one.post_data or "" for one in visitor.asked if "/oauth2/token" in one.url]
    assert "grant_type=authorization_code" in grants[0]
    assert all("grant_type=refresh_token" in grant for grant in grants[1:])
    # Each of the short ones was renewed once, also for several requests at the same time.
    assert len(grants) == len(secrets_of(visitor))


def test_who_may_no_more_signs_in_again_where_they_were(visitor: Visitor, desk: Desk) -> None:
    key = desk.make_key("can_manage_directory")
    page = come(visitor, f"key-{key['id']}", "#/catalogue/teams")
    visitor.heading("Teams")
    visitor.settled()
    desk.call("PATCH", f"/api/admin/keys/{key['id']}", {"active": False})
    visitor.cloud.authorization.flush()
    visitor.go("#/catalogue/slas", "SLA")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your sign-in has ended")
    visitor.fits()
    dialog.get_by_role("button", name="Sign in with your account").click()
    page.get_by_label("Groups").fill("key-1")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", level=1).wait_for()
    visitor.at("#/catalogue/slas")
    expect(page.locator(".who")).to_contain_text(ADA)


def test_half_an_hour_without_anybody_ends_it(visitor: Visitor) -> None:
    visitor.page.clock.install()
    page = come(visitor, "key-1", "#/keys")
    visitor.heading("Keys")
    visitor.settled()
    for minutes in (28, 3):
        page.clock.fast_forward(minutes * 60_000)
        page.clock.run_for(6_000)
    expect(page.get_by_role("dialog")).to_contain_text("Your sign-in has ended")
    assert "eyJ" not in kept(page)
    visitor.until(lambda: any("/oauth2/revoke" in one.url for one in visitor.asked))


def test_a_key_still_opens_the_console(visitor: Visitor) -> None:
    page = visitor.page
    visitor.page.goto(visitor.address)
    page.get_by_label("Key", exact=True).fill(visitor.cloud.key or "")
    page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.heading("Start")


def test_without_a_pool_nobody_else_is_asked(visitor: Visitor) -> None:
    with patch.dict("os.environ", {"SIGN_IN_URL": ""}):
        answer = visitor.page.goto(visitor.address)
        assert answer
        assert "connect-src 'self';" in answer.headers["content-security-policy"]
        expect(visitor.page.get_by_label("Key", exact=True)).to_be_visible()
        expect(visitor.page.get_by_text("account")).to_have_count(0)


def test_the_policy_names_the_pages_host_alone(visitor: Visitor) -> None:
    with patch.dict("os.environ", {"SIGN_IN_URL": "https://desk.auth.example"}):
        answer = visitor.page.goto(visitor.address)
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "connect-src 'self' https://desk.auth.example;" in policy
    assert policy.count("https:") == 1
