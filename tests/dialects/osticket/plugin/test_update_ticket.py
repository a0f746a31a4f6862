"""PATCH and PUT /api/tickets-update.php: each field, and each refusal, which changes nothing."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests import world
from tests.dialects.osticket.conftest import Answer, Desk
from tests.world import later

PLAIN = "text/plain; charset=UTF-8"
FILE = {"a.txt": "data:text/plain;base64,aGVsbG8="}
NO_DATE = (
    "Invalid date format for dueDate. "
    'Expected ISO 8601 format (e.g., "2025-01-31" or "2025-01-31T17:30:00")'
)
EVERYTHING = ["can_create_tickets", "can_read_tickets", "can_update_tickets"]


def agent(desk: Desk, **facts: Any) -> int:
    new = {"name": "Ann Agent", "username": "ann", "email": "ann@desk.example", **facts}
    return desk.row("agents", **new)


def buckets(desk: Desk) -> dict[str, int]:
    """How many tickets lie in each bucket, once all has been counted."""
    desk.settle()
    counted = [item for item in world.items("index") if item["pk"]["S"] == "CELL"]
    return {item["sk"]["S"]: int(item["n"]["N"]) for item in counted if item["n"]["N"] != "0"}


def stored(desk: Desk, number: str) -> Any:
    """A ticket's item, as moto keeps it."""
    pk = f"T#{desk.get(number)['id']:010d}"
    (item,) = [i for i in world.items("desk") if (i["pk"]["S"], i["sk"]["S"]) == (pk, "A")]
    return item


def statistics(desk: Desk) -> Any:
    desk.settle()
    return desk.call("GET", "/api/tickets-stats.php").json


def refused(desk: Desk, number: str, **values: Any) -> tuple[int, str]:
    """Status and message of an update that is refused, and so changes nothing."""
    before = world.written(), world.objects()
    answer = desk.update(number, **values)
    assert (world.written(), world.objects()) == before
    return answer.status, answer.message


# --- single fields --------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "shape"), [("PATCH", "json"), ("PUT", "json"), ("PUT", "xml")])
def test_the_number_is_answered_in_plain_text(desk: Desk, verb: str, shape: str) -> None:
    number = desk.open()
    answer = desk.call(verb, f"/api/tickets-update.php/{number}.{shape}", {"priority": "High"})
    assert (answer.status, answer.type, answer.text) == (200, PLAIN, number)
    assert desk.get(number)["priority"] == "High"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("statusId", "resolved", {"statusId": 2, "status": "Resolved"}),
        ("statusId", 3, {"statusId": 3, "status": "Closed"}),
        ("statusId", "3", {"statusId": 3, "status": "Closed"}),
        ("statusId", "Archived", {"statusId": 4, "status": "Archived"}),
        ("departmentId", " SALES ", {"departmentId": 2, "department": "Sales"}),
        ("departmentId", 3, {"departmentId": 3, "department": "Maintenance"}),
        ("topicId", 10, {"topicId": 10, "topic": "Report a Problem", "departmentId": 1}),
        ("topicId", "Feedback", {"topicId": 2, "topic": "Feedback"}),
        ("slaId", "fast", {"slaId": 2, "sla": "Fast"}),
        ("slaId", 2, {"slaId": 2, "sla": "Fast"}),
        ("staffId", "ann", {"staff": "Ann Agent"}),
        ("staffId", "Ann@Desk.example", {"staff": "Ann Agent"}),
        ("priority", "emergency", {"priorityId": 4, "priority": "Emergency"}),
        ("priority", 1, {"priorityId": 1, "priority": "Low"}),
        ("dueDate", "2031-01-31", {"duedate": "2031-01-31 00:00:00"}),
        ("dueDate", "2031-01-31T17:30:00", {"duedate": "2031-01-31 17:30:00"}),
        ("dueDate", "2031-01-02T03:04:05+02:00", {"duedate": "2031-01-02 01:04:05"}),
        ("dueDate", 1925078400, {"duedate": "2031-01-02 00:00:00"}),
        ("dueDate", "2001-01-01", {"duedate": "2001-01-01 00:00:00", "isOverdue": True}),
    ],
)
def test_a_field(desk: Desk, field: str, value: object, shown: dict[str, object]) -> None:
    desk.row("slas", name="Fast", hours=2, id=2)
    agent(desk)
    number = desk.open()
    before = desk.get(number)
    ticket = desk.change(number, **{field: value})
    assert {name: ticket[name] for name in shown} == shown
    own = {*shown, "staffId", "updated", "closed"}
    assert {k: v for k, v in ticket.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }


