"""JSON and XML as .NET's clients write and read them, over HTTP (docs/notific.md 2 to 4)."""

from __future__ import annotations

import json
from http.client import HTTPConnection

import pytest

from dialects.notific.media import TYPES
from tests.http.desk import Answer, Desk, with_key
from tests.http.notific.client import ARRAYS, NULL, Notific, Values

CREATE = pytest.mark.contract("POST /api/Services")
TICKET = pytest.mark.contract("POST /api/Tickets")
SHOW = pytest.mark.contract("GET /api/Services/{id}")
LIST = pytest.mark.contract("GET /api/Services")

INSTANCE = NULL[1:].partition("}")[0]
CONTRACTS = "http://schemas.datacontract.org/2004/07/Notific.Models"
ERROR = "An error has occurred."


def post(desk: Desk, plural: str, body: bytes, kind: str, accept: str = "") -> Answer:
    headers = {"Content-Type": kind, "Accept": accept}
    return desk.call("POST", f"/api/{plural}", raw=body, headers=headers)


# --- which format ---------------------------------------------------------------------------


@CREATE
@pytest.mark.parametrize("kind", TYPES)
def test_each_media_type_is_taken_and_answered(desk: Desk, unique: str, kind: str) -> None:
    """Without Accept the answer is of the type of the body."""
    xml = f"<Service><Name>{unique}</Name></Service>"
    body = xml if "xml" in kind else json.dumps({"Name": unique})
    for number, written in enumerate((kind, f"{kind}; charset=utf-8", kind.upper())):
        answer = post(
            desk, "Services", body.replace(unique, f"{unique} {number}").encode(), written
        )
        assert (answer.status, answer.type) == (201, f"{kind}; charset=utf-8")
        assert f"{unique} {number}" in answer.text


ACCEPTS = (
    ("application/json, application/xml", "application/json"),
    ("application/xml, application/json", "application/json"),
    ("application/xml, application/json;q=0.9", "application/xml"),
    ("application/json;q=0.5, text/xml;q=0.8", "text/xml"),
    ("application/json;q=0, */*", "application/xml"),
    ("text/xml", "text/xml"),
    ("text/json", "text/json"),
    ("text/html", "application/json"),
    ("image/png, */*;q=0.1", "application/json"),
    ("*/*", "application/json"),
    ("", "application/json"),
    ("nonsense;q=x, ,;", "application/json"),
)


@SHOW
@LIST
@pytest.mark.parametrize(("accept", "kind"), ACCEPTS)
def test_accept_decides(desk: Desk, accept: str, kind: str) -> None:
    made = desk.call("POST", "/api/Services", {"Name": f"accept {accept}"}).json["Id"]
    for path, status in ((f"/{made}", 200), ("", 200), ("/999999", 404)):
        answer = desk.call("GET", f"/api/Services{path}", headers={"Accept": accept})
        assert (answer.status, answer.type) == (status, f"{kind}; charset=utf-8")


# --- XML out --------------------------------------------------------------------------------


@SHOW
@LIST
def test_an_entity_and_a_list_to_the_byte(desk: Desk, unique: str) -> None:
    named = {"Name": f"{unique} & <B>", "Description": "One.\r\nTwo.\x01"}
    made = desk.call("POST", "/api/Services", named).json["Id"]
    accept = {"Accept": "application/xml"}
    shown = desk.call("GET", f"/api/Services/{made}", headers=accept).text
    assert shown == (
        f'<Service xmlns:i="{INSTANCE}"><Description>One.&#xD;\nTwo.\ufffd</Description>'
        f"<Id>{made}</Id><Name>{unique} &amp; &lt;B&gt;</Name></Service>"
    )
    listed = desk.call("GET", "/api/Services", headers=accept).text
    assert listed.startswith(f'<ArrayOfService xmlns:i="{INSTANCE}"><Service><Description>')
    assert listed.endswith("</Service></ArrayOfService>")
    empty = desk.call("GET", "/api/Services?$top=0", headers=accept).text
    assert empty == f'<ArrayOfService xmlns:i="{INSTANCE}" />'


