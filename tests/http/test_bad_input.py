"""Any input is either refused clearly in the dialect's format or stored safely, never a 5xx, and
nothing is partially written.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.cloud import LocalCloud
from tests.http.desk import HOME, Answer, Desk, ticket
from tests.http.endpoints import Endpoint, endpoints

MB = 1024 * 1024

TOO_LARGE = {
    "OsticketApi": {
        "error": True,
        "message": "Request is too large. Send files by POST /api/uploads; "
        "mail to support@desk.example may have 40 MB",
    },
    "AdminApi": {
        "error": {
            "code": "too_large",
            "message": "This is more than a request can hold",
            "field": None,
        }
    },
    "NotificApi": {"Message": "This is more than a request can hold."},
    "ZammadApi": {
        "error": "This is more than a request can hold.",
        "error_human": "This is more than a request can hold.",
    },
}

UNREADABLE = {
    "empty": b"",
    "blank": b"   ",
    "half": b'{"name": "Jane',
    "closed twice": b"{}}",
    "two of them": b"{} {}",
    "python": b"{'name': 'Jane'}",
    "not a number": b'{"name": NaN}',
    "endless": b'{"name": Infinity}',
    "comment": b"{/* none */}",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "long number": b"9" * 5000,
    "text": b'"name"',
    "latin-1": '{"name": "Jürgen"}'.encode("latin-1"),
    "utf-16": '{"name": "Jane"}'.encode("utf-16"),
    "overlong": b'{"name": "\xc0\xaf"}',
    "surrogate bytes": b'{"name": "\xed\xa0\x80"}',
    "half a pair": b'{"name": "\\ud800"}',
    "control": b'{"name": "a\x01b"}',
    "nul": b"\x00" * 100,
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "deep and closed": b'{"a":' * 600 + b"1" + b"}" * 600,
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    "form": b"name=Jane&email=jane%40customer.example",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nJane\r\n--x--\r\n',
    "xml bomb": b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><ticket>&c;</ticket>',
    "xml file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ticket>&b;</ticket>',
}
"""Bodies that no endpoint takes."""

NO_OBJECT = {"empty", "blank", "null", "true", "number", "long number", "text"}
"""To Zammad no parameters: an object's are merged into those of the query, and nothing else is."""

MERGE = "/api/v1/ticket_merge/{source}/{target}"
"""Takes all that it needs from its path, and answers 200 in any case (docs/zammad.md 9.7)."""

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    "",
    "\0",
    "\u202e",
    "x" * 70_000,
    [],
    [[]],
    {},
    {"a": 1},
]
"""Values of each type; most fields take few of them."""

REFS = [
    "%00.json",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd.json",
    "..json",
    ".json",
    "1.JSON",
    "1.json.exe",
    "-1.json",
    "%F0%9F%94%A5.json",
    "%ff%fe.json",
    "1%0d%0aX-Evil:1.json",
    "9" * 500 + ".json",
    "x" * 3000 + ".json",
    "%D9%A1%D9%A2.json",
    "1%2F2.json",
    "{ref}.json",
    "T%230000000001.json",
    "1e3.json",
    "0x10.json",
    " .json".replace(" ", "%20"),
]

QUERIES = [
    "?format=%00",
    "?limit=-1&next=%ff",
    "?limit=1e9&next=999999999999999999999",
    "?next=" + "9" * 2000,
    "?limit=%D9%A1",
    "?a=1&a=2&a=3",
    "?&&==&%",
    "?%F0%9F%94%A5=%F0%9F%94%A5",
    "?" + "&".join(f"a{number}=1" for number in range(500)),
]

HEADERS: list[dict[str, str]] = [
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "nonsense; charset=\xff"},
    {"Accept": "text/html;q=nonsense, */*;q=9, ,;;"},
    {"Accept": "," * 2000},
    {"Content-Encoding": "gzip"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"Authorization": "Basic ///"},
    {"Cookie": "a=b; " * 500},
    {"Accept-Language": "\xff\xfe"},
    {"Idempotency-Key": "\xe9" * 10},
]


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[Endpoint]:
    """Every endpoint that a good key gets through to."""
    return [a for a in endpoints(cloud) if a.permissions and not a.takes_anything]


