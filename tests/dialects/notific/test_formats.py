"""Bodies and answers of Notific's API: what was written is read again, and nothing falls over."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.endpoint import Request
from dialects.notific import contracts, dates, media, read, refuse, shapes, show
from dialects.notific.refuse import BadRequest, Unsupported
from dialects.notific.shapes import TICKET, Shape
from helpdesk.model.actor import SYSTEM
from helpdesk.times import EARLIEST, LATEST

NOON = datetime(2001, 1, 1, 12, tzinfo=UTC)

ASKED = Request(
    method="POST",
    resource="/api/Tickets",
    path="/api/Tickets",
    params={},
    query={},
    headers={"content-type": media.JSON},
    body=b"",
    source_ip="192.0.2.1",
    base_url="https://desk.example",
    actor=SYSTEM,
)


def asked(body: bytes = b"", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(ASKED, body=body, headers={**ASKED.headers, **named})


def of_json(**values: Any) -> Any:
    return read.entity(asked(json.dumps(values).encode()), TICKET)


def of_xml(inner: str, **headers: str) -> Any:
    body = f"<Ticket xmlns:i='{contracts.INSTANCE}'>{inner}</Ticket>".encode()
    return read.entity(asked(body, content_type=media.XML, **headers), TICKET)


def wrong(body: bytes, media_type: str = media.JSON) -> Any:
    with pytest.raises(BadRequest) as refused:
        read.entity(asked(body, content_type=media_type), TICKET)
    return dict(refused.value.state)


# --- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("OperatorId", "3", 3),
        ("OperatorId", " ", None),
        ("OperatorId", None, None),
        ("Title", 5, "5"),
        ("Title", True, "true"),
        ("Title", "", ""),
        ("DoNotSendEmail", "True", True),
        ("DoNotSendEmail", 1, True),
        ("DoNotSendEmail", 0, False),
        ("DoNotSendEmail", "", None),
        ("Services", [1, "2"], [1, 2]),
        ("Services", None, None),
        ("StartTime", "", None),
        ("StartTime", "2001-01-01T12:00:00", NOON),
        ("StartTime", "2001-01-01T12:00:00.1234567Z", NOON),
        ("StartTime", "2001-01-01T13:00:00+01:00", NOON),
        ("StartTime", "2001-01-01T06:30:00-0530", NOON),
        ("StartTime", "/Date(978350400000)/", NOON),
        ("StartTime", "/Date(978350400000+0100)/", NOON),
        ("StartTime", "2001-01-01", NOON.replace(hour=0)),
    ],
)
def test_what_json_net_takes(name: str, given: object, wanted: object) -> None:
    assert of_json(**{name: given}) == {name: wanted}
    assert of_json(**{name.upper(): given, "Unknown": {}}) == {name: wanted}


@pytest.mark.parametrize(
    ("name", "given", "where"),
    [
        ("OperatorId", True, ""),
        ("OperatorId", 1.5, ""),
        ("OperatorId", "1.0", ""),
        ("OperatorId", 2**31, ""),
        ("Title", {}, ""),
        ("Services", 1, ""),
        ("Services", [1, True], "[1]"),
        ("Services", [1.5], "[0]"),
        ("Services", [None], "[0]"),
        ("StartTime", 978350400000, ""),
        ("StartTime", "noon", ""),
        ("StartTime", "2001-02-29T00:00:00Z", ""),
        ("StartTime", "0999-12-31T23:59:59Z", ""),
        ("StartTime", "9999-12-31T23:59:59Z", ""),
        ("StartTime", "/Date(999999999999999999)/", ""),
        ("DoNotSendEmail", "yes", ""),
        ("DoNotSendEmail", 2, ""),
    ],
)
def test_what_json_net_refuses(name: str, given: object, where: str) -> None:
    body = json.dumps({name: given, "EndTime": "no"}).encode()
    said = ["An error has occurred."]
    assert wrong(body) == {f"ticket.{name}{where}": said, "ticket.EndTime": said}


def test_an_unset_time_was_left_out_and_the_last_of_duplicates_counts() -> None:
    assert of_json(StartTime="0001-01-01T00:00:00") == {}
    assert read.entity(asked(b'{"title": 1, "Title": "b"}'), TICKET) == {"Title": "b"}
    assert of_xml("<Title>a</Title><title>b</title>") == {"Title": "b"}


@pytest.mark.parametrize("body", [b"", b" ", b"null", b"[]", b"1", b"{", b'"x"', b"\xff"])
def test_a_body_that_is_none_stands_under_the_name_of_the_resource(body: bytes) -> None:
    said = {"ticket": ["An error has occurred."]}
    assert wrong(body) == said
    assert wrong(body, media.XML) == said


def test_xml_in_any_order_case_and_namespace() -> None:
    arrays = f"xmlns:a='{contracts.ARRAYS}'"
    for inner in (
        f"<Services {arrays}><a:int>1</a:int><a:int>2</a:int></Services><Title> x </Title>",
        "<title> x </title><SERVICES><int>1</int>\n<int>2</int></SERVICES>",
    ):
        assert of_xml(inner) == {"Services": [1, 2], "Title": " x "}
    namespace = "http://schemas.datacontract.org/2004/07/Notific.Models"
    body = f"<t:Ticket xmlns:t='{namespace}'><t:Title>x</t:Title></t:Ticket>".encode()
    assert read.entity(asked(body, content_type="text/xml"), TICKET) == {"Title": "x"}


def test_xml_knows_null_and_nothing() -> None:
    nil = "<Services i:nil='true'/><EndTime i:nil='1'/><OperatorId/><Title/>"
    wanted = {"Services": None, "EndTime": None, "OperatorId": None, "Title": ""}
    assert of_xml(nil) == wanted
    assert of_xml("<Services> </Services>") == {"Services": []}
    for inner in ("<Services>1</Services>", "<Services><int>x</int></Services>"):
        body = f"<Ticket>{inner}</Ticket>".encode()
        assert all(name.startswith("ticket.Services") for name in wrong(body, media.XML))
    assert wrong(b"<Customer/>", media.XML) == {"ticket": ["An error has occurred."]}


@pytest.mark.parametrize(
    ("encode", "charset"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", "utf-16"), ("utf-8", "x")],
)
@pytest.mark.parametrize("media_type", media.TYPES)
def test_encodings(media_type: str, encode: str, charset: str) -> None:
    xml = '<?xml version="1.0" encoding="utf-16"?><Ticket><Title>\u00fc\U0001f525</Title></Ticket>'
    text = xml if media.is_xml(media_type) else '{"Title": "\u00fc\U0001f525"}'
    kind = f"{media_type}; charset={charset}" if charset else media_type
    found = read.entity(asked(text.encode(encode), content_type=kind), TICKET)
    assert found == {"Title": "\u00fc\U0001f525"}


def test_other_media_types_are_not_taken() -> None:
    for kind, words in (
        ("text/plain", "The request entity's media type 'text/plain' is not supported for this "),
        ("", "The request contains an entity body but no Content-Type header. "),
    ):
        with pytest.raises(Unsupported) as refused:
            read.entity(asked(b"x", content_type=kind), TICKET)
        answer = refuse.refuse(refused.value, asked(b"x", content_type=kind))
        assert answer.status == 415
        assert words in str(answer.body)


# --- which format ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("application/json, application/xml", media.JSON),
        ("application/xml, application/json;q=0.9", media.XML),
        ("application/json;q=0.5, text/xml;q=0.8", "text/xml"),
        ("application/json;q=0, */*", media.XML),
        ("text/json", "text/json"),
        ("text/html, */*;q=0.1", media.JSON),
        ("text/html", media.JSON),
        ("*/*", media.JSON),
        ("nonsense;q=x, ,;", media.JSON),
    ],
)
def test_accept_decides(accept: str, wanted: str) -> None:
    assert media.accepted(asked(b"<a/>", content_type=media.XML, accept=accept)) == wanted


def test_without_accept_the_body_decides() -> None:
    assert media.accepted(asked(b"<a/>", content_type="text/xml")) == "text/xml"
    assert media.accepted(asked(b"x", content_type="text/plain")) == media.JSON
    assert media.accepted(asked(content_type=media.XML)) == media.JSON


# --- writing --------------------------------------------------------------------------------


def test_an_entity_as_data_contract_serializer_writes_it() -> None:
    values: Any = {"Id": 7, "Name": "A & <B>\r\n\x01\ud800", "Services": [1, 2], "CellPhone": None}
    answer = show.entity(asked(accept=media.XML), shapes.CUSTOMER, {**values, "Email": ""})
    assert answer.type == "application/xml; charset=utf-8"
    assert answer.body == (
        '<Customer xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><CellPhone i:nil="true" />'
        "<Email></Email><Id>7</Id><Name>A &amp; &lt;B&gt;&#xD;\n\ufffd\ufffd</Name>"
        '<Services xmlns:d2p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays">'
        "<d2p1:int>1</d2p1:int><d2p1:int>2</d2p1:int></Services></Customer>"
    )
    rows = show.entities(asked(accept="text/xml"), shapes.SERVICE, [{"Id": 1, "Name": "x"}])
    assert (rows.type, rows.body) == (
        "text/xml; charset=utf-8",
        (
            '<ArrayOfService xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Service>'
            '<Description i:nil="true" /><Id>1</Id><Name>x</Name></Service></ArrayOfService>'
        ),
    )


def test_a_refusal_in_xml_has_no_namespace() -> None:
    error = BadRequest({"ticket.Services[1]": ["a", "b & c"]})
    answer = refuse.refuse(error, asked(accept=media.XML))
    assert (answer.status, answer.body) == (
        400,
        (
            "<Error><Message>The request is invalid.</Message><ModelState>"
            "<ticket.Services_x005B_1_x005D_>a b &amp; c</ticket.Services_x005B_1_x005D_>"
            "</ModelState></Error>"
        ),
    )


# --- anything at all ------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

TIMES = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)

OF_KIND = {
    "int": st.integers(-(2**31), 2**31 - 1),
    "string": TEXTS,
    "ints": st.lists(st.integers(0, 2**31 - 1), max_size=4),
    "time": TIMES,
    "bool": st.booleans(),
}


def entities(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    kinds = {one.name: OF_KIND[one.kind] | st.none() for one in shape.shown}
    return st.fixed_dictionaries(kinds)


@given(st.sampled_from(shapes.SHAPES).flatmap(lambda s: st.tuples(st.just(s), entities(s))))
def test_what_is_shown_is_read_again(one: tuple[Shape, dict[str, Any]]) -> None:
    shape, values = one
    for media_type in media.TYPES:
        body = show.entity(asked(accept=media_type), shape, values).body
        assert isinstance(body, str)
        found = read.entity(asked(body.encode(), content_type=media_type), shape)
        if media.is_xml(media_type):
            # What XML cannot hold was replaced.
            values = {
                name: contracts._IMPOSSIBLE.sub("\ufffd", value)
                if isinstance(value, str)
                else value
                for name, value in values.items()
            }
        assert found == values


@given(TIMES, st.integers(-14 * 60, 14 * 60))
def test_times_of_any_zone_are_the_same_moment(moment: datetime, minutes: int) -> None:
    assert dates.read(dates.write(moment)) == moment
    if EARLIEST + timedelta(days=1) < moment < LATEST - timedelta(days=1):
        there = moment.astimezone(timezone(timedelta(minutes=minutes)))
        assert dates.read(there.isoformat()) == moment


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([one.name for one in TICKET.properties]), JSON))
def test_any_json_is_read_or_refused(values: dict[str, Any]) -> None:
    try:
        found = read.entity(asked(json.dumps(values).encode()), TICKET)
    except BadRequest:
        return
    for one in TICKET.properties:
        value = found.get(one.name)
        kinds = {"int": int, "string": str, "ints": list, "time": datetime, "bool": bool}
        assert value is None or isinstance(value, kinds[one.kind])


@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "<Ticket>",
                "</Ticket>",
                "<Title>",
                "</Title>",
                "<Services>",
                "</Services>",
                "<int>",
                "</int>",
                "1",
                "<a:b i:nil='true'/>",
                "<EndTime/>",
                "&lt;",
                "<!--",
                "-->",
                "<![CDATA[",
            ]
        ),
        max_size=12,
    ).map(lambda parts: "".join(parts).encode())
)
def test_any_xml_is_read_or_refused(body: bytes) -> None:
    with suppress(BadRequest):
        read.entity(asked(body, content_type=media.XML), TICKET)