@TICKET
def test_a_ticket_to_the_byte(desk: Desk, unique: str) -> None:
    """Members in ordinal order, null as `i:nil`, ids in the namespace of arrays."""
    one, two = (
        desk.call("POST", "/api/Services", {"Name": f"{unique} {name}"}).json["Id"]
        for name in ("one", "two")
    )
    times = {"StartTime": "2001-01-01T12:00:00Z", "NextUpdateTime": "2001-01-01T13:00:00.9Z"}
    new = {"Title": unique, "Description": "D", "Services": [two, one], **times}
    answer = desk.call("POST", "/api/Tickets", new, headers={"Accept": "text/xml"})
    made = desk.call("GET", f"/api/Tickets/{answer.headers['location'].rpartition('/')[2]}").json
    assert answer.text == (
        f'<Ticket xmlns:i="{INSTANCE}"><ClosedTime i:nil="true" />'
        f'<CreatedTime>{made["CreatedTime"]}</CreatedTime><CustomerId i:nil="true" />'
        '<Description>D</Description><EndTime i:nil="true" />'
        f'<ExpectedResolutionTime i:nil="true" /><Id>{made["Id"]}</Id>'
        f"<NextUpdateTime>2001-01-01T13:00:00Z</NextUpdateTime><Number>{made['Number']}</Number>"
        '<OperatorId i:nil="true" /><ReopenedTime i:nil="true" />'
        f'<Services xmlns:d2p1="{ARRAYS}"><d2p1:int>{two}</d2p1:int><d2p1:int>{one}</d2p1:int>'
        "</Services><StartTime>2001-01-01T12:00:00Z</StartTime><Status>Open</Status>"
        f"<Title>{unique}</Title><UpdatedTime>{made['UpdatedTime']}</UpdatedTime></Ticket>"
    )
    assert made["Services"] == [two, one]


@TICKET
def test_a_refusal_to_the_byte(desk: Desk) -> None:
    """No namespace; names that XML does not take are encoded; several texts in one element."""
    body = b"<Ticket><Title>x</Title><Services><int>1</int><int>x</int></Services></Ticket>"
    answer = post(desk, "Tickets", body, "application/xml")
    assert (answer.status, answer.text) == (
        400,
        (
            "<Error><Message>The request is invalid.</Message><ModelState>"
            f"<ticket.Services_x005B_1_x005D_>{ERROR}</ticket.Services_x005B_1_x005D_>"
            "</ModelState></Error>"
        ),
    )
    answer = post(desk, "Tickets", b'{"Services": [1, "x"]}', "application/json")
    wrong = {"ticket.Services[1]": [ERROR]}
    assert answer.json == {"Message": "The request is invalid.", "ModelState": wrong}


# --- bodies ---------------------------------------------------------------------------------

NIL = f"xmlns:i='{INSTANCE}' i:nil='true'"

XML_BODIES = {
    "in any order": "<Services>{ids}</Services><Title>T</Title><Description>D</Description>",
    "in any case": "<TITLE>T</TITLE><description>D</description><sErViCeS>{ids}</sErViCeS>",
    "with the namespace of arrays": "<Description>D</Description><Title>T</Title>"
    f"<Services xmlns:a='{ARRAYS}'><a:int>{{one}}</a:int><a:int>{{two}}</a:int></Services>",
    "as RestSharp's own serializer writes ids": "<Title>T</Title><Description>D</Description>"
    "<Services>\n<Int32>{one}</Int32>\n<Int32>{two}</Int32>\n</Services>",
    "with what is unknown or ignored": "<Title>T</Title><Nothing><Such>x</Such></Nothing>"
    "<Description>D</Description><Services>{ids}</Services><Id>77</Id><Status>Closed</Status>",
    "with null and nothing": f"<Title>T</Title><Description>D</Description><EndTime {NIL}/>"
    f"<OperatorId {NIL}/><CustomerId/><DoNotSendEmail {NIL}/><Services>{{ids}}</Services>",
    "with duplicates": "<Title>x</Title><Description>D</Description><title>y</title>"
    "<TITLE>T</TITLE><Services><int>999999</int></Services><Services>{ids}</Services>",
}