def fault(asked: Endpoint, answer: Answer) -> str:
    """What is wrong with an answer: a fault of ours, or a refusal in no shape of the dialect's."""
    if answer.status >= 500:
        return "a fault of ours"
    if answer.status < 400:
        return ""
    if asked.dialect == "core" and answer.type.startswith("text/"):
        return "" if answer.text else "no words"
    if asked.family == "NotificApi":
        return "" if answer.json["Message"] else "no shape"
    error = answer.json["error"]
    if asked.dialect == "v1":
        good = error and isinstance(error, str)
    elif asked.family == "ZammadApi":
        good = error and error == answer.json.get("error_human")
    elif asked.family == "AdminApi":
        good = set(error) == {"code", "message", "field"}
    else:
        good = error is True and answer.json["message"]
    return "" if good else "no shape"


def reads_a_body(asked: Endpoint) -> bool:
    return asked.method in {"POST", "PUT", "PATCH"}


def test_a_body_that_cannot_be_read_is_refused(desk: Desk, every: list[Endpoint]) -> None:
    stored = desk.stored()
    wrong = {}
    for asked in filter(reads_a_body, every):
        for name, body in UNREADABLE.items():
            if asked.resource.endswith(("/rotate", "/check", "/reset")) and not body:
                continue  # these need none
            if asked.family == "NotificApi" and name == "utf-16":
                continue  # .NET's own encoding, which is read (docs/notific.md 2)
            if asked.family == "ZammadApi" and (name in NO_OBJECT or asked.resource == MERGE):
                continue
            answer = desk.call(asked.method, asked.path(id=1), raw=body)
            said = fault(asked, answer)
            if said or answer.status < 400:
                wrong[asked.name, name] = (answer.status, said, answer.text[:200])
    assert not wrong
    assert desk.stored() == stored


def test_what_is_too_large_is_refused_in_the_family_s_words(
    desk: Desk, every: list[Endpoint]
) -> None:
    stored = desk.stored()
    one_of_each = {asked.family: asked for asked in every if asked.method == "POST"}
    wrong = {}
    for family, asked in one_of_each.items():
        for size in (10 * MB + 1, 6 * MB + 1):
            answer = desk.call(asked.method, asked.path(id=1), raw=b'"' + b"x" * size + b'"')
            if (answer.status, answer.json) != (413, TOO_LARGE[family]):
                wrong[asked.name, size] = (answer.status, answer.text[:200])
    assert not wrong
    assert desk.stored() == stored


@pytest.mark.parametrize("field", ["name", "email", "subject", "message", "attachments", "topicId"])
def test_a_value_of_a_wrong_type_is_refused_or_read(desk: Desk, field: str) -> None:
    for value in VALUES:
        # No address: whatever else is wrong or right with it, it is refused in the end.
        body = {**ticket(email="no address"), field: value}
        answer = desk.call("POST", "/api/tickets.json", body)
        assert 400 <= answer.status < 500, (value, answer.status)
        assert answer.text


def test_wrong_paths_name_nothing(desk: Desk) -> None:
    stored = desk.stored()
    wrong = {}
    for ref in REFS:
        for path in (f"/api/tickets-get.php/{ref}", f"/api/admin/keys/{ref}"):
            answer = desk.call("GET", path)
            # A path with a slash in it is another path.
            if answer.status not in {400, 404} or "error" not in answer.json:
                wrong[path] = (answer.status, answer.text[:200])
        if desk.call("DELETE", f"/api/admin/departments/{ref}").status not in {404, 405}:
            wrong[ref] = (0, "deleted")
    assert not wrong
    assert desk.stored() == stored


@pytest.mark.exhaustive
def test_wrong_queries_and_headers_do_no_harm(desk: Desk, every: list[Endpoint]) -> None:
    stored = desk.stored()
    wrong = {}
    for asked in every:
        for query in QUERIES if asked.method == "GET" else ():
            answer = desk.call(asked.method, asked.path() + query)
            if said := fault(asked, answer):
                wrong[asked.name, query[:50]] = (answer.status, said)
        for headers in HEADERS:
            answer = desk.call(asked.method, asked.path(), raw=b"{", headers=headers)
            if said := fault(asked, answer):
                wrong[asked.name, str(headers)[:80]] = (answer.status, said)
    assert not wrong
    assert desk.stored() == stored


def test_a_row_in_another_encoding_is_refused(desk: Desk) -> None:
    answer = desk.call("POST", "/api/admin/services", raw='{"name": "Jürgen"}'.encode("latin-1"))
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_json")


