"""The places about keys, as somebody in front of them walks through."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from playwright.sync_api import Browser, expect

from local.cloud import LocalCloud
from local.testing import KEY
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

HOSTILE = '<img src=x onerror=alert(1)> "quoted" ' + "W" * 60

screens = pytest.mark.parametrize(("width", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])


def visible(text: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(text)}$")


def test_the_first_minute(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.address)
    page.get_by_label("Key", exact=True).fill("0" * 64)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This key opens nothing here.")).to_be_visible()
    expect(page.get_by_label("Key", exact=True)).to_have_value("0" * 64)
    visitor.check()

    visitor.sign_in(place="#/keys?show=active")
    visitor.heading("Keys")
    expect(page.locator(":focus")).to_have_text("Keys")
    page.reload()
    visitor.heading("Keys")
    visitor.at("#/keys?show=active")
    # The key is sent as a header alone.
    assert not [asked.url for asked in visitor.asked if KEY in asked.url]

    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    visitor.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out").click()
    visitor.heading("Sign in")
    page.reload()
    visitor.heading("Sign in")
    assert page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})") == "{}"


def test_a_key_that_manages_nothing_is_told_so(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_create_tickets")
    visitor.page.goto(visitor.address)
    visitor.page.get_by_label("Key", exact=True).fill(made["key"])
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_text("This key works, but manages nothing.")).to_be_visible()


@screens
def test_a_web_form_in_three_acts(
    browser: Browser, cloud: LocalCloud, desk: Desk, width: int, scheme: str
) -> None:
    name = f"Shop web form {width}"
    with Visitor(browser, cloud, width, scheme) as visitor:
        page = visitor.sign_in(place="#/keys")
        visitor.check()
        page.get_by_role("link", name="New key").click()
        visitor.heading("New key")
        visitor.check()
        page.get_by_label("Name", exact=True).fill(name)
        page.locator("button:visible", has_text=visible("Create key")).click()

        visitor.heading(f"{name} is ready")
        visitor.check()
        secret = page.locator("[data-secret]").inner_text()
        page.get_by_role("button", name="Copy secret").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert visitor.clipboard() == secret
        page.get_by_role("button", name="Copy these lines").click()
        lines = visitor.clipboard()
        assert lines.startswith(f" export KEY={secret}\ncurl {cloud.url}/desk/api/tickets.json ")
        assert secret not in page.locator("pre").inner_text()
        assert secret not in page.url
        desk.call("POST", "/api/tickets.json", key=secret)
        page.locator("button:visible", has_text=visible("Done, I have stored it")).click()

        visitor.heading(name)
        visitor.check()
        assert secret not in page.content()
        page.reload()
        visitor.heading(name)
        assert secret not in page.content()
        page.get_by_role("link", name="Keys").first.click()
        row = page.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("Past hour" if width == LAPTOP else "used")
        expect(row).to_contain_text("Open tickets")


def test_a_key_from_one_network(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/keys/new")
    page.get_by_label("Name", exact=True).fill("Zabbix")
    page.get_by_text("Monitoring").click()
    expect(page.get_by_label("Only these networks")).to_be_checked()
    page.locator("button:visible", has_text=visible("Create key")).click()
    expect(page.get_by_text("Add a network, or choose")).to_be_visible()

    page.get_by_label("Address or network").fill("10.0.0.5/8")
    page.get_by_label("Address or network").press("Enter")
    expect(page.get_by_text("has bits behind its prefix")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="10.0.0.0/8", exact=True).click()
    expect(page.get_by_role("button", name="Remove 10.0.0.0/8")).to_be_visible()
    page.locator("button:visible", has_text=visible("Create key")).click()
    visitor.heading("Zabbix is ready")
    secret = page.locator("[data-secret]").inner_text()

    assert desk.call("GET", "/api/tickets-search.php", key=secret, source="10.1.2.3").status == 200
    assert desk.call("GET", "/api/tickets-search.php", key=secret).status in {401, 403}

    # Whoever leaves without the secret is asked first.
    page.get_by_role("link", name="Keys").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("You have not copied the secret")
    page.get_by_role("button", name="Stay").click()
    expect(page.locator("[data-secret]")).to_have_text(secret)
    page.get_by_role("link", name="Keys").first.click()
    page.get_by_role("button", name="Leave, I will rotate it later").click()
    expect(page.get_by_role("row").filter(has_text="Zabbix")).to_contain_text("10.0.0.0/8")


def test_copied_lines_work_in_a_shell(visitor: Visitor, desk: Desk) -> None:
    page = visitor.sign_in(place="#/keys/new?for=full")
    page.get_by_label("Name", exact=True).fill("From a shell")
    page.locator("button:visible", has_text=visible("Create key")).click()
    visitor.heading("From a shell is ready")
    answers = {}
    for tab in page.get_by_role("tablist", name="Try it").get_by_role("tab").all():
        tab.click()
        page.get_by_role("button", name="Copy these lines").click()
        shell = f'curl() {{ command curl --fail-with-body -sS "$@"; }}\n{visitor.clipboard()}\n'
        command = ["/bin/sh", "-c", shell]
        ran = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)  # noqa: S603
        assert ran.returncode == 0, (tab.inner_text(), ran.stdout, ran.stderr)
        answers[tab.inner_text()] = ran.stdout
    assert set(answers) == {"osTicket", "v1", "Plugin", "Mail", "Zammad", "Notific"}
    for number in (answers["osTicket"], answers["Mail"]):
        assert desk.show(number.strip())["number"] == number.strip()


def test_the_lines_name_a_department_that_the_key_may_use(visitor: Visitor, desk: Desk) -> None:
    sales = desk.make_row("departments", name="Sales of lines")
    assert sales != 1
    page = visitor.sign_in(place="#/keys/new")
    page.get_by_label("Name", exact=True).fill("For Sales")
    page.get_by_text("Narrower still").click()
    page.get_by_label("Sales of lines").check()
    page.locator("button:visible", has_text=visible("Create key")).click()
    visitor.heading("For Sales is ready")
    page.get_by_role("tab", name="Zammad").click()
    page.get_by_role("button", name="Copy these lines").click()
    assert f'"group_id": {sales},' in visitor.clipboard()
    command = ["/bin/sh", "-c", visitor.clipboard()]
    ran = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)  # noqa: S603
    number = json.loads(ran.stdout)["number"]
    assert desk.call("GET", f"/api/admin/tickets/{number}").json["department"]["id"] == sales


def test_the_list_changes_a_key_as_it_is_now(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_create_tickets", name="Old form")
    path = f"/api/admin/keys/{made['id']}"
    page = visitor.sign_in(place="#/keys?q=Old")

    def choose(entry: str) -> None:
        page.get_by_role("button", name="More for").click()
        page.get_by_role("menuitem", name=entry).click()

    # Others have renamed it since the list was read: that stays.
    desk.set(f"keys/{made['id']}", name="Old renamed form")
    choose("Switch off")
    row = page.get_by_role("row").filter(has_text="Old renamed form")
    expect(row).to_contain_text("Off")
    now = desk.call("GET", path).json
    assert (now["name"], now["active"]) == ("Old renamed form", False)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Active")

    # What is asked about is the key as it is now; changed while it is asked about, it stays.
    desk.set(f"keys/{made['id']}", name="Old form once more")
    choose("Delete…")
    dialog = page.get_by_role("dialog", name="Delete “Old form once more”?")
    expect(dialog).to_be_visible()
    desk.set(f"keys/{made['id']}", networks=["10.0.0.0/8"])
    dialog.get_by_role("button", name="Delete key").click()
    expect(page.get_by_text("Someone else has changed this since you read it").last).to_be_visible()
    assert desk.call("GET", path).status == 200
    visitor.check()
    choose("Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete key").click()
    expect(page.get_by_text("No key is called “Old”.")).to_be_visible()
    assert desk.call("GET", path).status == 404
    sent = [asked for asked in visitor.asked if asked.method in {"PATCH", "DELETE"}]
    assert [asked.method for asked in sent] == ["PATCH", "PATCH", "DELETE", "DELETE"]
    assert all("if-match" in asked.headers for asked in sent)


def test_what_is_refused_stands_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, desk: Desk
) -> None:
    page = visitor.sign_in(place="#/keys/new?for=full")
    page.get_by_label("Name", exact=True).fill("Connector")
    page.get_by_text("Narrower still").click()
    row = desk.make_row("agents", name="Zoe", email="zoe@desk.example", username="zoe")
    page.reload()
    page.get_by_label("Name", exact=True).fill("Connector")
    page.get_by_text("Narrower still").click()
    page.get_by_label("Acts as").select_option(str(row))
    assert desk.call("DELETE", f"/api/admin/agents/{row}").status == 200
    page.locator("button:visible", has_text=visible("Create key")).click()
    field = page.get_by_label("Acts as")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Connector")
    visitor.check()


def test_change_rotate_switch_off_delete(visitor: Visitor, desk: Desk) -> None:
    made = desk.make_key("can_create_tickets", name=HOSTILE)
    page = visitor.sign_in(place=f"#/keys/{made['id']}")
    visitor.heading(HOSTILE)

    page.get_by_role("button", name="Change").click()
    page.get_by_label("Read tickets").check()
    page.get_by_label("Open tickets").uncheck()
    expect(page.get_by_text("May also: read tickets.")).to_be_visible()
    expect(page.get_by_text("May no longer: open tickets.")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds within 60 seconds.", exact=True).last).to_be_visible()
    stored = desk.call("GET", f"/api/admin/keys/{made['id']}").json
    assert (stored["permissions"], stored["name"]) == (["can_read_tickets"], HOSTILE)

    page.get_by_role("button", name="Rotate…").click()
    expect(page.get_by_label("1 day")).to_be_focused()
    visitor.check()
    page.get_by_role("button", name="Make new secret").click()
    visitor.heading(f"{HOSTILE} has a new secret")
    secret = page.locator("[data-secret]").inner_text()
    for works in (made["key"], secret):
        assert desk.call("GET", "/api/tickets-search.php", key=works).status == 200
    page.get_by_role("button", name="Copy secret").click()
    page.locator("button:visible", has_text=visible("Done, I have stored it")).click()

    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off. Requests with this key").last).to_be_visible()
    assert desk.call("GET", f"/api/admin/keys/{made['id']}").json["active"] is False
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    assert desk.call("GET", f"/api/admin/keys/{made['id']}").json["active"] is True

    # Used a moment ago, so its name is asked for.
    page.reload()
    page.get_by_role("button", name=f"More for {HOSTILE}").click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    expect(dialog.get_by_role("button", name="Delete key")).to_be_disabled()
    dialog.get_by_label("Type its name to go on").fill(HOSTILE)
    dialog.get_by_role("button", name="Delete key").click()
    visitor.heading("Keys")
    assert desk.call("GET", f"/api/admin/keys/{made['id']}").status == 404