JSON_BODIES = {
    "in any order": '{"Services": [{one}, {two}], "Description": "D", "Title": "T"}',
    "in any case": '{"TITLE": "T", "description": "D", "sErViCeS": [{one}, {two}]}',
    "with numbers as text": '{"Title": "T", "Description": "D", "Services": ["{one}", "{two}"]}',
    "with what is unknown or ignored": '{"Title": "T", "Nothing": {"Such": [1]}, "Description": '
    '"D", "Services": [{one}, {two}], "Id": 77, "Status": "Closed"}',
    "with null and nothing": '{"Title": "T", "Description": "D", "EndTime": null, "OperatorId": '
    '"", "CustomerId": null, "DoNotSendEmail": "", "Services": [{one}, {two}]}',
    "with duplicates": '{"Title": {}, "Description": "D", "title": "y", "TITLE": "T", '
    '"Services": [999999], "Services": [{one}, {two}]}',
    "with duplicates of duplicates": '{"Title": "x", "Description": "D", "title": "y", "Title": '
    '"T", "services": [], "Services": [1.5], "services": [{one}, {two}]}',
}


@pytest.fixture(scope="module")
def services(desk: Desk) -> tuple[int, int]:
    """Two services."""
    names = ("first", "second")
    first, second = (desk.call("POST", "/api/Services", {"Name": n}).json["Id"] for n in names)
    return first, second


def filled(text: str, ids: tuple[int, int]) -> str:
    one, two = map(str, ids)
    text = text.replace("{ids}", "<int>{one}</int><int>{two}</int>")
    return text.replace("{one}", one).replace("{two}", two)


def check(answer: Answer, ids: tuple[int, int]) -> None:
    """A ticket with these services has been opened."""
    assert answer.status == 201, answer.text
    made = answer.json
    assert (made["Title"], made["Description"], made["Services"]) == ("T", "D", [*ids])
    assert (made["Status"], made["EndTime"], made["OperatorId"]) == ("Open", None, None)
    assert made["Id"] != 77


@TICKET
@pytest.mark.parametrize("name", XML_BODIES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<Ticket>", "</Ticket>"),
        ("<ticket>", "</ticket>"),
        (f'<?xml version="1.0"?>\n<Ticket xmlns="{CONTRACTS}" xmlns:i="{INSTANCE}">', "</Ticket>"),
    ],
    ids=["plain", "lower", "as DataContractSerializer"],
)
def test_bodies_in_xml(
    desk: Desk, services: tuple[int, int], name: str, before: str, after: str
) -> None:
    body = before + filled(XML_BODIES[name], services) + after
    check(post(desk, "Tickets", body.encode(), "application/xml", "application/json"), services)


@TICKET
@pytest.mark.parametrize("name", JSON_BODIES)
def test_bodies_in_json(desk: Desk, services: tuple[int, int], name: str) -> None:
    body = filled(JSON_BODIES[name], services)
    check(post(desk, "Tickets", body.encode(), "application/json"), services)


ENCODINGS = (
    # How it is written, what stands before it, and the charset that is told.
    ("utf-8", b"", ""),
    ("utf-8", b"", "utf-8"),
    ("utf-8-sig", b"", ""),
    ("utf-16-le", b"\xff\xfe", ""),
    ("utf-16-be", b"\xfe\xff", ""),
    ("utf-16-le", b"", "utf-16"),
)


@CREATE
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_encodings(desk: Desk, unique: str, kind: str, encoding: tuple[str, bytes, str]) -> None:
    """XML says that it is UTF-16, as strings of .NET do, whatever it is."""
    codec, mark, charset = encoding
    name = f"{unique} \u00fc\U0001f525"
    xml = f'<?xml version="1.0" encoding="utf-16"?><Service><Name>{name}</Name></Service>'
    body = xml if "xml" in kind else json.dumps({"Name": name}, ensure_ascii=False)
    told = f"{kind}; charset={charset}" if charset else kind
    answer = post(desk, "Services", mark + body.encode(codec), told, "application/json")
    assert (answer.status, answer.json.get("Name")) == (201, name)