def test_files_have_names_and_no_places(desk: Desk) -> None:
    names = {
        "../../etc/passwd.txt": "passwd.txt",
        "C:\\Windows\\win.txt": "win.txt",
        "a\r\nX-Evil: 1.txt": "a X-Evil: 1.txt",
        "\u202etxt.exe.txt": "txt.exe.txt",
        "nul\0.txt": "nul.txt",
    }
    files = [{name: "data:text/plain,x"} for name in names]
    number = desk.open(alert=False, autorespond=False, attachments=files)
    shown = desk.show(number)["thread"][0]["attachments"]
    assert [file.get("name", file.get("filename")) for file in shown] == list(names.values())


def test_scripts_are_stored_as_text_or_not_at_all(desk: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)><b>bold</b>"
    for body in (evil, f"data:text/html,{evil}"):
        number = desk.open(alert=False, autorespond=False, subject=evil, name=evil, message=body)
        shown = desk.show(number)
        said = shown["thread"][0]["body"]
        assert not re.search(r"<script|<[^>]*onerror", said)
        answer = desk.call("GET", f"/api/tickets-get.php/{number}.xml")
        assert answer.type.startswith("application/xml")
        assert "<script" not in answer.text


# --- Idempotency-Key ------------------------------------------------------------------------


def create(desk: Desk, once: str, path: str = "/api/tickets.json", **values: Any) -> Answer:
    body = ticket(alert=False, autorespond=False, **values)
    return desk.call("POST", path, body, headers={"Idempotency-Key": once})


def test_a_long_idempotency_key_is_refused(desk: Desk) -> None:
    longest = create(desk, "k" * 255)
    assert longest.status == 201
    assert create(desk, "k" * 255).body == longest.body
    stored = desk.stored()
    assert create(desk, "k" * 256).status == 400
    row = {"name": "Once"}
    for path in ("/api/admin/keys", "/api/admin/departments"):
        answer = desk.call("POST", path, row, headers={"Idempotency-Key": "k" * 256})
        assert (answer.status, answer.json["error"]["field"]) == (400, "Idempotency-Key")
    assert desk.stored() == stored


def test_an_idempotency_key_is_for_one_body_and_one_path(desk: Desk) -> None:
    first = create(desk, "one")
    stored = desk.stored()
    other = create(desk, "one", subject="Another")
    assert (other.status, other.text) == (409, "Idempotency-Key was used for another request")
    assert desk.stored() == stored
    elsewhere = create(desk, "one", "/api/http.php/tickets.json")
    assert elsewhere.status == 201
    assert elsewhere.body != first.body


def test_a_refused_request_may_be_mended_under_its_key(desk: Desk) -> None:
    assert create(desk, "mended", email="no address").status == 400
    assert create(desk, "mended").status == 201


# --- anything at all ------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["data:text/plain,x", "data:;base64,@", "\0", "2026-01-31", "<b>", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=6,
)

FIELDS = st.sampled_from(
    (
        *("name", "subject", "message", "phone", "notes", "topicId", "departmentId", "priorityId"),
        *("duedate", "ip", "source", "format", "alert", "autorespond", "attachments", "fields"),
        "parentTicketId",
    )
)


@pytest.fixture
def resting(desk: Desk) -> object:
    """What is stored before anything is asked."""
    return desk.stored()


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(values=st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_json_is_answered_clearly_and_leaves_nothing_when_refused(
    desk: Desk, cloud: LocalCloud, resting: object, values: dict[str, Any]
) -> None:
    event = {
        "httpMethod": "POST",
        "resource": "/api/tickets.json",
        "path": "/api/tickets.json",
        "headers": {"Content-Type": "application/json"},
        "queryStringParameters": None,
        "pathParameters": None,
        # An address that is none: all of it is read, and in the end nothing is stored.
        "body": json.dumps({**ticket(email="no address"), **values}),
        "isBase64Encoded": False,
        "requestContext": {
            "requestId": "r",
            "path": "/api/tickets.json",
            "domainName": "desk.example",
            "identity": {"sourceIp": HOME},
            "authorizer": {"key_id": "1", "permissions": "can_create_tickets"},
        },
    }
    answer = cloud.invoke("OsticketCreateTicketJson", event)
    assert 400 <= answer["statusCode"] < 500
    assert answer["body"]
    assert answer["headers"]["Content-Type"].startswith(("text/", "application/json"))
    assert desk.stored() == resting