def test_an_agent_by_id(desk: Desk) -> None:
    ann = agent(desk)
    assert desk.change(desk.open(), staffId=ann)["staffId"] == ann


def test_the_promise_of_the_plan_stays_when_the_plan_changes(desk: Desk) -> None:
    desk.row("slas", name="Fast", hours=2, id=2)
    number = desk.open()
    promise = stored(desk, number)["estimated_due"]
    desk.change(number, slaId=2)
    assert stored(desk, number)["estimated_due"] == promise


def test_many_fields_at_once_are_one_change(desk: Desk) -> None:
    agent(desk)
    number = desk.open()
    ticket = desk.change(
        number,
        statusId="Closed",
        departmentId="Sales",
        topicId=1,
        staffId="ann",
        priority="High",
        dueDate="2031-01-31",
        note="All of it.",
    )
    wanted = ("Closed", "Sales", "General Inquiry", "Ann Agent", "High", "2031-01-31 00:00:00")
    fields = ("status", "department", "topic", "staff", "priority", "duedate")
    assert tuple(ticket[name] for name in fields) == wanted
    assert ticket["thread"][1]["body"] == "<p>All of it.</p>\n"
    assert buckets(desk) == {"3#2#1": 1}
    assert stored(desk, number)["version"] == {"N": "2"}


def test_null_and_unknown_fields_change_nothing(desk: Desk) -> None:
    number = desk.open()
    before = world.written()
    fields = ("statusId", "departmentId", "topicId", "slaId", "staffId", "priority", "note")
    values: dict[str, Any] = dict.fromkeys((*fields, "parentTicketNumber"))
    for sent in (values, values | {"note": " "}):
        answer = desk.update(number, **sent)
        assert (answer.status, answer.text) == (200, number)
    assert desk.update(number, whatever=1, statusId="Open").status == 200
    assert world.written() == before


def test_a_change_in_which_nothing_is_known_is_refused(desk: Desk) -> None:
    number = desk.open()
    before = world.written()
    for sent in ({"status": "Closed"}, {"reply": "Hi"}, {"whatever": None}):
        answer = desk.update(number, **sent)
        assert (answer.status, "Known are statusId" in answer.message) == (400, True)
    path = f"/api/v1/tickets.php?id={desk.get(number)['id']}"
    script, _, query = path.partition("?id=")
    answer = desk.call("PATCH", script, {"status": "Closed"}, query={"id": query})
    assert (answer.status, "Known are status_id, topic_id" in answer.text) == (400, True)
    assert world.written() == before


def test_subject_team_and_custom_fields_can_be_changed(desk: Desk) -> None:
    desk.row("fields", name="room", label="Room")
    number = desk.open()
    after = desk.change(number, subject="New <subject>", teamId="Level I Support", room="B 12")
    assert (after["subject"], after["teamId"]) == ("New <subject>", 1)
    assert after["fields"]["room"] == "B 12"
    assert desk.update(number, teamId="Nobody").message == "Team 'Nobody' not found"


def test_what_is_cleared_is_no_more(desk: Desk) -> None:
    agent(desk)
    number = desk.open()
    values: dict[str, Any] = {"staffId": "ann", "teamId": 1, "topicId": 1, "slaId": 1}
    desk.change(number, dueDate="2031-01-31", **values)
    after = desk.change(number, clear=["staff", "team", "topic", "sla", "dueDate"])
    cleared = ("staffId", "teamId", "topicId", "slaId", "duedate")
    assert [after[name] for name in cleared] == [None] * 5
    answer = desk.update(number, clear=["status"])
    assert (answer.status, "staff, team, topic, sla, dueDate" in answer.message) == (400, True)


