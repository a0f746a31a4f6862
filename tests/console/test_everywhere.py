"""Every place, on a desk with much on it: in both themes, on both screens, in both directions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, expect

from local.cloud import LocalCloud
from tests.console.visitor import LAPTOP, PHONE, Visitor
from tests.http.desk import Desk

WIDE = "W" * 128
"""A name that breaks nowhere."""

TICKETS = 200
KEYS = 300


@dataclass(frozen=True)
class Many:
    """What the fixture has put on the desk."""

    ticket: str
    key: int
    department: int
    team: int
    held: str
    groups: tuple[str, ...]


@pytest.fixture(scope="module")
def many(desk: Desk, cloud: LocalCloud) -> Many:
    """200 tickets, 300 keys, and the widest names wherever one can be."""
    department = desk.make_row("departments", name=WIDE)
    team = desk.make_row("teams", name=WIDE)
    agent = desk.make_row("agents", name=WIDE, email="w@desk.example", username="w" * 60)
    desk.make_row("topics", name=WIDE, department=department)
    desk.set("settings", helpdesk_title=WIDE[:100], ban_list=["spam@spam.example"])
    file = {f"{'W' * 100}.txt": "data:text/plain,x"}
    quiet = {"alert": False, "autorespond": False}
    # What follows from each is done by and by, and not before the next.
    with patch.object(cloud, "drain", lambda: None):
        numbers = [
            desk.open(
                name=WIDE, subject=WIDE, message=f"{WIDE} {WIDE}", attachments=[file], **quiet
            )
            for _ in range(TICKETS)
        ]
        for _ in range(KEYS - 2):
            desk.make_key("can_create_tickets", name=WIDE)
    place = f"tickets/{numbers[-1]}"
    desk.set(place, department=department, team=team, agent=agent)
    note = desk.call("POST", f"/api/admin/{place}/notes", {"text": f"{WIDE} {WIDE}"})
    assert note.status == 201
    networks = [f"10.{n}.0.0/16" for n in range(20)]
    end = f"{datetime.now(UTC) + timedelta(20):%Y-%m-%dT%H:%M:%SZ}"
    bound = {"departments": [department], "networks": networks, "expires": end}
    wide = desk.make_key("can_manage_keys", "can_read_tickets", name=WIDE, **bound)["id"]
    address = {"address": f"{'w' * 60}@x.example"}
    assert desk.call("POST", "/api/admin/suppressed", address).status == 201
    mail = f"From: {WIDE} <spam@spam.example>\r\nSubject: {WIDE}\r\n\r\n{WIDE}\r\n".encode()
    cloud.smtp.bring(mail, "spam@spam.example", ["support@desk.example"])
    cloud.drain(retry=True)
    (held,) = desk.call("GET", "/api/admin/held-mail").json["items"]
    told = desk.call("GET", "/api/admin/schema").json["settings"]["groups"]
    groups = tuple(group["name"] for group in told)
    return Many(numbers[-1], wide, department, team, held["id"], groups)


def places(many: Many) -> list[str]:
    return [
        *(f"#/settings/{group}" for group in many.groups),
        "#/start",
        "#/keys",
        "#/keys?show=unused",
        "#/keys?q=nobody",
        "#/keys/new?for=nothing",
        "#/keys/new?for=customer",
        f"#/keys/new?for=like&like={many.key}",
        f"#/keys/{many.key}",
        "#/tickets?state=all",
        "#/tickets/numbers",
        f"#/tickets/{many.ticket}",
        "#/tickets/000000",
        "#/mail/sent",
        "#/mail/held",
        f"#/mail/held/{many.held}",
        "#/mail/suppressed",
        "#/mail/queues",
        "#/catalogue",
        "#/catalogue/departments",
        f"#/catalogue/departments/{many.department}",
        f"#/catalogue/teams/{many.team}",
        "#/catalogue/topics/new",
        "#/catalogue/schedules/1",
        "#/catalogue/templates/1",
        "#/catalogue/people?q=jane",
        "#/history",
        "#/history?kind=keys",
    ]


OF_COLOURS = ("color-contrast", "link-in-text-block")
"""What axe asks of colours: all else is the same in both themes."""


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_every_place_is_fit_for_everybody(
    browser: Browser, cloud: LocalCloud, many: Many, width: int
) -> None:
    wrong: dict[str, str] = {}
    with Visitor(browser, cloud, width, "light") as visitor:
        page = visitor.sign_in(place="#/start")
        for place in places(many):
            page.evaluate("place => { location.hash = place }", place)
            try:
                visitor.check()
                page.emulate_media(color_scheme="dark")
                visitor.check(*OF_COLOURS)
                page.evaluate("document.documentElement.dir = 'rtl'")
                visitor.fits()
            except AssertionError as found:
                wrong[place] = str(found)
            page.evaluate("document.documentElement.dir = ''")
            page.emulate_media(color_scheme="light")
    assert wrong == {}, "\n".join(f"{place}\n{told}" for place, told in wrong.items())


def test_long_lists_are_read_and_searched_on_a_phone(
    browser: Browser, cloud: LocalCloud, desk: Desk, many: Many
) -> None:
    with Visitor(browser, cloud, PHONE, "light") as visitor:
        page = visitor.sign_in(place="#/keys")
        rows = page.locator("tbody").get_by_role("row")
        expect(page.get_by_text(re.compile(f"50 of (many|{KEYS}) keys"))).to_be_visible()
        page.get_by_role("button", name="Show 50 more").click()
        expect(rows).to_have_count(100)
        page.get_by_label("Name or start of a secret").fill("First admin")
        expect(rows).to_have_count(1)

        visitor.go("#/tickets?state=all", "Tickets")
        expect(rows).to_have_count(50)
        # Whether there are more is known once nothing comes.
        for shown in (100, 150, TICKETS, TICKETS):
            page.get_by_role("button", name="Show 50 more").click()
            expect(rows).to_have_count(shown)
        expect(page.get_by_role("button", name="Show 50 more")).to_have_count(0)
        visitor.check()
