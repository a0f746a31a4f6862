"""The status page and its feed (docs/notific.md 10)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from tests.http.desk import Answer, Desk

ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = ("/status", "/status.atom")


@pytest.fixture
def on(desk: Desk) -> Iterator[Desk]:
    desk.set("settings", status_page=True)
    yield desk
    desk.set("settings", status_page=False)


def get(desk: Desk, path: str) -> Answer:
    return desk.call("GET", path, key=None, headers={"Content-Type": "text/plain"})


def make(desk: Desk, plural: str, **values: object) -> int:
    answer = desk.call("POST", f"/api/{plural}", values)
    assert answer.status == 201, answer.text
    return int(answer.json["Id"])


def test_by_default_there_is_none(desk: Desk) -> None:
    for path in PATHS:
        answer = get(desk, path)
        assert answer.status == 404
        assert answer.json["Message"].startswith("No HTTP resource was found that matches")


def test_it_shows_what_subscribers_are_told_and_nothing_else(on: Desk) -> None:
    vpn = make(on, "Services", Name="VPN & <more>")
    make(on, "Services", Name="Mail")
    down = make(on, "Tickets", Title="VPN <down>", Description="We & you", Services=[vpn])
    past = {"Title": "Past", "Description": "Was", "Services": [vpn]}
    old = make(on, "Tickets", **past)
    closing = {"Id": old, "ClosedTime": "2001-01-01T12:00:00Z"}
    assert on.call("PUT", f"/api/Tickets/{old}", closing).status == 200
    on.open(subject="Private", message="secret")
    number = on.open(subject="Told", message="public", services=[vpn])
    note = {"note": "secret"}
    assert on.call("PATCH", f"/api/tickets-update.php/{number}.json", note).status == 200

    page = get(on, "/status")
    assert (page.status, page.type) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "public, max-age=60"
    now, before = page.text.split("<h2>Before</h2>")
    assert "VPN &lt;down&gt;" in now
    assert "We &amp; you" in now
    assert "VPN &amp; &lt;more&gt;: affected" in now
    assert "Mail: no known problem" in now
    assert "Told" in now
    assert "Closed: 2001-01-01 12:00 UTC" in before
    for private in ("Private", "secret", "jane@customer.example", "Jane"):
        assert private not in page.text

    answer = get(on, "/status.atom")
    assert (answer.status, answer.type) == (200, "application/atom+xml; charset=utf-8")
    feed = ET.fromstring(answer.body)  # noqa: S314 - ours
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Told", "Past", "VPN <down>"]
    places = [entry.findtext(f"{ATOM}id") or "" for entry in feed.iter(f"{ATOM}entry")]
    assert places[-1].endswith(f"/status#ticket-{down}")
    assert "secret" not in answer.text


def test_a_ticket_that_is_gone_or_of_no_service_is_shown_no_more(on: Desk) -> None:
    service = make(on, "Services", Name="Short")
    gone = make(on, "Tickets", Title="Gone soon", Description="D", Services=[service])
    make(on, "Tickets", Title="Of no service", Description="D", Services=[service])
    assert on.call("DELETE", f"/api/Tickets/{gone}").status == 200
    assert "Gone soon" not in get(on, "/status").text
    assert on.call("DELETE", f"/api/Services/{service}").status == 200
    assert "Of no service" not in get(on, "/status").text