def test_the_same_twice_changes_nothing_more(desk: Desk) -> None:
    agent(desk)
    number = desk.open()
    values: dict[str, Any] = {"statusId": "Closed", "staffId": "ann", "dueDate": "2031-01-31"}
    desk.change(number, **values)
    before = world.written()
    assert desk.update(number, **values).status == 200
    assert world.written() == before


# --- status ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("timed")
def test_closing_stamps_and_clears(desk: Desk) -> None:
    number = desk.open()
    later(days=30)
    world.function("background/mark_overdue").handler({}, None)
    assert stored(desk, number)["overdue"] == {"BOOL": True}
    ticket = desk.change(number, statusId="Resolved")
    assert ticket["closed"] == ticket["updated"] == "2026-04-01 09:00:00"
    assert ticket["isOverdue"] is False
    assert stored(desk, number)["overdue"] == {"BOOL": False}
    assert "p9" not in stored(desk, number)
    assert ("closed", {"status": 2}) in desk.history(number)


@pytest.mark.usefixtures("timed")
def test_from_one_closed_status_to_another_it_stays_closed_since_then(desk: Desk) -> None:
    number = desk.open()
    closed = desk.change(number, statusId="Resolved")["closed"]
    later(hours=1)
    for status in ("Closed", "Archived"):
        assert desk.change(number, statusId=status)["closed"] == closed
    history = desk.history(number)
    assert ("status", {"from": 2, "to": 3}) in history
    assert ("status", {"from": 3, "to": 4}) in history


@pytest.mark.usefixtures("timed")
def test_opening_again(desk: Desk) -> None:
    number = desk.open()
    due = stored(desk, number)["s9"]
    desk.change(number, statusId="Closed")
    later(hours=1)
    ticket = desk.change(number, statusId="Open")
    assert (ticket["status"], ticket["closed"]) == ("Open", None)
    assert stored(desk, number)["s9"] == due
    assert ("reopened", {"status": 1}) in desk.history(number)
    later(hours=1)
    desk.change(number, statusId="Closed")
    item = stored(desk, number)
    assert item["first_closed"]["S"] == "2026-03-02T09:00:00.000Z"
    assert item["last_closed"]["S"] == "2026-03-02T11:00:00.000Z"


def test_deleting_is_not_an_update(desk: Desk) -> None:
    number = desk.open()
    words = "A ticket cannot be set to Deleted: use DELETE"
    assert refused(desk, number, statusId="Deleted", note="Bye.") == (422, words)
    assert refused(desk, number, statusId=5) == (422, words)


# --- due date -------------------------------------------------------------------------------


def test_a_due_date_is_cleared(desk: Desk) -> None:
    number = desk.open()
    for nothing in (None, "", " "):
        assert desk.change(number, dueDate="2031-01-31")["duedate"]
        assert desk.change(number, dueDate=nothing)["duedate"] is None


@pytest.mark.parametrize(
    "value", ["someday", "tomorrow", "2025-13-01", "0000-00-00", [], {}, True, 10**30, "9" * 5000]
)
def test_what_is_no_date(desk: Desk, value: object) -> None:
    assert refused(desk, desk.open(), dueDate=value, statusId=3) == (400, NO_DATE)


def test_a_date_without_an_offset_is_in_the_zone_of_the_desk(desk: Desk) -> None:
    desk.settings(default_timezone="Europe/Berlin")
    ticket = desk.change(desk.open(), dueDate="2031-07-01")
    assert ticket["duedate"] == "2031-06-30 22:00:00"


@pytest.mark.usefixtures("timed")
def test_a_new_date_in_the_future_ends_being_overdue(desk: Desk) -> None:
    number = desk.open()
    later(days=30)
    world.function("background/mark_overdue").handler({}, None)
    desk.change(number, dueDate="2026-03-02")
    assert statistics(desk)["overdue"] == 1
    assert desk.change(number, dueDate="2031-01-31")["isOverdue"] is False
    item = stored(desk, number)
    assert (item["overdue"], item["p9"]) == ({"BOOL": False}, {"S": "DUE"})
    assert item["s9"]["S"].startswith("2031-01-31")
    assert statistics(desk)["overdue"] == 0


# --- notes ----------------------------------------------------------------------------------


