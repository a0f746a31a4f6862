"""Tickets in the admin API: found and read within a key's bounds; hostile text stays text."""

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


# --- answers and notes ----------------------------------------------------------------------


def test_an_answer_goes_to_all_who_take_part(desk: Desk, office: Office, cloud: LocalCloud) -> None:
    key = desk.make_key("can_update_tickets", "can_read_tickets", agent=office.agent)["key"]
    file = {"name": "../plan.pdf", "type": "application/pdf", "data": "JVBERi0="}
    asked = {"text": "Tusks <b>grow</b> \U0001f469\u200d\U0001f52c", "attachments": [file]}
    before = len(cloud.mailbox.mails())
    path = f"{PATH}/{office.mailed}/replies"
    for _ in range(2):
        once = {"Idempotency-Key": "tusks"}
        answer = desk.call("POST", path, asked, key=key, headers=once)
        assert answer.status == 201
    assert sorted(answer.json["told"]) == ["cat@sea.example", "dog@sea.example"]
    cloud.drain(retry=True)
    mails = cloud.mailbox.mails()[before:]
    assert sorted(mail.to for mail in mails) == ["cat@sea.example", "dog@sea.example"]
    shown = desk.call("GET", f"{PATH}/{office.mailed}").json
    entry = shown["thread"][-1]
    assert (entry["id"], entry["kind"]) == (answer.json["entry"], "response")
    assert (entry["poster"], entry["agent"]["id"]) == ("Jane Doe", office.agent)
    assert entry["excerpt"] == asked["text"]
    assert [file["name"] for file in entry["attachments"]] == ["plan.pdf"]
    assert {one["email"]: one["role"] for one in shown["people"]} == {
        "cat@sea.example": "requester",
        "dog@sea.example": "participant",
    }
    assert shown["answered"]
    other = desk.call("POST", path, {"text": "Else"}, key=key, headers=once)
    assert refusal(other) == (409, "idempotency_key_reused", None)


def test_a_key_that_acts_as_nobody_answers_for_the_desk(desk: Desk, office: Office) -> None:
    path = f"{PATH}/{office.ann}/replies"
    assert desk.call("POST", path, {"text": "Soon."}).json["told"] == ["ann@lee.example"]
    entry = desk.call("GET", f"{PATH}/{office.ann}").json["thread"][-1]
    assert (entry["poster"], entry["agent"]) == ("Support", None)
    key = desk.make_key("can_update_tickets")["key"]
    answer = desk.call("POST", path, {"text": "Soon."}, key=key)
    assert refusal(answer) == (403, "forbidden", None)
    assert "can_act_for_others" in answer.json["error"]["message"]
    assert desk.call("POST", f"{PATH}/{office.ann}/notes", {"text": "Hm."}, key=key).status == 201


def test_a_note_is_for_staff_and_tells_whom_the_settings_say(
    desk: Desk, office: Office, cloud: LocalCloud
) -> None:
    path = f"{PATH}/{office.bob}/notes"
    assert desk.call("POST", path, {"text": "Quiet."}).json["told"] == []
    desk.set("settings", note_alert_active=True, note_alert_assigned=True)
    cloud.drain(retry=True)
    before = len(cloud.mailbox.mails())
    answer = desk.call("POST", path, {"text": "Loud."})
    assert answer.json["told"] == ["jane@desk.example"]
    cloud.drain(retry=True)
    assert [mail.to for mail in cloud.mailbox.mails()[before:]] == ["jane@desk.example"]
    assert desk.call("GET", f"{PATH}/{office.bob}").json["thread"][-1]["internal"]
    desk.set("settings", note_alert_active=False)


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({}, "text", "text is required"),
        ({"text": " \x00\n"}, "text", "text must not be empty"),
        ({"text": 1}, "text", "text must be a valid string"),
        ({"text": "x", "html": "<b>"}, "html", "html is not a known field"),
        (
            {"text": "x", "attachments": [{"name": "a.txt", "data": "é"}]},
            "attachments",
            "attachments.0.data must be base64",
        ),
        (
            {"text": "x", "attachments": [{"name": "a.exe", "data": "AA=="}]},
            "attachments",
            "a.exe has a type that the desk does not accept (exe)",
        ),
        (
            {"text": "x", "attachments": [{"name": f"{n}.txt", "data": "AA=="} for n in range(6)]},
            "attachments",
            "attachments must have at most 5 files",
        ),
    ],
)
def test_what_cannot_be_written_names_its_field(
    desk: Desk, office: Office, sent: dict[str, Any], field: str, said: str
) -> None:
    stored = desk.stored()
    for where in ("replies", "notes"):
        answer = desk.call("POST", f"{PATH}/{office.ann}/{where}", sent)
        assert refusal(answer) == (422, "invalid", field)
        assert answer.json["error"]["message"] == said
    assert desk.stored() == stored


