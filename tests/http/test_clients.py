"""Programs written for osTicket, represented by their requests on the wire: the transport of
LibreNMS, the client of the plugin's author, PHP with its finfo types, curl with those of
`file --mime`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.cloud import LocalCloud
from local.testing import KEY, SOURCE_HEADER
from tests.http.desk import HOME, Answer, Desk

BYTES = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


# --- LibreNMS -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("LibreNMS Alerts <librenms@example.org>", "librenms@example.org"),
        # Without a name in its settings.
        (" <nms@example.org>", "nms@example.org"),
        ("LibreNMS <librenms@monitor01>", "librenms@monitor01"),
    ],
)
def test_an_alert_of_librenms_becomes_a_ticket(desk: Desk, sender: str, address: str) -> None:
    alert: dict[str, Any] = {
        "name": "LibreNMS",
        "email": sender,
        "subject": "Device Down! Due to no ICMP response. on <web-01>",
        "message": "Alert for web-01 / 50% lost\n Severity: critical\n",
        "ip": None,
        "attachments": [],
    }
    answer = desk.call(
        "POST",
        "/api/tickets.json",
        raw=json.dumps(alert).replace("/", r"\/").encode(),  # as PHP writes JSON
        headers={"Content-Type": "application/json", "Accept": "*/*"},
    )
    assert answer.status == 201, answer.text
    shown = desk.show(answer.text)
    assert shown["user"]["email"] == address
    assert shown["user"]["name"] == "LibreNMS"
    assert shown["subject"] == alert["subject"]
    assert "50% lost" in shown["thread"][0]["body"]


# --- the client of the plugin's author ------------------------------------------------------


class AuthorsClient:
    """Sends as Node does: a body in chunks, and a content type with everything."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._url = cloud.url
        self._session = requests.Session()
        self._headers = {"X-API-Key": KEY, "Content-Type": "application/json", SOURCE_HEADER: HOME}

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else iter([json.dumps(body).encode()])
        answer = self._session.request(
            method, self._url + path, data=data, headers=self._headers, timeout=60
        )
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json()

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def client(cloud: LocalCloud) -> Iterator[AuthorsClient]:
    opened = AuthorsClient(cloud)
    yield opened
    opened.close()


def test_the_twelve_calls_of_the_author_s_client_work(client: AuthorsClient, desk: Desk) -> None:
    agent = desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
    switches = {"alert": False, "autorespond": False}
    sent = {"name": "Ada", "email": "ada@customer.example", "message": "**It** burns.", **switches}
    number = str(
        client.call(
            "POST",
            "/api/wildcard/tickets.json",
            {**sent, "subject": "Twelve", "format": "markdown", "topicId": 1},
        )
    )
    child = str(client.call("POST", "/api/wildcard/tickets.json", {**sent, "subject": "Below"}))

    shown = client.call("GET", f"/api/tickets-get.php/{number}.json")
    assert (shown["number"], shown["topicId"]) == (number, 1)
    assert "<strong>It</strong>" in shown["thread"][0]["body"]

    statuses = {
        status["name"]: status["id"] for status in client.call("GET", "/api/tickets-statuses.php")
    }
    wanted = {
        "statusId": statuses["Resolved"],
        "departmentId": 2,
        "staffId": agent,
        "topicId": 2,
        "slaId": 1,
        "priorityId": 4,
        "note": "Looked *into*.",
        "noteTitle": "Seen",
        "noteFormat": "markdown",
        "dueDate": "2031-01-31T17:30:00Z",
    }
    client.call("PATCH", f"/api/tickets-update.php/{number}.json", wanted)
    changed = client.call("GET", f"/api/tickets-get.php/{number}.json")
    for name in ("statusId", "departmentId", "staffId", "topicId", "slaId", "priorityId"):
        assert changed[name] == wanted[name], name
    assert changed["duedate"] == "2031-01-31 17:30:00"
    assert changed["thread"][-1]["type"] == "note"
    assert "<em>into</em>" in changed["thread"][-1]["body"]
    client.call("PATCH", f"/api/tickets-update.php/{number}.json", {"dueDate": None})
    assert client.call("GET", f"/api/tickets-get.php/{number}.json")["duedate"] is None

    desk.cloud.drain(retry=True)
    found = client.call(
        "GET", "/api/tickets-search.php?query=Twelve&status=Resolved&departmentId=2&limit=10"
    )
    assert [ticket["number"] for ticket in found] == [number]
    elsewhere = "/api/tickets-search.php?query=Twelve&departmentId=1&limit=10&offset=0"
    assert client.call("GET", elsewhere) == []
    # Its health check is this, too.
    assert client.call("GET", "/api/tickets-stats.php")["total"] >= 2

    linked = client.call(
        "POST", f"/api/tickets-subtickets-create.php/{number}.json", {"childId": child}
    )
    assert (linked["success"], linked["child"]["number"]) == (True, child)
    parent = client.call("GET", f"/api/tickets-subtickets-parent.php/{child}.json")
    assert parent["parent"]["number"] == number
    children = client.call("GET", f"/api/tickets-subtickets-list.php/{number}.json")
    assert [one["number"] for one in children["children"]] == [child]
    assert client.call("DELETE", f"/api/tickets-subtickets-unlink.php/{child}.json")["success"]
    client.call("PATCH", f"/api/tickets-update.php/{child}.json", {"parentTicketNumber": number})
    parent = client.call("GET", f"/api/tickets-subtickets-parent.php/{child}.json")
    assert parent["parent"]["number"] == number

    for one in (child, number):
        assert str(client.call("DELETE", f"/api/tickets-delete.php/{one}.json")) == one
        assert desk.call("GET", f"/api/tickets-get.php/{one}.json").status == 404