def test_a_note_for_staff(desk: Desk) -> None:
    number = desk.open()
    ticket = desk.change(number, note="**Called** back")
    assert ticket["thread"][1] == {
        "id": ticket["thread"][1]["id"],
        "type": "note",
        "poster": "API",
        "timestamp": ticket["updated"],
        "body": "<p><strong>Called</strong> back</p>\n",
    }
    assert ticket["isAnswered"] is False
    kinds = [kind for kind, _ in desk.history(number)]
    assert sorted(kinds) == ["created", "note"]
    (note,) = [
        item
        for item in world.items("desk")
        if item.get("kind") == {"S": "note"} and "title" in item
    ]
    assert note["title"] == {"S": "API Update"}


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (None, "<p>a <em>b</em> &lt;i&gt;c&lt;/i&gt;</p>\n"),
        ("Markdown ", "<p>a <em>b</em> &lt;i&gt;c&lt;/i&gt;</p>\n"),
        ("no such", "<p>a <em>b</em> &lt;i&gt;c&lt;/i&gt;</p>\n"),
        ("HTML", "a *b* <i>c</i>"),
        ("text", "a *b* &lt;i&gt;c&lt;/i&gt;"),
    ],
)
def test_the_format_of_a_note(desk: Desk, form: str | None, body: str) -> None:
    ticket = desk.change(desk.open(), note="a *b* <i>c</i>", noteFormat=form)
    assert ticket["thread"][1]["body"] == body


def test_a_note_is_made_safe(desk: Desk) -> None:
    ticket = desk.change(desk.open(), note="x<script>alert(1)</script>", noteFormat="html")
    assert ticket["thread"][1]["body"] == "x"


def test_a_title_of_its_own(desk: Desk) -> None:
    desk.change(desk.open(), note="Yes.", noteTitle=" Audit\nResult ")
    titles = {item["title"]["S"] for item in world.items("desk") if "title" in item}
    assert titles == {"Printer", "Audit Result"}


def test_a_key_of_an_agent_writes_as_the_agent(desk: Desk) -> None:
    ann = agent(desk)
    number = desk.open()
    key = desk.cloud.key(permissions=EVERYTHING, agent=ann)["key"]
    assert desk.update(number, note="Mine.", statusId=3, key=key).status == 200
    note = desk.get(number)["thread"][1]
    assert (note["poster"], note["staffId"], note["staff"]) == ("Ann Agent", ann, "Ann Agent")
    events = [item for item in world.items("desk") if item["sk"]["S"].startswith("V#")]
    by = {item["kind"]["S"]: item.get("agent") for item in events}
    assert by["closed"] == by["note"] == {"N": str(ann)}


def test_a_note_with_files(desk: Desk) -> None:
    described = {"name": "b.pdf", "type": "application/pdf", "encoding": "base64", "data": "SGk="}
    ticket = desk.change(desk.open(), note="See.", attachments=[FILE, described])
    note = ticket["thread"][1]
    assert note["attachment_count"] == 2
    names = [(file["filename"], file["size"], file["mime_type"]) for file in note["attachments"]]
    assert names == [("a.txt", 5, "text/plain"), ("b.pdf", 2, "application/pdf")]
    path = f"/api/tickets-attachment-download.php/{note['attachments'][0]['file_id']}.json"
    assert desk.call("GET", path).json["content"] == "aGVsbG8="


def test_a_long_note_with_a_picture_inside(desk: Desk) -> None:
    picture = "<img src='data:image/png;base64,aGVsbG8='>"
    long = " ".join(str(number * 7919 % 104729) for number in range(20_000))
    ticket = desk.change(desk.open(), note=f"{picture}{long}", noteFormat="html")
    note = ticket["thread"][1]
    assert note["body"].endswith(long[-100:])
    assert [file["inline"] for file in note["attachments"]] == [True]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([{"a.txt": "data:text/plain;base64,???"}], "attachments: a.txt: Invalid base64 data"),
        ([FILE] * 6, "attachments: Too many files (at most 5)"),
        ([{"a.exe": "data:,x"}], "attachments: a.exe: File type is not allowed (exe)"),
        ([{}], "attachments: Attachment 1 has no name or no contents"),
        ([FILE, 5], "attachments: Attachment 2 has no name or no contents"),
        ("a.txt", "attachments: List expected"),
    ],
)
def test_files_that_are_refused(desk: Desk, files: object, words: str) -> None:
    number = desk.open()
    assert refused(desk, number, note="See.", statusId=3, attachments=files) == (400, words)


