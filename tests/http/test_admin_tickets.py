"""Tickets in the admin API: found, read, within what a key sees; hostile text stays text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import requests

from helpdesk import clock
from helpdesk.storage import objects
from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
EVIL = '<script>alert(1)</script>\u202etxt.exe <img src=x onerror=alert(2)> "&'
PATH = "/api/admin/tickets"


@dataclass(frozen=True)
class Office:
    """Three tickets: Ann's about her printer, Bob's closed one in Sales, and one by mail."""

    ann: str
    bob: str
    mailed: str
    ann_id: int
    agent: int
    sales: int


@pytest.fixture(scope="module")
def office(desk: Desk, cloud: LocalCloud) -> Office:
    agent = desk.make_row("agents", name="Jane Doe", username="jane", email="jane@desk.example")
    sales = desk.make_row("departments", name="Wholesale")
    quiet: dict[str, Any] = {"alert": False, "autorespond": False}
    picture = f'<img src="data:image/png;base64,{PNG}"><img src="https://spy.example/x.png">'
    html = f"data:text/html,<p>Zebra {picture}</p><script>alert(1)</script>"
    ann = desk.open(name="Ann Lee", email="ann@lee.example", subject="Printer jam", message=html)
    file = {"<b>.txt": "data:text/plain,xylophone"}
    bob = desk.open(
        name=EVIL, email="bob@bee.example", subject=EVIL, message=EVIL, attachments=[file], **quiet
    )
    change = {"staffId": agent, "departmentId": sales, "statusId": "Closed", "note": "Secretive"}
    assert desk.call("PATCH", f"/api/tickets-update.php/{bob}.json", change).status == 200
    mail = (
        "From: Cat <cat@sea.example>\r\nTo: support@desk.example, dog@sea.example\r\n"
        "Subject: Walrus\r\nMessage-ID: <walrus@sea.example>\r\n\r\nTusks."
    )
    mailed = desk.call("POST", "/api/tickets.email", raw=mail.encode()).text
    cloud.drain(retry=True)
    return Office(ann, bob, mailed, desk.show(ann)["userId"], agent, sales)


def found(desk: Desk, query: str, **how: Any) -> list[str]:
    answer = desk.call("GET", f"{PATH}?{query}", **how)
    assert answer.status == 200, answer.text
    return [item["number"] for item in answer.json["items"]]


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    error = answer.json["error"]
    return answer.status, error["code"], error["field"]


# --- lists ----------------------------------------------------------------------------------


def test_each_filter_finds_its_tickets(desk: Desk, office: Office) -> None:
    wanted = {
        "": {office.ann, office.bob, office.mailed},
        f"q={office.ann}": {office.ann},
        f"q=%23{office.ann[:4]}": {office.ann},
        "q=RINTER": {office.ann},
        "q=jam%20printer": {office.ann},
        "q=printer%20walrus": set(),
        "q=zeb": {office.ann},
        "q=tusks": {office.mailed},
        "q=ann@lee.example": {office.ann},
        "q=lee.ex": {office.ann},
        "q=Ann%20Lee": {office.ann},
        "q=secretive": {office.bob},
        "q=%3Cscript%3E": {office.bob},
        "q=-": set(),
        "state=open": {office.ann, office.mailed},
        "state=closed": {office.bob},
        "state=archived": set(),
        f"department={office.sales}": {office.bob},
        "department=999": set(),
        f"agent={office.agent}": {office.bob},
        "agent=0": {office.ann, office.mailed},
        f"person={office.ann_id}": {office.ann},
        "overdue=true": set(),
        "overdue=false": {office.ann, office.bob, office.mailed},
        f"state=open&q=a&department={office.sales}": set(),
    }
    told = {query: set(found(desk, query)) for query in wanted}
    assert told == wanted


def test_the_clock_says_what_is_overdue(desk: Desk, office: Office) -> None:
    with patch("dialects.admin.tickets.search.now", lambda: clock.now() + timedelta(days=60)):
        assert set(found(desk, "overdue=true")) == {office.ann, office.mailed}
        items = desk.call("GET", PATH).json["items"]
    assert {item["number"] for item in items if item["overdue"]} == {office.ann, office.mailed}


def test_lists_have_an_order_and_pages(desk: Desk, office: Office) -> None:
    by_number = sorted([office.ann, office.bob, office.mailed])
    assert found(desk, "sort=number") == by_number
    assert found(desk, "sort=-number") == by_number[::-1]
    assert found(desk, "sort=created") == [office.ann, office.bob, office.mailed]
    first = desk.call("GET", f"{PATH}?sort=created&limit=2").json
    rest = desk.call("GET", f"{PATH}?sort=created&limit=2&next={first['next']}").json
    assert [item["number"] for item in first["items"]] == [office.ann, office.bob]
    assert ([item["number"] for item in rest["items"]], rest["next"]) == ([office.mailed], None)


def test_an_item_says_what_lists_show(desk: Desk, office: Office) -> None:
    (item,) = desk.call("GET", f"{PATH}?q={office.bob}").json["items"]
    assert item["subject"].startswith("<script>alert(1)</script>")
    assert item["status"] == {"id": item["status"]["id"], "name": "Closed", "state": "closed"}
    assert item["department"] == {"id": office.sales, "name": "Wholesale"}
    assert item["agent"] == {"id": office.agent, "name": "Jane Doe"}
    assert item["person"]["email"] == "bob@bee.example"
    assert (item["due"], item["overdue"], item["answered"]) == (None, False, False)
    assert item["updated"].endswith("Z")
    assert item["closed"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=ajar", "state"),
        ("department=Sales", "department"),
        ("agent=-1", "agent"),
        ("person=99999999999", "person"),
        ("overdue=yes", "overdue"),
        ("sort=subject", "sort"),
        ("next=x", "next"),
        ("limit=101", "limit"),
        ("status=1", "status"),
        ("q=" + "x" * 201, "q"),
    ],
)
def test_what_a_list_cannot_read_is_refused(desk: Desk, query: str, field: str) -> None:
    assert refusal(desk.call("GET", f"{PATH}?{query}")) == (422, "invalid", field)


def test_too_many_matches_are_refused_in_words(desk: Desk, office: Office) -> None:
    with patch("helpdesk.queries.limits.MOST_CANDIDATES", 1):
        assert refusal(desk.call("GET", f"{PATH}?q=ex")) == (422, "too_wide", None)


# --- one ticket -----------------------------------------------------------------------------


def test_a_ticket_is_shown_with_all_that_belongs_to_it(desk: Desk, office: Office) -> None:
    shown = desk.call("GET", f"{PATH}/{office.bob}").json
    message, note = shown["thread"]
    assert (message["kind"], note["kind"], note["internal"]) == ("message", "note", True)
    assert message["person"]["name"].startswith("<script>")
    assert message["excerpt"].startswith("<script>alert(1)</script>")
    assert message["attachments"][0] | {"id": 0} == {
        "id": 0,
        "name": "<b>.txt",
        "type": "text/plain",
        "size": 9,
        "inline": False,
    }
    assert shown["files"] == [message["attachments"][0] | {"entry": message["id"]}]
    assert [one["role"] for one in shown["people"]] == ["requester"]
    told = [(one["what"], one["field"], one["before"], one["after"]) for one in shown["history"]]
    assert told[0][:2] == ("created", None)
    assert ("updated", "department", "Support", "Wholesale") in told
    assert ("updated", "agent", None, "Jane Doe") in told
    assert ("updated", "status", "Open", "Closed") in told
    assert shown["links"] == []
    assert desk.call("GET", f"{PATH}/{shown['id']}").json == shown


def test_a_link_is_shown_on_either_side(desk: Desk, office: Office) -> None:
    link = {"childId": office.mailed}
    path = f"/api/tickets-subtickets-create.php/{office.ann}.json"
    assert desk.call("POST", path, link).status == 200
    (child,) = desk.call("GET", f"{PATH}/{office.ann}").json["links"]
    (above,) = desk.call("GET", f"{PATH}/{office.mailed}").json["links"]
    assert (child["kind"], child["number"]) == ("child", office.mailed)
    assert (above["kind"], above["subject"]) == ("parent", "Printer jam")


@pytest.mark.parametrize("ref", ["99999999", "%00", "x" * 65, "%20", "nobody"])
def test_what_is_no_ticket_is_not_found(desk: Desk, office: Office, ref: str) -> None:
    assert refusal(desk.call("GET", f"{PATH}/{ref}")) == (404, "not_found", None)
    body = desk.call("GET", f"{PATH}/{ref}/entries/1/body")
    assert refusal(body) == (404, "not_found", None)


def body(desk: Desk, number: str, place: int = 0, **how: Any) -> Answer:
    entry = desk.call("GET", f"{PATH}/{number}").json["thread"][place]["id"]
    return desk.call("GET", f"{PATH}/{number}/entries/{entry}/body", **how)


def test_a_body_is_clean_with_its_own_pictures_and_no_others(desk: Desk, office: Office) -> None:
    shown = body(desk, office.ann).json
    assert f'<img src="data:image/png;base64,{PNG}">' in shown["html"]
    assert "spy.example" not in shown["html"]
    assert "script" not in shown["html"]
    assert (shown["remote"], shown["left_out"], shown["quoted"]) == (1, 0, "")
    with patch("dialects.admin.tickets.body.MOST_OF_PICTURES", 10):
        shown = body(desk, office.ann).json
    assert ("<img" in shown["html"], shown["left_out"]) == (False, 1)


def test_plain_text_is_escaped(desk: Desk, office: Office) -> None:
    html = body(desk, office.bob).json["html"]
    assert html.startswith("&lt;script&gt;alert(1)&lt;/script&gt;")
    assert "<img" not in html


def test_an_entry_belongs_to_its_ticket(desk: Desk, office: Office) -> None:
    entry = desk.call("GET", f"{PATH}/{office.ann}").json["thread"][0]["id"]
    for where in ("body", "raw"):
        answer = desk.call("GET", f"{PATH}/{office.bob}/entries/{entry}/{where}")
        assert refusal(answer) == (404, "not_found", None)


def test_a_mail_is_given_out_as_it_came(desk: Desk, office: Office) -> None:
    shown = desk.call("GET", f"{PATH}/{office.mailed}").json
    entry = shown["thread"][0]
    assert (entry["channel"], entry["raw"], shown["raw"]) == ("email", True, [entry["id"]])
    path = f"{PATH}/{office.mailed}/entries/{entry['id']}/raw"
    link = desk.call("GET", path).json
    got = requests.get(link["url"], timeout=60)
    assert got.text.startswith("From: Cat <cat@sea.example>")
    assert got.headers["content-disposition"].startswith("attachment;")
    with patch.object(objects, "put_since", lambda *_: False):
        assert refusal(desk.call("GET", path)) == (404, "not_found", None)


def test_a_file_is_given_out_by_a_link(desk: Desk, office: Office) -> None:
    (file,) = desk.call("GET", f"{PATH}/{office.bob}").json["files"]
    link = desk.call("GET", f"/api/admin/files/{file['id']}").json
    assert (link["name"], link["type"]) == ("<b>.txt", "text/plain")
    assert link["expires"].endswith("Z")
    got = requests.get(link["url"], timeout=60)
    assert got.content == b"xylophone"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert refusal(desk.call("GET", "/api/admin/files/9999")) == (404, "not_found", None)


# --- what a key sees ------------------------------------------------------------------------


def test_a_key_of_a_department_sees_its_tickets_only(desk: Desk, office: Office) -> None:
    key = desk.make_key("can_read_tickets", departments=[office.sales])["key"]
    assert found(desk, "", key=key) == [office.bob]
    assert found(desk, "q=printer", key=key) == []
    assert desk.call("GET", f"{PATH}/{office.bob}", key=key).status == 200
    (file,) = desk.call("GET", f"{PATH}/{office.bob}").json["files"]
    assert desk.call("GET", f"/api/admin/files/{file['id']}", key=key).status == 200
    assert desk.call("GET", f"{PATH}/{office.ann}", key=key).status == 404
    assert body(desk, office.ann, key=key).status == 404


def test_a_customer_s_key_sees_its_own_and_nothing_of_staff(desk: Desk, office: Office) -> None:
    bob = desk.call("GET", f"{PATH}/{office.bob}").json
    key = desk.make_key("can_read_tickets", customer=bob["person"]["id"])["key"]
    assert found(desk, "", key=key) == [office.bob]
    assert found(desk, "q=secretive", key=key) == []
    shown = desk.call("GET", f"{PATH}/{office.bob}", key=key).json
    assert [one["kind"] for one in shown["thread"]] == ["message"]
    assert (shown["history"], shown["links"]) == ([], [])
    assert body(desk, office.bob, place=1, key=key).status == 404
    assert desk.call("GET", f"{PATH}/{office.ann}", key=key).status == 404
    mail = desk.call("GET", f"{PATH}/{office.mailed}").json
    key = desk.make_key("can_read_tickets", customer=mail["person"]["id"])["key"]
    path = f"{PATH}/{office.mailed}/entries/{mail['raw'][0]}/raw"
    assert refusal(desk.call("GET", path, key=key)) == (404, "not_found", None)


def test_a_key_that_only_searches_finds_nothing_by_what_was_written(
    desk: Desk, office: Office
) -> None:
    key = desk.make_key("can_search_tickets")["key"]
    assert found(desk, "q=printer", key=key) == [office.ann]
    assert found(desk, "q=zebra", key=key) == []
    assert refusal(desk.call("GET", f"{PATH}/{office.ann}", key=key)) == (403, "forbidden", None)


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}/1", f"{PATH}/1/entries/1/body", "/api/admin/files/1"]
)
def test_managing_permissions_open_no_ticket(desk: Desk, path: str) -> None:
    key = desk.make_key("can_manage_keys", "can_manage_desk", "can_manage_directory")["key"]
    assert refusal(desk.call("GET", path, key=key)) == (403, "forbidden", None)