# --- a PHP form and curl --------------------------------------------------------------------


FILES = {
    # What finfo and `file --mime` print for it, its bytes, and those kept if they are others.
    "a.png": ("image/png; charset=binary", BYTES, None),
    "b.pdf": ("application/pdf; charset=iso-8859-1", b"%PDF-1.4\n%\xe2\xe3\n", None),
    "c.gz": ("application/gzip; charset=binary", b"\x1f\x8b\x08\x00" + BYTES, None),
    "d.json": ("application/json; charset=us-ascii", b'{"a":1}', None),
    "e.txt": ("text/plain; charset=utf-8", "Grüße".encode(), None),
    # Text in a charset that is known becomes UTF-8 (docs/osticket.md, row 5).
    "f.txt": ("text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe", "Grüße".encode()),
    "g.bin": ("application/octet-stream; charset=binary", bytes(range(256)), None),
}


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize("name", FILES)
def test_files_with_the_types_of_finfo_arrive_whole(desk: Desk, name: str, blank: str) -> None:
    desk.set("settings", file_types=[])
    kind, data, kept = FILES[name]
    form = {
        "alert": False,
        "autorespond": False,
        "source": "API",
        "name": "Angry User",
        "email": "form@customer.example",
        "phone": "3185558634X123",
        "subject": name,
        "ip": "192.0.2.99",
        "message": "data:text/html,MESSAGE <b>HERE</b>",
        "attachments": [
            {name: f"data:{kind.replace(' ', blank)};base64,{b64encode(data).decode()}"}
        ],
    }
    # curl -d, and PHP's curl without a content type, call it a form.
    answer = desk.call(
        "POST",
        "/api/tickets.json",
        raw=json.dumps(form).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "osTicket API Client v1.7",
        },
    )
    assert answer.status == 201, answer.text
    entry = desk.show(answer.text)["thread"][0]
    assert "<b>HERE</b>" in entry["body"]
    (file,) = entry["attachments"]
    assert file["filename"] == name
    got = download(desk, file["file_id"])
    assert got.type.partition(";")[0] == kind.partition(";")[0]
    assert got.body == (data if kept is None else kept)


def download(desk: Desk, file: int) -> Answer:
    answer = desk.call(
        "GET",
        f"/api/tickets-attachment-download.php/{file}.json",
        headers={"Accept": "application/octet-stream"},
    )
    assert answer.status == 200, answer.text
    return answer