def test_files_need_a_note(desk: Desk) -> None:
    number = desk.open()
    for note in (None, "", " \n"):
        said = refused(desk, number, statusId=3, note=note, attachments=[FILE])
        assert said == (400, "attachments: Attachments need a note")
    assert desk.update(number, statusId=3, attachments=[]).status == 200


# --- what is not there ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"statusId": "Nope"}, 404, "Status 'Nope' not found"),
        ({"statusId": 99}, 404, "Status not found"),
        ({"statusId": 0}, 404, "Status not found"),
        ({"departmentId": "Nope"}, 404, "Department 'Nope' not found"),
        ({"departmentId": "99"}, 404, "Department not found"),
        ({"departmentId": "Off"}, 400, "Department is not active"),
        ({"topicId": 99}, 404, "Help Topic not found"),
        ({"topicId": "Nope"}, 404, "Help Topic 'Nope' not found"),
        ({"topicId": "Old"}, 400, "Help Topic is not active"),
        ({"slaId": 99}, 404, "SLA not found"),
        ({"slaId": "Nope"}, 404, "SLA 'Nope' not found"),
        ({"slaId": "Slow"}, 400, "SLA is not active"),
        ({"staffId": 99}, 404, "Staff member not found"),
        ({"staffId": "nobody"}, 404, "Staff member not found"),
        ({"staffId": "nobody@desk.example"}, 404, "Staff member not found"),
        ({"staffId": "gone"}, 400, "Staff member is not active"),
        ({"priority": 99}, 404, "Priority not found"),
        ({"priority": "Nope"}, 404, "Priority 'Nope' not found"),
        ({"parentTicketNumber": "1234567"}, 404, "Parent ticket not found"),
        ({"parentTicketNumber": "no/such"}, 404, "Parent ticket not found"),
        ({"parentTicketNumber": "9" * 70}, 404, "Parent ticket not found"),
    ],
)
def test_what_is_unknown_or_switched_off(
    desk: Desk, values: dict[str, object], status: int, words: str
) -> None:
    desk.row("departments", name="Off", active=False)
    desk.row("topics", name="Old", active=False)
    desk.row("slas", name="Slow", hours=99, active=False)
    agent(desk, username="gone", email="gone@desk.example", active=False)
    number = desk.open()
    rest = {"statusId": 3} | values | {"note": "Never.", "attachments": [FILE]}
    assert refused(desk, number, **rest) == (status, words)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        *((f, "Name or id expected") for f in ("statusId", "departmentId", "topicId", "slaId")),
        *((f, "Name or id expected") for f in ("staffId", "priority", "parentTicketNumber")),
        *((f, "Text expected") for f in ("note", "noteTitle", "noteFormat")),
    ],
)
def test_values_of_a_wrong_type(desk: Desk, field: str, words: str) -> None:
    number = desk.open()
    wrong: tuple[Any, ...] = ([], {"a": 1}, True, 1.5)
    for value in wrong:
        assert refused(desk, number, **{field: value}) == (400, f"{field}: {words}")


def test_all_wrong_types_are_said_at_once(desk: Desk) -> None:
    said = refused(desk, desk.open(), statusId=[], note=5, priority="x" * 2000, dueDate=True)
    assert said[1] == (
        "statusId: Name or id expected; priority: Value is too long (at most 1000 characters); "
        f"{NO_DATE}; note: Text expected"
    )


# --- which ticket ---------------------------------------------------------------------------


def test_a_number_goes_before_an_id(desk: Desk) -> None:
    number = desk.open()
    ticket = desk.get(number)["id"]
    assert desk.update(str(ticket), priority="High").text == number
    assert desk.get(number)["priority"] == "High"
    # So long a reference is a number, and never reaches another ticket.
    assert desk.update(f"{ticket:06d}", priority="Low").status == 404