# --- links and merges -----------------------------------------------------------------------


def links(desk: Desk, number: str) -> list[tuple[str, str]]:
    shown = desk.call("GET", f"{PATH}/{number}").json["links"]
    return [(link["kind"], link["number"]) for link in shown]


def test_two_tickets_are_linked_and_parted(desk: Desk) -> None:
    quiet: dict[str, Any] = {"alert": False, "autorespond": False}
    one, other = (desk.open(**quiet) for _ in range(2))
    path = f"{PATH}/{one}/links"
    for kind, back in (("parent", "child"), ("child", "parent"), ("normal", "normal")):
        sent = {"kind": kind, "ticket": other}
        once = {"Idempotency-Key": f"{one} {kind}"}
        answer = desk.call("POST", path, sent, headers=once)
        assert (answer.status, answer.json["kind"]) == (201, kind)
        assert desk.call("POST", path, sent, headers=once).json == answer.json
        assert refusal(desk.call("POST", path, sent)) == (409, "linked", None)
        assert links(desk, one) == [(kind, other)]
        assert links(desk, other) == [(back, one)]
        assert desk.call("DELETE", f"{path}/{kind}/{other}").json["deleted"]
        assert links(desk, one) == links(desk, other) == []
        assert refusal(desk.call("DELETE", f"{path}/{kind}/{other}"))[0] == 404
    key = desk.make_key("can_update_tickets")["key"]
    for sent, told in (
        ({"kind": "normal", "ticket": one}, (409, "itself", None)),
        ({"kind": "normal", "ticket": "999999"}, (422, "invalid", "ticket")),
        ({"kind": "normal", "ticket": "no number"}, (422, "invalid", "ticket")),
        ({"kind": "twin", "ticket": other}, (422, "invalid", "kind")),
    ):
        assert refusal(desk.call("POST", path, sent)) == told
        assert refusal(desk.call("POST", path, sent, key=key))[0] == 403
    assert refusal(desk.call("DELETE", f"{path}/twin/{other}"))[0] == 404


def test_a_ticket_is_merged_into_another(desk: Desk, cloud: LocalCloud) -> None:
    quiet: dict[str, Any] = {"alert": False, "autorespond": False}
    one, other = (desk.open(message=said, **quiet) for said in ("First", "Second"))
    path = f"{PATH}/{one}/merge"
    reader = desk.make_key("can_read_tickets")["key"]
    assert refusal(desk.call("POST", path, {"into": other}, key=reader))[0] == 403
    assert refusal(desk.call("POST", path, {"into": one})) == (409, "merged_itself", None)
    assert refusal(desk.call("POST", path, {"into": "999999"})) == (422, "invalid", "into")
    once = {"Idempotency-Key": one}
    for _ in range(2):
        answer = desk.call("POST", path, {"into": other}, headers=once)
        assert (answer.status, answer.json["number"]) == (200, other)
    back = desk.call("POST", f"{PATH}/{other}/merge", {"into": one})
    assert refusal(back) == (409, "merged_target", None)
    cloud.drain(retry=True)
    shown = desk.call("GET", f"{PATH}/{other}").json
    assert [entry["excerpt"] for entry in shown["thread"]] == ["First", "Second"]
    assert ("child", one) in links(desk, other)
    assert desk.call("GET", f"{PATH}/{one}").json["status"]["state"] == "closed"


# --- changes --------------------------------------------------------------------------------


