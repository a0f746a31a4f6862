"""A hostile ticket (console.md, journey 11): what strangers write is text wherever it is shown, and
what they attach is saved, and never run.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from local.cloud import LocalCloud
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

SCRIPT = "<script>document.title='got you'</script>"
TURNED = "\u202egpj.exe"
SHOWN = "[U+202E]gpj.exe"
SUBJECT = f"{SCRIPT} {TURNED}"
NAME = f"<img src=x onerror=\"document.title='got you'\">Ann{TURNED}"
NAME_SHOWN = f"<img src=x onerror=\"document.title='got you'\">Ann{SHOWN}"
ELSEWHERE = "https://elsewhere.example/x.png"
HTML = (
    f"<p>It <b>burns</b>.</p>{SCRIPT}<img src='{ELSEWHERE}' onerror='parent.document.title=1'>"
    "<p style='position:fixed;inset:0'>Over all</p><svg onload='parent.document.title=1'></svg>"
    f"<iframe src='{ELSEWHERE}'></iframe><form action='{ELSEWHERE}'><input name=key></form>"
    f"<a href='javascript:parent.document.title=1'>here</a>{'x' * 10_000}"
)
RUNS = "<script>window.ran = true; document.title = 'got you'</script>"
UNKNOWN = "application/octet-stream"
"""As what the desk gives out types that browsers run."""

FILES = {
    "page.html": (UNKNOWN, f"<!doctype html><body>{RUNS}"),
    "drawing.svg": (UNKNOWN, f"<svg xmlns='http://www.w3.org/2000/svg'>{RUNS}</svg>"),
    "<img src=x onerror=alert(1)>.txt": ("text/plain", RUNS),
    "invoice\u202efdp.html": (UNKNOWN, f"<body>{RUNS}"),
}
_DECLARED = {"html": "text/html", ".svg": "image/svg+xml", ".txt": "text/plain"}


@dataclass(frozen=True)
class Hostile:
    """What strangers have put on the desk."""

    ticket: str
    mailed: str
    held: str


def mail(subject: str, html: str) -> bytes:
    """A mail of somebody who means ill, with a file whose name turns round."""
    told = {"name": NAME, "subject": subject, "file": "invoice\u202efdp.html"}
    encoded = {key: Header(text, "utf-8", maxlinelen=10_000).encode() for key, text in told.items()}
    return (
        f"From: {encoded['name']} <eve@evil.example>\r\nTo: support@desk.example\r\n"
        f"Subject: {encoded['subject']}\r\nX-Spam: {SCRIPT}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        f"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
        f"--x\r\nContent-Type: text/html\r\nContent-Disposition: attachment; "
        f'filename="{encoded["file"]}"\r\n\r\n<body>{RUNS}\r\n--x--\r\n'
    ).encode()


@pytest.fixture(scope="module")
def hostile(desk: Desk, cloud: LocalCloud) -> Hostile:
    for kind, name in (("agents", f"{SCRIPT} Bob"), ("departments", "<u>Sales</u>")):
        extra = {"email": "b@desk.example", "username": "b"} if kind == "agents" else {}
        desk.make_row(kind, name=name, **extra)
    (stock,) = (
        row
        for row in desk.call("GET", "/api/admin/templates?limit=100").json["items"]
        if row["name"] == "ticket.autoresp"
    )
    desk.set(f"templates/{stock['id']}", subject="%{ticket.subject}")
    number = desk.open(
        name=NAME,
        email="eve@evil.example",
        subject=SUBJECT,
        message=f"data:text/html,{HTML}",
        attachments=[
            {name: f"data:{_DECLARED[name[-4:]]};base64,{b64encode(text.encode()).decode()}"}
            for name, (_, text) in FILES.items()
        ],
    )
    support = ["support@desk.example"]
    cloud.smtp.bring(mail(SUBJECT, HTML), "eve@evil.example", support)
    cloud.drain(retry=True)
    found = desk.call("GET", "/api/admin/tickets?q=eve@evil.example").json["items"]
    (mailed,) = (one["number"] for one in found if one["number"] != number)
    desk.set("settings", ban_list=["eve@evil.example"])
    cloud.smtp.bring(mail(f"Again {SUBJECT}", HTML), "eve@evil.example", support)
    cloud.drain(retry=True)
    (held,) = desk.call("GET", "/api/admin/held-mail").json["items"]
    return Hostile(number, mailed, held["id"])


def harmless(visitor: Visitor) -> None:
    """Nothing of what was written has run or become markup; and all is fit for everybody."""
    for frame in visitor.page.frames:
        expect(frame.locator("body :is(script, img[src], [onerror], [onload])")).to_have_count(0)
    expect(visitor.page.locator("img, u")).to_have_count(0)
    assert "got you" not in visitor.page.title().replace(SCRIPT, "")
    visitor.check()


@pytest.fixture(params=[(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"])
def somebody(
    request: pytest.FixtureRequest, browser: Browser, cloud: LocalCloud
) -> Iterator[Visitor]:
    """In front of a laptop by day, and of a phone by night."""
    with Visitor(browser, cloud, *request.param) as visitor:
        yield visitor


def on_phone(somebody: Visitor) -> bool:
    size = somebody.page.viewport_size
    return size is not None and size["width"] == PHONE


def test_it_is_text_in_every_place(somebody: Visitor, hostile: Hostile) -> None:
    page = somebody.sign_in(place="#/tickets")
    for number in (hostile.ticket, hostile.mailed):
        row = page.get_by_role("row").filter(has_text=number)
        expect(row).to_contain_text(f"{SCRIPT} {SHOWN}")
        expect(row).to_contain_text(NAME_SHOWN)
    harmless(somebody)

    for number in (hostile.ticket, hostile.mailed):
        somebody.go(f"#/tickets/{number}", f"{SCRIPT} {SHOWN}")
        frame = page.frame_locator("iframe").first
        expect(frame.locator("b")).to_have_text("burns")
        expect(frame.locator("body")).to_contain_text("x" * 10_000)
        expect(frame.locator("iframe, form, input, a[href^=javascript]")).to_have_count(0)
        expect(page).to_have_title(re.compile("^" + re.escape(f"{SCRIPT} {SHOWN}")))
        expect(page.get_by_text(NAME_SHOWN).first).to_be_visible()
        harmless(somebody)
    for part in page.get_by_text("Headers").all():
        part.click()
    expect(page.get_by_text(NAME_SHOWN).first).to_be_visible()
    harmless(somebody)

    somebody.go("#/mail/sent?to=eve@evil.example", "Mail: sent")
    rows = page.get_by_role("row").filter(has_text="eve@evil.example")
    expect(rows.first).to_contain_text(f"{SCRIPT} {SHOWN}")
    harmless(somebody)
    rows.first.get_by_role("link").first.click()
    panel = page.locator(".open-row")
    expect(panel.get_by_role("heading", level=2)).to_contain_text(f"{SCRIPT} {SHOWN}")
    expect(panel.locator("iframe")).not_to_have_attribute("sandbox", re.compile("scripts"))
    expect(panel.frame_locator("iframe").locator("body")).to_contain_text(NAME)
    harmless(somebody)

    somebody.go(f"#/mail/held/{hostile.held}", "Mail: held")
    expect(panel.get_by_role("heading", level=2)).to_contain_text(f"{SCRIPT} {SHOWN}")
    expect(panel.locator("iframe")).to_have_attribute("sandbox", "")
    panel.get_by_text("Headers").click()
    expect(panel.get_by_text(SCRIPT).last).to_be_visible()
    harmless(somebody)


def test_it_is_answered_noted_assigned_and_closed_and_history_says_so_in_text(
    somebody: Visitor, hostile: Hostile
) -> None:
    agent = f"{SCRIPT} Bob"
    page = somebody.sign_in(place=f"#/tickets/{hostile.ticket}")
    somebody.heading(f"{SCRIPT} {SHOWN}")
    page.get_by_label("Text", exact=True).fill(f"{SCRIPT}{TURNED}")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("Sent to eve@evil.example.").last).to_be_visible()
    page.get_by_role("tab", name="Note").click()
    page.get_by_label("Text", exact=True).fill(f"{SCRIPT}{TURNED}")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Noted.").last).to_be_visible()
    if on_phone(somebody):
        page.get_by_text("Details", exact=True).click()
    page.get_by_label("Assigned to").select_option(agent)
    somebody.settled()
    name = page.get_by_role("button", name=re.compile("^(Close|Reopen)$"))
    done = name.inner_text()
    name.click()
    expect(
        page.get_by_role("button", name="Reopen" if done == "Close" else "Close")
    ).to_be_visible()
    page.get_by_text("What happened").click()
    harmless(somebody)


def test_history_of_the_desk_shows_it_as_text(
    somebody: Visitor, desk: Desk, hostile: Hostile
) -> None:
    admin = desk.make_key("can_manage_directory", "can_manage_keys", name=f"{SCRIPT} admin")
    address = f"{'phone' if on_phone(somebody) else 'laptop'}@evil.example"
    desk.open(name=NAME, email=address)
    (person,) = desk.call("GET", f"/api/admin/people?q={address}").json["items"]
    path = f"/api/admin/people/{person['id']}"
    changed = desk.call("PATCH", path, {"name": "<u>Eve</u>"}, key=admin["key"])
    assert changed.status == 200
    desk.set(f"keys/{admin['id']}", name=f"<u>{admin['name'][:100]}</u>")
    page = somebody.sign_in(place="#/history?kind=people")
    entry = page.get_by_role("listitem").filter(has_text="changed").first
    expect(entry).to_contain_text(f"<u>{SCRIPT} admin</u> changed person #{person['id']}; name")
    expect(entry).not_to_contain_text("→")  # whose values are not kept
    harmless(somebody)
    expect(page.get_by_label(re.compile("^By")).locator("option")).to_contain_text(
        ["Anybody", f"<u>{SCRIPT} admin</u>"]
    )
    page.get_by_label(re.compile("^By")).select_option(str(admin["id"]))
    expect(page.get_by_role("listitem").filter(has_text="changed")).to_have_count(1)
    somebody.at(f"#/history?kind=people&key={admin['id']}")
    somebody.go("#/history?kind=keys", "History")
    expect(page.get_by_role("listitem").filter(has_text=f"<u>{SCRIPT}").first).to_be_visible()
    harmless(somebody)
    for place in ("#/catalogue/people?q=laptop", "#/keys"):
        page.evaluate("place => { location.hash = place }", place)
        somebody.settled()
        harmless(somebody)


def watch_downloads(page: Page, folder: Path) -> None:
    """Lets the browser save into a folder, under the names that it has chosen.

    A link that tells nobody where it comes from opens a tab of its own for its download, which
    Playwright does not watch from its beginning.
    """
    session = page.context.new_cdp_session(page)
    context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    assert page.context.browser
    page.context.browser.new_browser_cdp_session().send(
        "Browser.setDownloadBehavior",
        {"behavior": "allow", "browserContextId": context, "downloadPath": str(folder)},
    )


def saved(folder: Path) -> list[Path]:
    """What is saved in whole."""
    return [one for one in folder.iterdir() if one.suffix in {".html", ".svg", ".txt"}]


def test_files_are_saved_and_never_run(visitor: Visitor, hostile: Hostile, tmp_path: Path) -> None:
    page = visitor.sign_in(place=f"#/tickets/{hostile.ticket}")
    visitor.heading(f"{SCRIPT} {SHOWN}")
    watch_downloads(page, tmp_path)
    here = page.url
    for name, (kind, _) in FILES.items():
        shown = name.replace("\u202e", "")  # the desk keeps no turning of file names
        stem, _, end = shown.rpartition(".")
        button = page.get_by_role("button", name=stem)
        expect(button.locator("bdi").last).to_have_text(f".{end}")
        with page.expect_response("**/api/admin/files/*") as told:
            button.click()
        answer = requests.get(told.value.json()["url"], timeout=60)
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Type"].split(";")[0] == kind
    visitor.until(lambda: len(saved(tmp_path)) == len(FILES))
    contents = sorted((name.rpartition(".")[2], text) for name, (_, text) in FILES.items())
    assert sorted((kept.suffix[1:], kept.read_text()) for kept in saved(tmp_path)) == contents
    assert page.url == here
    # The tab that a download began in may stay, empty; one that showed a file would have its URL.
    assert {tab.url for tab in page.context.pages} <= {here, "", "about:blank"}
    harmless(visitor)