@pytest.mark.parametrize("ref", ["999999", "0", "77", "nobody", "x" * 65, "%00", "a b"])
def test_an_unknown_ticket(desk: Desk, ref: str) -> None:
    answer = desk.update(ref, statusId=99)
    assert (answer.status, answer.message) == (404, "Ticket not found")


@pytest.mark.parametrize("ref", ["", ".json", "781258", "781258.txt", "781258.json.gz"])
def test_a_path_that_names_none(desk: Desk, ref: str) -> None:
    answer = desk.call("PATCH", f"/api/tickets-update.php/{ref}", {"statusId": 3})
    words = "Invalid URL format. Expected: /api/tickets-update.php/{ticket_number}.json"
    assert (answer.status, answer.message) == (400, words)


# --- bodies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":', b"\xff", b'{"note":"\\ud800"}', b"{'a':1}"])
def test_what_is_no_json(desk: Desk, raw: bytes) -> None:
    answer = desk.call("PATCH", f"/api/tickets-update.php/{desk.open()}.json", raw=raw)
    assert (answer.status, answer.message) == (400, "Invalid JSON: Syntax error")


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"null", b"5", b'"Closed"', b"[3]"])
def test_json_without_fields(desk: Desk, raw: bytes) -> None:
    answer = desk.call("PATCH", f"/api/tickets-update.php/{desk.open()}.json", raw=raw)
    assert (answer.status, answer.message) == (400, "No data provided in JSON body")


def patched(desk: Desk, number: str, kind: str, raw: bytes) -> Answer:
    path = f"/api/tickets-update.php/{number}.json"
    return desk.call("PATCH", path, raw=raw, headers={"Content-Type": kind})


def test_a_form(desk: Desk) -> None:
    number = desk.open()
    form = urlencode({"statusId": "Closed", "note": "Sold & gone"}).encode()
    assert patched(desk, number, "application/x-www-form-urlencoded", form).text == number
    ticket = desk.get(number)
    assert ticket["status"] == "Closed"
    assert ticket["thread"][1]["body"] == "<p>Sold &amp; gone</p>\n"


@pytest.mark.parametrize("raw", [b"", b"\xff", b"a=1&" * 200])
def test_forms_without_data(desk: Desk, raw: bytes) -> None:
    number = desk.open()
    answer = patched(desk, number, "application/x-www-form-urlencoded", raw)
    assert (answer.status, answer.message) == (400, "No data provided")


def test_xml(desk: Desk) -> None:
    number = desk.open()
    desk.change(number, dueDate="2031-01-31")
    document = b"""<?xml version="1.0"?>
      <ticket statusId="Resolved"><priority>High</priority><dueDate/><noteFormat>text</noteFormat>
        <note>It is <![CDATA[<done>]]></note>
        <attachments><file name="a.txt" encoding="base64">aGVsbG8=</file></attachments>
      </ticket>"""
    assert patched(desk, number, "application/xml", document).text == number
    ticket = desk.get(number)
    assert (ticket["status"], ticket["priority"]) == ("Resolved", "High")
    assert ticket["duedate"] is None
    note = ticket["thread"][1]
    assert note["body"] == "It is &lt;done&gt;"
    assert note["attachments"][0]["size"] == 5


@pytest.mark.parametrize("raw", [b"", b"<a>", b"<!DOCTYPE a><a/>", b"no"])
def test_what_is_no_xml(desk: Desk, raw: bytes) -> None:
    answer = patched(desk, desk.open(), "text/xml", raw)
    assert answer.status == 400
    assert answer.message.startswith("XML error: ")


def test_xml_without_fields(desk: Desk) -> None:
    answer = patched(desk, desk.open(), "text/xml", b"<ticket/>")
    assert (answer.status, answer.message) == (400, "No data provided")


# --- who may --------------------------------------------------------------------------------


def test_a_key_without_the_permission(desk: Desk) -> None:
    number = desk.open()
    key = desk.cloud.key(permissions=["can_read_tickets", "can_create_tickets"])["key"]
    answer = desk.update(number, note="No.", key=key)
    assert (answer.status, answer.message) == (403, "API key not authorized to update tickets")


