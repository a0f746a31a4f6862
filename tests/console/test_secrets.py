"""Secrets that the console makes and takes are with their holders, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, expect

from local.cloud import LocalCloud
from local.testing import KEY
from tests.console.visitor import Visitor
from tests.http.desk import Desk
from tests.http.traces import Log, clear, gateway_keys, letters, objects, readable
from tools import pictures

MISTYPED = "f" * 63 + "e"

BY = {"a made one": ["POST keys"], "a rotated one": ["POST keys/2/rotate"]}
"""The answers that tell a secret."""


@dataclass
class Seen:
    """What one run in the browser came to: secrets by what they are, and all that was said."""

    secrets: dict[str, str] = field(default_factory=dict)
    log: str = ""
    addresses: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    history: str = ""
    kept: str = ""
    pictures: list[bytes] = field(default_factory=list)


def watch(visitor: Visitor, seen: Seen) -> None:
    def note(answer: Response) -> None:
        request = answer.request
        seen.addresses.append(request.url)
        seen.addresses += [value for name, value in request.headers.items() if name != "x-api-key"]
        seen.sent.append(request.post_data or "")
        if "/api/admin/" in request.url:
            path = request.url.partition("/api/admin/")[2]
            seen.answers.append((f"{request.method} {path}", answer.text()))

    visitor.page.on("response", note)


@pytest.fixture(scope="module")
def seen(
    browser: Browser, cloud: LocalCloud, desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """Makes, uses, rotates, pastes and mistypes keys."""
    seen = Seen({"the first": KEY, "a mistyped one": MISTYPED})
    log = Log()
    folder = tmp_path_factory.mktemp("pictures")
    with log.listening():
        with Visitor(browser, cloud) as visitor:
            watch(visitor, seen)
            use(visitor, desk, seen, folder)
        made = seen.secrets["a rotated one"]
        with Visitor(browser, cloud) as other:
            watch(other, seen)
            other.page.goto(other.address)
            other.page.get_by_label("Key", exact=True).fill(MISTYPED)
            other.page.get_by_role("button", name="Sign in").click()
            expect(other.page.get_by_text("This key opens nothing here.")).to_be_visible()
            other.sign_in(made, "#/keys")
            other.settled()
        cloud.drain(retry=True)
    seen.log = log.text
    return seen


def use(visitor: Visitor, desk: Desk, seen: Seen, folder: Path) -> None:
    page = visitor.sign_in(place="#/keys/new?for=nothing")
    page.get_by_label("Name", exact=True).fill("Seen once")
    page.get_by_label("Manage keys").check()
    page.get_by_label("Read tickets").check()
    for how, heading in (("a made one", "is ready"), ("a rotated one", "has a new secret")):
        if how == "a made one":
            page.locator("button:visible", has_text="Create key").click()
        else:
            page.get_by_role("button", name="Rotate…").click()
            page.get_by_role("button", name="Make new secret").click()
        visitor.heading(f"Seen once {heading}")
        secret = page.locator("[data-secret]").inner_text()
        seen.secrets[how] = secret
        page.get_by_role("button", name="Copy these lines").click()
        page.get_by_role("button", name="Check the key now").click()
        expect(page.get_by_text("it works.")).to_be_visible()
        with pytest.raises(RuntimeError, match="secret"):
            pictures.take(page, "secret", folder=folder)
        pictures.mask(page)
        pictures.take(page, "secret", folder=folder)
        assert desk.call("GET", "/api/tickets-search.php", key=secret).status == 200
        page.locator("button:visible", has_text="Done, I have stored it").click()
        visitor.heading("Seen once")
        visitor.settled()
        assert secret not in page.content()
    visitor.go("#/keys", "Keys")
    page.get_by_label("Name or start of a secret").fill(secret)
    expect(page.get_by_label("Name or start of a secret")).to_have_value(secret[:6])
    expect(page.get_by_role("row").filter(has_text="Seen once")).to_be_visible()
    seen.addresses.append(page.url)
    visitor.go("#/history", "History")
    visitor.settled()
    seen.history = page.content()
    pictures.take(page, "history", folder=folder)
    assert json.loads(page.evaluate("JSON.stringify(localStorage)")) == {}
    page.get_by_role("button", name="Sign out").click()
    visitor.heading("Sign in")
    seen.kept = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    seen.history += page.content()


def test_the_run_can_be_searched(seen: Seen) -> None:
    """What is meant to be found is found."""
    assert len(set(seen.secrets.values())) == 4
    assert [line for line in seen.log.splitlines() if "unknown" in line]
    assert any(url.endswith("/api/admin/me") for url in seen.addresses)
    assert "Seen once" in seen.history
    assert any('"name":"Seen once"' in body for body in seen.sent)


def test_no_line_address_body_or_text_names_a_secret(seen: Seen) -> None:
    for name, secret in seen.secrets.items():
        assert [line for line in seen.log.splitlines() if secret in line] == [], name
        assert [url for url in seen.addresses if secret in url] == [], name
        assert [body for body in seen.sent if secret in body] == [], name
        assert secret not in seen.history, name
        assert secret not in seen.kept, name


def test_a_secret_is_told_once_by_the_answer_that_made_it(seen: Seen) -> None:
    for name, secret in seen.secrets.items():
        told = [asked for asked, answer in seen.answers if secret in answer]
        assert told == BY.get(name, []), name


def test_nothing_that_is_stored_holds_one(seen: Seen, desk: Desk, cloud: LocalCloud) -> None:
    stored = {" ".join(where): clear(item) for where, item in desk.stored().items()}
    assert any("Seen once" in text for text in stored.values())
    stored |= {key: readable(data) for key, data in objects(cloud)}
    stored |= {f"letter {at}": text for at, text in enumerate(letters(cloud))}
    stored |= {f"gateway key {at}": key["value"] for at, key in enumerate(gateway_keys())}
    stored |= {f"mail {at}": str(mail) for at, mail in enumerate(cloud.mailbox.mails())}
    for name, secret in seen.secrets.items():
        assert [where for where, text in stored.items() if secret in text] == [], name
