"""The documented contract of every endpoint of the osTicket family, over HTTP: its responses, and
each refusal with its message. The end of the test run counts these cases.

The details of each rule are tested in tests/dialects/osticket.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from helpdesk.storage import sequences, transact
from helpdesk.storage.keys import file_key
from tests.http.contract import ENDPOINTS, case_of, endpoint_of
from tests.http.desk import Desk, ticket

JSON, XML = "application/json; charset=UTF-8", "application/xml; charset=UTF-8"
HTML, PLAIN = "text/html; charset=UTF-8", "text/plain; charset=UTF-8"
V1 = "application/json"
"""v1 names no charset."""

FAILED = "Unable to create new ticket :"
V1_FAILED = "Failed to create ticket: "
INVALID_URL = "Invalid URL format. Expected: /api/{}.php/{{{}}}.json"
INVALID_DATE = (
    "Invalid date format for dueDate. Expected ISO 8601 format "
    '(e.g., "2025-01-31" or "2025-01-31T17:30:00")'
)
BANNED = "This help desk is for use by authorized users only"


@dataclass(frozen=True)
class Case:
    """One request and its answer: status, type and words. The words are the whole body as text, the
    message of a refusal in JSON, or a pattern where they are enclosed in slashes.

    `<number>` and the like in `path` and `body` are what `there` has made.
    """

    request: str
    status: int
    words: str
    body: Any = None
    type: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """The route that is asked."""
        return endpoint_of(self.request)


def created(words: str, status: int = 400, kind: str = HTML, **values: Any) -> Case:
    return Case("POST /api/tickets.json", status, words, ticket(**values), kind)


def bare(request: str, status: int, words: str, body: Any = None, kind: str = HTML) -> Case:
    return Case(request, status, words, body, kind)


def xml(inside: str) -> bytes:
    asked = "<name>Jane</name><email>jane@customer.example</email><subject>Printer</subject>"
    return f"<ticket>{asked}{inside}</ticket>".encode()


def reply(words: str, status: int = 400, **values: Any) -> Case:
    return Case("POST /api/tickets-reply.php/<number>.json", status, words, values)


NUMBER = r"/\d{6}/"
CREATE, UPDATE = "POST /api/tickets.json", "PATCH /api/tickets-update.php/<number>.json"
LINK = "POST /api/tickets-subtickets-create.php/<parent>.json"
MAIL = b"From: bob@customer.example\r\nSubject: Smoke\r\n\r\nIt smokes.\r\n"
NEW = "new@customer.example"
CREATED = (
    created(NUMBER, 201),
    created(NUMBER, 201, departmentId="Sales", priority="High", duedate="2031-12-31"),
    created(NUMBER, 201, format="markdown", message="## Problem"),
    created(NUMBER, 201, parentTicketId="<number>"),
    created(NUMBER, 201, parentTicketNumber="<number>"),
    created(NUMBER, 201, topicId=9999, priority=9999),
    created(NUMBER, 201, unknown={"a": 1}, deptId=2),
    created(f"{FAILED}user\nIncomplete client information", email=None),
    created(f"{FAILED}user\nIncomplete client information", email=NEW, name=None),
    created(f"{FAILED}20\nIssue Summary is a required field", subject=None),
    created(f"{FAILED}21\nIssue Details is a required field", message=None),
    created(f"{FAILED}21\nText expected", message=["x"]),
    created(f"{FAILED}duedate\nInvalid due date", duedate="soon"),
    created(f"{FAILED}duedate\nDue date must be in the future", duedate="2001-01-01"),
    created("Format cannot be empty", kind=PLAIN, format=" "),
    created("Invalid format. Allowed: markdown, html, text", kind=PLAIN, format="rtf"),
    created("Department 'Nope' not found", 404, PLAIN, departmentId="Nope"),
    created("Department not found", 404, PLAIN, departmentId=9999),
    created("Department is not active", kind=PLAIN, departmentId="Gone"),
    created("Priority 'Nope' not found", 404, PLAIN, priority="Nope"),
    created("Help Topic is not active", kind=PLAIN, topicId="<topic>"),
    created("Help Topic 'Nope' not found", 404, PLAIN, topicId="Nope"),
    created("Parent ticket not found", 404, PLAIN, parentTicketId="999999999"),
    created("Parent ticket not found", 404, PLAIN, parentTicketNumber="999999999"),
    created(
        f"{FAILED}attachments\na.txt: Invalid base64 data",
        kind=PLAIN,
        attachments=[{"a.txt": "data:text/plain;base64,@@@"}],
    ),
    created(
        f"{FAILED}attachments\na.exe: File type is not allowed (exe)",
        kind=PLAIN,
        attachments=[{"a.exe": "data:application/x-msdownload;base64,TVo="}],
    ),
    created(
        f"{FAILED}attachments\nToo many files (at most 5)",
        kind=PLAIN,
        attachments=[{"a.txt": "data:,x"}] * 6,
    ),
    created(f"{FAILED}Ticket denied: test@example.com\n\n{BANNED}", 403, email="test@example.com"),
    bare(CREATE, 400, "Syntax error, malformed JSON", b""),
    bare(CREATE, 400, "Syntax error, malformed JSON", b"{"),
    bare(CREATE, 400, "No errors", b"{}"),
    bare(CREATE, 400, "No errors", b'"s"'),
    bare(CREATE, 400, "Maximum stack depth exceeded", b"[" * 600 + b"]" * 600),
    bare(
        CREATE, 400, "Malformed UTF-8 characters, possibly incorrectly encoded", b'{"name": "\xff"}'
    ),
    Case("POST /api/http.php/tickets.json", 201, NUMBER, ticket(), HTML),
    bare("POST /api/tickets.xml", 201, NUMBER, xml("<message>It burns.</message>")),
    bare("POST /api/tickets.xml", 400, "XML error: No error at line 1:1", b""),
    bare("POST /api/tickets.xml", 400, "/XML error: .+ at line 1:\\d+/", b"<ticket><a></ticket>"),
    bare("POST /api/tickets.xml", 400, f"{FAILED}21\nIssue Details is a required field", xml("")),
    bare("POST /api/http.php/tickets.xml", 201, NUMBER, xml("<message>It burns.</message>")),
    bare("POST /api/tickets.email", 201, NUMBER, MAIL),
    bare("POST /api/http.php/tickets.email", 201, NUMBER, MAIL),
    Case("POST /api/wildcard/tickets.json", 201, NUMBER, ticket(), HTML),
    bare("POST /api/wildcard/tickets.xml", 201, NUMBER, xml("<message>It burns.</message>")),
    bare("POST /api/wildcard/tickets.email", 201, NUMBER, MAIL),
)


def of_a_path(script: str, name: str) -> str:
    return INVALID_URL.format(script, name)


def told(request: str, words: str, kind: str = JSON) -> Case:
    return Case(request, 200, words, type=kind)


DOWNLOAD, STATUSES = "GET /api/tickets-attachment-download.php", "GET /api/tickets-statuses.php"
SEARCH = "GET /api/tickets-search.php"
GOT = (
    told("GET /api/tickets-get.php/<number>.json", r'/.*"number":"<number>".*/'),
    told("GET /api/tickets-get.php/<id>.json", r'/.*"number":"<number>".*/'),
    told("GET /api/tickets-get.php/<number>.xml", "/.*<subject>Printer</subject>.*/", XML),
    Case("GET /api/tickets-get.php/999999999.json", 404, "Ticket not found"),
    Case("GET /api/tickets-get.php/<number>", 400, of_a_path("tickets-get", "ticket_number")),
    Case("GET /api/tickets-get.php/<number>.csv", 400, of_a_path("tickets-get", "ticket_number")),
    told("GET /api/tickets-search.php", r'/\[\{"id":.*\]/'),
    told(f"{SEARCH}?query=nothing-of-the-kind", "[]"),
    told(f"{SEARCH}?status=Nope", "[]"),
    told(f"{SEARCH}?department=9999", "[]"),
    told(f"{SEARCH}?limit=x&offset=-1&sort=x", r"/\[\{.*/"),
    told("GET /api/tickets-search.php.json?limit=1", r"/\[\{[^{}]*\}\]/"),
    told("GET /api/tickets-search.php.xml?limit=1", r"/.*<response><item>.*/", XML),
    told(f"{SEARCH}?format=xml&query=no-such", "/.*<response/>.*/", XML),
    told(STATUSES, r'/\[\{"id":1,"name":"Open","state":"open"\},.*/', JSON),
    told("GET /api/tickets-statuses.php.json", r"/\[.*Archived.*Deleted.*\]/"),
    told("GET /api/tickets-statuses.php.xml", r"/.*<state>open</state>.*/", XML),
    told("GET /api/tickets-stats.php", r'/\{"total":\d+,"open":\d+,"closed":\d+,.*/', JSON),
    told("GET /api/tickets-stats.php.json", r'/.*"by_staff":\[.*/'),
    told("GET /api/tickets-stats.php.xml", r"/.*<by_department>.*/", XML),
    told(f"{DOWNLOAD}/<file>.json", r'/.*"content":"eA==".*/', JSON),
    told(f"{DOWNLOAD}/<file>.xml", r"/.*<content>eA==.*/", XML),
    Case(f"{DOWNLOAD}/999999.json", 404, "File not found"),
    Case(f"{DOWNLOAD}/<logo>.json", 403, "Attachment not accessible"),
    Case(f"{DOWNLOAD}/0.json", 400, "Invalid file ID"),
    *(
        Case(f"{DOWNLOAD}/{ref}", 400, of_a_path("tickets-attachment-download", "file_id"))
        for ref in ("-1.json", "x.json")
    ),
)


def updated(words: str, status: int = 400, **values: Any) -> Case:
    return Case(UPDATE, status, words, values, PLAIN if status == 200 else JSON)


UPDATED = (
    updated(NUMBER, 200, statusId="Open"),
    updated(NUMBER, 200, departmentId="Sales", slaId="Default SLA", priority="Emergency"),
    updated(NUMBER, 200, dueDate="2031-12-31", topicId=1, staffId="ann"),
    updated(NUMBER, 200, dueDate=None),
    updated(NUMBER, 200, note="**Called**", noteTitle="Call", attachments=[{"a.txt": "data:,x"}]),
    Case("PUT /api/tickets-update.php/<number>.xml", 200, NUMBER, {"statusId": 1}, PLAIN),
    updated("Status 'Nope' not found", 404, statusId="Nope"),
    updated("Status not found", 404, statusId=99),
    updated("Department 'Nope' not found", 404, departmentId="Nope"),
    updated("Department not found", 404, departmentId=9999),
    updated("Department is not active", departmentId="Gone"),
    updated("Help Topic 'Nope' not found", 404, topicId="Nope"),
    updated("Help Topic not found", 404, topicId=9999),
    updated("Help Topic is not active", topicId="<topic>"),
    updated("SLA 'Nope' not found", 404, slaId="Nope"),
    updated("SLA not found", 404, slaId=9999),
    updated("SLA is not active", slaId="Gone"),
    updated("Staff member not found", 404, staffId=9999),
    updated("Staff member not found", 404, staffId="nobody"),
    updated("Staff member is not active", staffId="gone"),
    updated("Priority 'Nope' not found", 404, priority="Nope"),
    updated("Priority not found", 404, priority=9999),
    updated("Parent ticket not found", 404, parentTicketNumber="999999999"),
    updated("Failed to create subticket relationship", 422, parentTicketNumber="<number>"),
    updated("A ticket cannot be set to Deleted: use DELETE", 422, statusId="Deleted"),
    updated(INVALID_DATE, dueDate="soon"),
    updated(INVALID_DATE, dueDate=["2031-12-31"]),
    updated("statusId: Name or id expected", statusId=[1]),
    updated("attachments: Attachments need a note", attachments=[{"a.txt": "data:,x"}]),
    updated(
        "attachments: a.txt: Invalid base64 data",
        note="x",
        attachments=[{"a.txt": "data:text/plain;base64,@@@"}],
    ),
    updated(
        "attachments: Too many files (at most 5)", note="x", attachments=[{"a": "data:,x"}] * 6
    ),
    updated(NUMBER, 200, note=" ", statusId=None),
    updated("/fields: Nothing that can be changed. Known are .*/", unknown=1),
    Case(UPDATE, 400, "Invalid JSON: Syntax error", b"{"),
    Case(UPDATE, 400, "No data provided in JSON body", b"{}"),
    Case(UPDATE, 400, "No data provided", b"", headers={"Content-Type": "text/plain"}),
    Case("PATCH /api/tickets-update.php/999999999.json", 404, "Ticket not found", {"statusId": 1}),
    reply(r'/\{"id":\d+,"ticket_id":<id>\}/', 201, message="Yes.", staffId="ann"),
    reply(r'/\{"id":\d+,"ticket_id":<id>\}/', 201, message="**Yes**", format="md", staffId="ann"),
    reply("message: Message is a required field", staffId="ann"),
    reply("message: Text expected", staffId="ann", message=["x"]),
    reply("staffId: This is a required field", message="Yes."),
    reply("Invalid format. Allowed: markdown, html, text", message="Yes.", format="rtf"),
    reply("Staff member not found", 404, message="Yes.", staffId="nobody"),
    reply("Staff member is not active", message="Yes.", staffId="gone"),
    Case("POST /api/tickets-reply.php/<number>.json", 400, "No data provided in JSON body", {}),
    Case("POST /api/tickets-reply.php/999999999.json", 404, "Ticket not found", {"message": "x"}),
    Case(
        "POST /api/tickets-reply.php/1", 400, INVALID_URL.format("tickets-reply", "ticket_number")
    ),
    Case(
        "PATCH /api/tickets-update.php/1",
        400,
        of_a_path("tickets-update", "ticket_number"),
        {"statusId": 1},
    ),
    Case("DELETE /api/tickets-delete.php/<doomed>.json", 200, NUMBER, type=PLAIN),
    Case("DELETE /api/tickets-delete.php/<gone>.json", 404, "Ticket not found"),
    Case("DELETE /api/tickets-delete.php/1", 400, of_a_path("tickets-delete", "ticket_number")),
    Case("POST /api/uploads", 201, r"/.*\"id\":\"[0-9a-f]{32}\",\"url\":.*/", {}, JSON),
    bare("POST /api/tasks/cron", 200, "Completed"),
    bare("POST /api/http.php/tasks/cron", 200, "Completed"),
)

_PARENT, _LIST = "GET /api/tickets-subtickets-parent.php", "GET /api/tickets-subtickets-list.php"
_UNLINK = "DELETE /api/tickets-subtickets-unlink.php"
RELATED = (
    Case(f"{_PARENT}/<child>.json", 200, r'/\{"parent":\{"ticket_id":\d+,.*/', type=JSON),
    Case(f"{_PARENT}/<number>.json", 200, '{"parent":null}', type=JSON),
    Case(f"{_PARENT}/<number>.xml", 200, "/.*<response><parent/></response>.*/", type=XML),
    Case(f"{_PARENT}/999999999.json", 404, "Child ticket not found"),
    Case(f"{_PARENT}/0.json", 400, "Invalid ticket number"),
    Case(f"{_LIST}/<parent>.json", 200, r'/\{"children":\[\{"ticket_id":\d+,.*/', type=JSON),
    told(f"{_LIST}/<lone>.json", '{"children":[]}'),
    Case(f"{_LIST}/999999999.json", 404, "Parent ticket not found"),
    Case(f"{_LIST}/0.json", 400, "Invalid ticket number"),
    Case(f"{_LIST}/<lone>.xml", 200, "/.*<response><children/></response>.*/", type=XML),
    Case(f"{_PARENT}/1", 400, of_a_path("tickets-subtickets-parent", "child_ticket_number")),
    Case(f"{_LIST}/1", 400, of_a_path("tickets-subtickets-list", "parent_ticket_number")),
    Case(f"{_UNLINK}/1", 400, of_a_path("tickets-subtickets-unlink", "child_ticket_number")),
    Case(
        "POST /api/tickets-subtickets-create.php/1",
        400,
        of_a_path("tickets-subtickets-create", "parent_ticket_number"),
        {"childId": "1"},
    ),
    Case(LINK, 400, "No data provided in JSON body", b"{}"),
    Case(
        LINK.replace("<parent>", "<grandchild>"),
        422,
        "Failed to create subticket relationship",
        {"childId": "<parent>"},
    ),
    Case(
        LINK,
        200,
        r'/\{"success":true,"message":"Subticket relationship created .*/',
        {"childId": "<new>"},
        JSON,
    ),
    Case(LINK, 422, "Subticket relationship already exists", {"childId": "<child>"}),
    Case(LINK, 400, "Cannot link ticket to itself", {"childId": "<parent>"}),
    Case(LINK, 400, "Missing childId in request body", {"x": 1}),
    Case(LINK, 400, "Missing childId in request body", {"childId": 0}),
    Case(LINK, 400, "Invalid JSON: Syntax error", b"{"),
    Case(LINK, 404, "Child ticket not found", {"childId": "999999999"}),
    Case(
        LINK.replace("<parent>", "999999999"),
        404,
        "Parent ticket not found",
        {"childId": "<child>"},
    ),
    Case(
        LINK.replace("<parent>", "0"), 400, "Invalid parent ticket number", {"childId": "<child>"}
    ),
    Case(
        LINK.replace("<parent>", "<number>"),
        422,
        "Child ticket already has a different parent",
        {"childId": "<child>"},
    ),
    Case(
        LINK.replace("<parent>", "<child>"),
        422,
        "Failed to create subticket relationship",
        {"childId": "<parent>"},
    ),
    Case(
        f"{_UNLINK}/<linked>.json",
        200,
        r'/\{"success":true,"message":"Subticket .* removed .*/',
        type=JSON,
    ),
    Case(f"{_UNLINK}/<lone>.json", 404, "Child has no parent to unlink"),
    Case(f"{_UNLINK}/999999999.json", 404, "Child ticket not found"),
    Case(f"{_UNLINK}/0.json", 400, "Invalid child ticket number"),
)

_V1 = "/api/v1/tickets.php"


def v1(request: str, status: int, words: str, body: Any = None) -> Case:
    verb, _, query = request.partition(" ")
    return Case(f"{verb} {_V1}{query}", status, words, body, V1)


OF_V1 = (
    v1(
        "GET ?page=1&per_page=1",
        200,
        r'/\{"tickets":\[\{"id":1,.*"pagination":\{"page":1,"per_page":1,.*/',
    ),
    v1("GET ?id=<id>", 200, r'/.*"number":"<number>".*"total":1,"pages":1\}\}/'),
    v1("GET ?id=999999", 200, r'/\{"tickets":\[\],"pagination":\{.*"total":0,"pages":0\}\}/'),
    v1("GET ?status_id=1&dept_id=1&topic_id=999", 200, r'/\{"tickets":\[\],.*/'),
    v1(
        "GET ?email=JANE@customer.example&q=PRINTER",
        200,
        r'/.*"user_email":"jane@customer.example".*/',
    ),
    v1("POST ", 201, r'/\{"message":"Ticket created","id":\d+,"number":"\d{6}"\}/', ticket()),
    v1("POST ", 422, "Missing required fields: email, subject, message", ticket(subject="0")),
    v1("POST ", 422, "Missing required fields: email, subject, message", b"{"),
    v1(
        "POST ",
        400,
        f"{V1_FAILED}Incomplete client information",
        ticket(email=NEW, name=None),
    ),
    v1("POST ", 403, f"{V1_FAILED}403, {BANNED}", ticket(email="test@example.com")),
    v1("PUT ?id=<id>", 200, '{"message":"Ticket updated"}', {"status_id": 1, "topic_id": 1}),
    v1("PATCH ?id=<id>", 200, '{"message":"Ticket updated"}', {"status_id": 1}),
    v1("PUT ", 400, "Missing ticket ID", {"status_id": 1}),
    v1("PUT ?id=999999", 404, "Ticket not found", {"status_id": 1}),
    v1("PUT ?id=<id>", 400, "Invalid JSON body", b"{}"),
    v1("PATCH ?id=<id>", 422, "Status not found", {"status_id": 99}),
    v1("PATCH ?id=<id>", 422, "Help Topic not found", {"topic_id": 9999}),
    v1("DELETE ", 400, "Missing ticket ID"),
    v1("DELETE ?id=999999", 404, "Ticket not found"),
    v1("DELETE ?id=<doomed id>", 200, '{"message":"Ticket deleted"}'),
)

CASES = (*CREATED, *GOT, *UPDATED, *RELATED, *OF_V1)


@pytest.fixture(scope="module")
def there(desk: Desk) -> dict[str, str]:
    """What the cases name."""
    for kind in ("departments", "slas"):
        hours = {"hours": 1} if kind == "slas" else {}
        desk.make_row(kind, name="Gone", active=False, **hours)
    for name, active in (("ann", True), ("gone", False)):
        desk.make_row(
            "agents", name=name, username=name, email=f"{name}@desk.example", active=active
        )
    topic = desk.make_row("topics", name="Gone", active=False)
    number = desk.open(attachments=[{"a.txt": "data:,x"}])
    shown = desk.show(number)
    parent = desk.open()
    doomed = desk.open()
    child = desk.open(parentTicketNumber=parent)
    gone = desk.open()
    assert desk.call("DELETE", f"/api/tickets-delete.php/{gone}.json").status == 200
    # A file that is no thread's.
    logo = sequences.allocate_ids(file=1)["file"]
    picture = {"id": logo, "name": "logo.png", "type": "image/png", "size": 1, "object": "logo"}
    transact.write(transact.put(file_key(logo), picture))
    return {
        "number": number,
        "id": str(shown["id"]),
        "file": str(shown["thread"][0]["attachments"][0]["file_id"]),
        "topic": str(topic),
        "parent": parent,
        "child": child,
        "grandchild": desk.open(parentTicketNumber=child),
        "logo": str(logo),
        "linked": desk.open(parentTicketNumber=parent),
        "lone": desk.open(),
        "new": desk.open(),
        "gone": gone,
        "doomed": doomed,
        "doomed id": str(desk.show(desk.open())["id"]),
    }


def named(text: str, there: dict[str, str]) -> str:
    return re.sub(r"<([a-z ]+)>", lambda name: there.get(name[1], name[0]), text)


@pytest.mark.parametrize(
    "case",
    [case_of(case.endpoint, case) for case in CASES],
    ids=lambda case: f"{case.request} {case.status}",
)
def test_an_endpoint_answers_as_documented(desk: Desk, there: dict[str, str], case: Case) -> None:
    method, path = named(case.request, there).split(" ", 1)
    sent = case.body
    raw = sent if isinstance(sent, bytes) else b""
    if sent is not None and not isinstance(sent, bytes):
        raw = named(json.dumps(sent), there).encode()
    answer = desk.call(method, path, raw=raw, headers=case.headers)
    said = answer.text
    if case.status >= 400 and not case.type.startswith("text/"):
        error = answer.json["error"]
        said = error if case.type == V1 else answer.json["message"]
        assert case.type == V1 or error is True
    assert (answer.status, answer.type) == (case.status, case.type or JSON), said
    words = named(case.words, there)
    if words.startswith("/"):
        assert re.fullmatch(words[1:-1], said, re.DOTALL), said
    else:
        assert said == words


# --- what is the same of all ----------------------------------------------------------------


EVERY = [case_of(name, *name.replace("{ref}", "1.json").split(" ", 1)) for name in ENDPOINTS]


def test_every_endpoint_has_cases() -> None:
    assert {case.endpoint for case in CASES} == set(ENDPOINTS)


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_a_key(desk: Desk, method: str, path: str) -> None:
    answer = desk.call(method, path, key=None)
    assert (answer.status, answer.json) == (
        401,
        {"error": True, "message": "Valid API key required"},
    )


@pytest.fixture(scope="module")
def powerless(desk: Desk) -> str:
    return str(desk.make_key()["key"])


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_permission(desk: Desk, powerless: str, method: str, path: str) -> None:
    answer = desk.call(method, path, key=powerless)
    assert answer.status == 403
    assert "API key not authorized" in answer.text


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_another_method(desk: Desk, method: str, path: str) -> None:
    answer = desk.call("TRACE", path)
    assert answer.status == 405
    allowed = answer.headers["allow"]
    assert method in allowed
    named = allowed.replace(", HEAD", "").removesuffix(", OPTIONS")
    words = f"Method Not Allowed. Use {named}"
    own = {"error": "Method not allowed"}
    assert answer.json == (own if path == _V1 else {"error": True, "message": words})