def test_a_key_of_departments(desk: Desk) -> None:
    inside, outside = desk.open(departmentId=2), desk.open()
    key = desk.cloud.key(permissions=EVERYTHING, departments=[2])["key"]
    assert desk.update(inside, priority=3, key=key).status == 200
    assert desk.update(outside, priority=3, key=key).message == "Ticket not found"
    answer = desk.update(inside, departmentId="Support", key=key)
    assert (answer.status, answer.message) == (404, "Department 'Support' not found")
    answer = desk.update(inside, parentTicketNumber=outside, key=key)
    assert (answer.status, answer.message) == (404, "Parent ticket not found")
    assert desk.get(inside)["department"] == "Sales"


def test_a_customer_closes_and_opens_the_own_ticket_and_no_more(desk: Desk) -> None:
    own = desk.open()
    other = desk.open(email="other@example.com")
    customer = desk.get(own)["userId"]
    key = desk.cloud.key(permissions=EVERYTHING, customer=customer)["key"]
    for status in ("Closed", "Open"):
        assert desk.update(own, statusId=status, key=key).status == 200
        assert desk.get(own)["status"] == status
    for values in ({"note": "x"}, {"priority": 1}, {"dueDate": None}, {"statusId": "Archived"}):
        assert desk.update(own, key=key, **values).status == 403
    assert desk.update(other, statusId="Closed", key=key).status == 404


# --- once -----------------------------------------------------------------------------------


def once(desk: Desk, number: str, key: str, **values: Any) -> Answer:
    path = f"/api/tickets-update.php/{number}.json"
    return desk.call("PATCH", path, values, headers={"Idempotency-Key": key})


def test_a_repeated_request_leaves_one_note(desk: Desk) -> None:
    number = desk.open()
    for _ in range(3):
        assert once(desk, number, "k", note="Once.").text == number
    assert len(desk.get(number)["thread"]) == 2
    answer = once(desk, number, "k", note="Twice.")
    assert (answer.status, answer.message) == (
        409,
        "Idempotency-Key was used for another request",
    )


def test_a_request_that_changed_nothing_is_not_made_up_for(desk: Desk) -> None:
    number = desk.open()
    assert once(desk, number, "k", statusId="Open").status == 200
    desk.change(number, statusId="Closed")
    assert once(desk, number, "k", statusId="Open").status == 200
    assert desk.get(number)["status"] == "Closed"


# --- what follows ---------------------------------------------------------------------------


def test_history_tells_each_thing_that_happened(desk: Desk) -> None:
    ann, bob = agent(desk), agent(desk, name="Bob", username="bob", email="bob@desk.example")
    number = desk.open()
    desk.change(number, departmentId=2, staffId=ann, priority=3, dueDate="2031-01-31", topicId=1)
    desk.change(number, staffId=bob, topicId=2)
    told = {json.dumps(event, sort_keys=True) for event in desk.history(number)}
    wanted = [
        ("transferred", {"from": 1, "to": 2}),
        ("assigned", {"agent": ann, "by": None}),
        ("assigned", {"agent": bob, "by": None}),
        (
            "edited",
            {
                "topic": [None, 1],
                "priority": [2, 3],
                "due": [None, "2031-01-31T00:00:00.000Z"],
            },
        ),
        ("edited", {"topic": [1, 2]}),
    ]
    assert {json.dumps(event, sort_keys=True) for event in wanted} <= told
    assert len(told) == len(wanted) + 1


def test_lists_and_counters_follow(desk: Desk) -> None:
    agent(desk)
    number, other = desk.open(), desk.open()
    assert buckets(desk) == {"1#1#0": 2}
    desk.change(number, statusId="Closed", departmentId="Sales", staffId="ann", topicId=2)
    assert buckets(desk) == {"1#1#0": 1, "3#2#2": 1}
    assert [found["number"] for found in desk.search(status="Closed")] == [number]
    assert [found["number"] for found in desk.search(department="Support")] == [other]
    desk.change(number, statusId="Open", departmentId="Support")
    assert buckets(desk) == {"1#1#0": 1, "1#1#2": 1}
    assert [found["number"] for found in desk.search(sort="updated")] == [number, other]
    told = statistics(desk)
    assert (told["open"], told["closed"]) == (2, 0)
    (ann,) = told["by_staff"]
    assert ann["departments"] == {"Support": {"open": 1, "closed": 0, "overdue": 0}}