def test_each_value_changes_alone_and_null_takes_it_away(desk: Desk, office: Office) -> None:
    path = f"{PATH}/{desk.open(alert=False, autorespond=False)}"
    team = desk.make_row("teams", name="Night")
    low = desk.make_row("priorities", name="Lowest", tag="lowest", urgency=9)
    due = "2031-01-31T12:00:00Z"
    changes: list[dict[str, Any]] = [
        {"agent": office.agent, "team": team, "department": office.sales},
        {"priority": low, "due": due},
        {"agent": None, "team": None, "due": None},
        {},
    ]
    told = [desk.call("PATCH", path, change).json for change in changes]
    assert told[0]["agent"] == {"id": office.agent, "name": "Jane Doe"}
    assert (told[0]["team"]["name"], told[0]["department"]["name"]) == ("Night", "Wholesale")
    assert (told[1]["priority"]["name"], told[1]["due"], told[1]["deadline"]) == (
        "Lowest",
        due,
        due,
    )
    assert told[1]["agent"] == told[0]["agent"]
    assert (told[2]["agent"], told[2]["team"], told[2]["due"]) == (None, None, None)
    assert told[3] == told[2]
    closed = desk.call("GET", "/api/admin/statuses").json["items"]
    number = next(row["id"] for row in closed if row["state"] == "closed")
    assert desk.call("PATCH", path, {"status": number}).json["status"]["state"] == "closed"


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"agent": 999}, "agent", "agent refers to something that does not exist"),
        ({"status": 999}, "status", "status refers to something that does not exist"),
        ({"department": None}, "department", "department must be a valid integer"),
        ({"status": "Closed"}, "status", "status must be a valid integer"),
        ({"due": "soon"}, "due", "due must be a time such as 2027-01-31T23:59:59Z"),
        ({"subject": "x"}, "subject", "subject is not a known field"),
    ],
)
def test_what_cannot_be_changed_names_its_field(
    desk: Desk, office: Office, sent: dict[str, Any], field: str, said: str
) -> None:
    answer = desk.call("PATCH", f"{PATH}/{office.ann}", sent)
    assert refusal(answer) == (422, "invalid", field)
    assert answer.json["error"]["message"] == said


def test_rows_that_are_switched_off_and_the_status_of_the_deleted_are_refused(
    desk: Desk, office: Office
) -> None:
    team = desk.make_row("teams", name="Gone", active=False)
    answer = desk.call("PATCH", f"{PATH}/{office.ann}", {"team": team})
    assert refusal(answer) == (422, "invalid", "team")
    rows = desk.call("GET", "/api/admin/statuses").json["items"]
    gone = next((row["id"] for row in rows if row["state"] == "deleted"), None)
    gone = gone or desk.make_row("statuses", name="Binned", state="deleted")
    answer = desk.call("PATCH", f"{PATH}/{office.ann}", {"status": gone})
    assert refusal(answer) == (409, "deleted_status", None)


def test_a_deleted_ticket_is_gone(desk: Desk, office: Office) -> None:
    path = f"{PATH}/{desk.open(alert=False, autorespond=False)}"
    number = desk.call("GET", path).json["id"]
    assert desk.call("DELETE", path).json == {"id": number, "deleted": True}
    for method in ("GET", "DELETE"):
        assert refusal(desk.call(method, path)) == (404, "not_found", None)


def test_only_the_permissions_of_tickets_change_them(desk: Desk, office: Office) -> None:
    reader = desk.make_key("can_read_tickets", "can_manage_desk", "can_manage_directory")["key"]
    sales = desk.make_key(
        *("can_update_tickets", "can_delete_tickets", "can_act_for_others"),
        departments=[office.sales],
    )["key"]
    ann = desk.make_key("can_update_tickets", "can_delete_tickets", customer=office.ann_id)["key"]
    stored = desk.stored()
    for method, where, sent in (
        ("POST", "/replies", {"text": "x"}),
        ("POST", "/notes", {"text": "x"}),
        ("PATCH", "", {"due": None}),
        ("DELETE", "", None),
    ):
        path = f"{PATH}/{office.ann}{where}"
        answer = desk.call(method, path, sent, key=reader)
        assert refusal(answer) == (403, "forbidden", None)
        assert refusal(desk.call(method, path, sent, key=sales)) == (404, "not_found", None)
    for where in ("/replies", "/notes"):
        answer = desk.call("POST", f"{PATH}/{office.ann}{where}", {"text": "x"}, key=ann)
        assert refusal(answer) == (403, "forbidden", None)
    assert desk.call("DELETE", f"{PATH}/{office.ann}", key=ann).status == 403
    assert desk.call("PATCH", f"{PATH}/{office.ann}", {"due": None}, key=ann).status == 403
    assert desk.stored() == stored