@CREATE
@pytest.mark.parametrize("kind", TYPES)
def test_chunked_bodies(desk: Desk, unique: str, kind: str) -> None:
    xml = f"<Service><Name>{unique}</Name></Service>"
    body = (xml if "xml" in kind else json.dumps({"Name": unique})).encode()
    connection = HTTPConnection("127.0.0.1", desk.cloud.port, timeout=60)
    path, chunks = with_key("/api/Services", desk.key), iter((body[:9], body[9:]))
    headers = {"Content-Type": kind}
    connection.request("POST", path, chunks, headers, encode_chunked=True)
    answer = Answer.read(connection.getresponse())
    connection.close()
    assert answer.status == 201
    assert unique in answer.text


# --- values ---------------------------------------------------------------------------------

NOON = "2001-01-01T12:00:00Z"

TIMES = {
    "2001-01-01T12:00:00Z": NOON,
    "2001-01-01T12:00:00": NOON,
    "2001-01-01T14:00:00+02:00": NOON,
    "2001-01-01T06:30:00-05:30": NOON,
    "2001-01-01T12:00:00.1234567Z": NOON,
    "2001-01-01T12:00:00.9999999Z": NOON,
    "/Date(978350400000)/": NOON,
    "/Date(978350400000+0100)/": NOON,
    "": None,
    "0001-01-01T00:00:00": None,
}
"""Times as they come, and as they are shown."""

FAR = ("0999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2001-02-29T00:00:00Z", "noon")
"""What the desk cannot keep, and what is no time."""


@TICKET
def test_times(notific: Notific) -> None:
    for given, wanted in TIMES.items():
        made = notific.make("Tickets", Title="T", Description="D", EndTime=given, StartTime=given)
        assert made["EndTime"] == wanted
        assert (made["StartTime"] == wanted) == (wanted is not None)  # by default now
    for given in FAR:
        for name in ("StartTime", "EndTime", "ExpectedResolutionTime", "NextUpdateTime"):
            body = {"Title": "T", "Description": "D", name: given}
            told = notific.ask("POST", "Tickets", body)
            assert told.wrong == {f"ticket.{name}": [ERROR]}


@TICKET
@pytest.mark.contract("PUT /api/Tickets/{id}")
def test_times_are_compared_in_whole_seconds(notific: Notific) -> None:
    made = notific.make("Tickets", Title="T", Description="D", StartTime=NOON)
    closed = notific.put("Tickets", made, ClosedTime="2001-01-01T12:00:00.7Z")
    assert closed["ClosedTime"] == NOON
    reopened = notific.put("Tickets", closed, ReopenedTime="2001-01-01T13:00:00.1Z")
    again = notific.put("Tickets", reopened, ClosedTime="2001-01-01T12:00:00.2Z")
    assert again["Status"] == "Open"
    assert notific.put("Tickets", again) == again


@TICKET
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"DoNotSendEmail": "true"}, {}),
        ({"DoNotSendEmail": 1}, {}),
        ({"Title": 5}, {"Title": "5"}),
        ({"Services": []}, {"Services": []}),
        ({"Services": None}, {"Services": []}),
        ({"OperatorId": " "}, {"OperatorId": None}),
    ],
)
def test_values_that_are_taken(notific: Notific, values: Values, shown: Values) -> None:
    made = notific.make("Tickets", **{"Title": "T", "Description": "D", **values})
    assert {name: made[name] for name in shown} == shown


@TICKET
@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"OperatorId": "x"}, "OperatorId"),
        ({"OperatorId": 1.5}, "OperatorId"),
        ({"CustomerId": 2147483648}, "CustomerId"),
        ({"DoNotSendEmail": "yes"}, "DoNotSendEmail"),
        ({"Services": [1.5]}, "Services[0]"),
        ({"Services": [1, True]}, "Services[1]"),
    ],
)
def test_values_that_are_none(notific: Notific, values: Values, where: str) -> None:
    body = {"Title": "T", "Description": "D", **values}
    assert notific.ask("POST", "Tickets", body).wrong == {f"ticket.{where}": [ERROR]}
