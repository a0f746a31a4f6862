"""From a request's bytes to a NewTicket, without a desk behind it."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.osticket.core import read
from dialects.osticket.values import json_body
from dialects.osticket.words import Unreadable
from helpdesk.errors import DeskError, Invalid, NotFound
from helpdesk.model.entries import Body
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import NewTicket
from tests import pace
from tests.dialects.osticket.conftest import MINIMAL, request
from tests.world import HOME


def ticket(**values: Any) -> NewTicket:
    return read.new_ticket(request(MINIMAL | values))


def problem(**values: Any) -> tuple[str, str, str]:
    with pytest.raises(Invalid) as refused:
        ticket(**values)
    (found,) = refused.value.problems
    return found.field, found.reason, found.label


# --- the body -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Syntax error, malformed JSON"),
        (b"{", "Syntax error, malformed JSON"),
        (b'{"a":1,}', "Syntax error, malformed JSON"),
        (b'{"a":NaN}', "Syntax error, malformed JSON"),
        (b"\xef\xbb\xbf{}", "No errors"),
        (b'{"a":"\n"}', "Unexpected control character found"),
        (b'{"a":"\xff"}', "Malformed UTF-8 characters, possibly incorrectly encoded"),
        ('{"a":1}'.encode("utf-16"), "Malformed UTF-8 characters, possibly incorrectly encoded"),
        (b'{"a":' + b"[" * 600 + b"]" * 600 + b"}", "Maximum stack depth exceeded"),
        (b"[" * 200_000, "Maximum stack depth exceeded"),
        (b'{"a":"\\ud800"}', "Unknown error"),
        (b'{"a":{"\\udfff":1}}', "Unknown error"),
        (b"{}", "No errors"),
        (b"[]", "No errors"),
        (b"null", "No errors"),
        (b'"s"', "No errors"),
        (b"5", "No errors"),
        (b"true", "No errors"),
    ],
)
def test_bodies_that_are_no_object_say_why(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read.new_ticket(request(raw=body))
    assert refused.value.words == words


def test_a_list_names_no_fields() -> None:
    assert read.new_ticket(request([1])).subject == ""


def test_long_numbers_are_no_trap() -> None:
    # A number beyond a float could not be said again in JSON.
    with pytest.raises(Unreadable):
        read.new_ticket(request(raw=b'{"topicId":' + b"9" * 5_000 + b"}"))


NO: list[object] = [False, 0, "", "0", 0.0, []]
NO_ROW: list[object] = [0, "", "0", " ", None, False]


# --- fields ---------------------------------------------------------------------------------


def test_the_documented_example() -> None:
    new = ticket(
        alert=True,
        autorespond=True,
        source="API",
        phone="3185558634X123",
        ip="123.211.233.122",
        message="data:text/html,MESSAGE <b>HERE</b>",
        attachments=[
            {"file.txt": "data:text/plain;charset=utf-8,content"},
            {"image.png": "R0lGODdh"},
        ],
    )
    assert new.body == Body("MESSAGE <b>HERE</b>", "html")
    assert new.requester.phone == "3185558634X123"
    assert new.ip == "123.211.233.122"
    assert new.files == (
        NewFile("file.txt", "text/plain", b"content"),
        NewFile("image.png", "image/png", b"R0lGODdh"),
    )


def test_what_nobody_says_has_a_default() -> None:
    new = ticket()
    assert (new.source, new.ip, new.alert, new.autorespond) == ("API", HOME, True, True)
    assert (new.topic, new.department, new.priority, new.parent, new.due) == (None,) * 3 + (
        (),
        None,
    )


@pytest.mark.parametrize(
    ("given", "on"),
    [
        *((no, False) for no in NO),
        *((yes, True) for yes in (True, 1, "yes", "nope", None, "0.0", [0])),
    ],
)
def test_switches_are_on_unless_the_request_says_no(given: object, on: bool) -> None:
    new = ticket(alert=given, autorespond=given)
    assert (new.alert, new.autorespond) == (on, on)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        *(("api", "API"), ("WEB", "Web"), ("Email", "Email"), ("phone", "Phone")),
        *(("other", "Other"), ("Staff", "Other"), ("fax", "Other"), (5, "Other"), (None, "API")),
    ],
)
def test_source_is_a_label(given: object, label: str) -> None:
    assert ticket(source=given).source == label


@pytest.mark.parametrize(
    ("given", "found"),
    [
        *((2, 2), ("2", "2"), ("+2", 2), (2.0, 2), ({"3": "High"}, 3), (-1, -1), ("High", "High")),
        *((nothing, None) for nothing in NO_ROW),
    ],
)
def test_rows_of_the_catalogue_go_by_id_or_name(given: object, found: object) -> None:
    assert ticket(priority=given).priority == found
    assert ticket(priorityId=given).priority == found
    assert ticket(topicId=given).topic == found


@pytest.mark.parametrize("value", [True, [], [1], {}, {"1": "a", "2": "b"}])
def test_what_is_no_name_and_no_id_names_no_row(value: object) -> None:
    for key in ("priority", "priorityId", "topicId", "departmentId"):
        assert problem(**{key: value}) == (key, "name_or_id", "")


def test_priority_goes_before_priority_id() -> None:
    assert ticket(priority="High", priorityId=1).priority == "High"


@pytest.mark.parametrize("blank", ["", " ", 0, "0", False])
def test_a_blank_department_is_looked_for(blank: object) -> None:
    assert ticket(departmentId="Sales").department == "Sales"
    assert ticket(departmentId=None).department is None
    with pytest.raises(NotFound):
        ticket(departmentId=blank)


def test_the_parent_is_a_number_first_then_an_id() -> None:
    assert ticket(parentTicketId=123).parent == ("123", 123)
    assert ticket(parentTicketNumber="A-1", parentTicketId=5).parent == ("A-1",)
    assert ticket(parentTicketNumber=None, parentTicketId=None).parent == ()
    for unknown in ("", " ", 0, "0", "1" * 65):
        with pytest.raises(NotFound):
            ticket(parentTicketNumber=unknown)


def test_fields_go_by_id_as_well() -> None:
    new = read.new_ticket(request({"1": "a@b.co", "20": "S", "21": "M", "22": "High", "30": "x"}))
    assert (new.requester.email, new.subject, new.body.text) == ("a@b.co", "S", "M")
    assert new.priority == "High"
    assert new.fields == {"30": "x"}


def test_unknown_keys_are_values_of_custom_fields() -> None:
    new = ticket(deptId=2, staffId=1, tags=["a", 1, {}], size={"l": "Large"}, price=1.5, x=None)
    assert new.department is None
    assert new.fields == {
        "deptId": 2,
        "staffId": 1,
        "tags": ("a", "1"),
        "size": ("l",),
        "price": "1.5",
        "x": None,
    }


@pytest.mark.parametrize("key", ["name", "subject", "message", "phone", "notes", "duedate", "ip"])
def test_text_must_be_text(key: str) -> None:
    assert problem(**{key: ["x"]}) == (key, "type", "")
    assert problem(**{key: {"x": "y"}}) == (key, "type", "")


# --- the message ----------------------------------------------------------------------------


def test_an_empty_message_is_a_dash_and_a_missing_one_is_none() -> None:
    assert ticket(message="").body.text == "-"
    assert ticket(message="data:,").body.text == "-"
    assert ticket(message=None).body.text == ""


@pytest.mark.parametrize(
    ("message", "chosen", "body"),
    [
        ("data:text/html,<b>", None, Body("<b>", "html")),
        ("data:text/html;charset=utf-8;base64,w6k=", None, Body("é", "html")),
        ("data:text/plain;charset=iso-8859-1;base64,6Q==", None, Body("é", "text")),
        ("data:text/plain,é", None, Body("é", "text")),
        ("<b>x</b>", None, Body("<b>x</b>", "text")),
        ("<b>x</b>", " HTML ", Body("<b>x</b>", "html")),
        ("# x", "md", Body("# x", "markdown")),
        ("# x", "Markdown", Body("# x", "markdown")),
        ("x", "txt", Body("x", "text")),
        ("data:text/html,<b>", "text", Body("<b>", "text")),
        (5, None, Body("5", "text")),
    ],
)
def test_the_format_of_a_message(message: object, chosen: str | None, body: Body) -> None:
    assert ticket(message=message, format=chosen).body == body


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("", "Format cannot be empty"),
        ("  ", "Format cannot be empty"),
        ("rtf", "Invalid format. Allowed: markdown, html, text"),
        (["html"], "Invalid format. Allowed: markdown, html, text"),
    ],
)
def test_unknown_formats_are_refused_first(chosen: object, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        ticket(format=chosen, attachments=["bad"])
    assert refused.value.words == words


def test_a_message_that_is_no_base64() -> None:
    assert problem(message="data:text/plain;base64,!!") == ("message", "base64", "")


# --- attachments ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "file"),
    [
        ({"a.txt": "data:text/plain;base64,aGk="}, NewFile("a.txt", "text/plain", b"hi")),
        (
            {"a.txt": "data:;charset=iso-8859-1;base64,6Q=="},
            NewFile("a.txt", "text/plain", "é".encode()),
        ),
        ({"a.txt": ""}, NewFile("a.txt", "text/plain", b"")),
        (
            {"name": "a.pdf", "data": "aGk=", "encoding": "BASE64"},
            NewFile("a.pdf", "application/pdf", b"hi"),
        ),
        ({"data": "x", "name": "a", "type": "Text/CSV; x=y"}, NewFile("a", "text/csv", b"x")),
        ({"name": "a", "data": "data:image/gif;base64,aGk="}, NewFile("a", "image/gif", b"hi")),
        ({"name": "a", "data": "x", "type": "a\r\nb: c"}, NewFile("a", "text/plain", b"x")),
        ({"name": "data:,x"}, NewFile("name", "text/plain", b"x")),
        ({"../../etc/passwd": "x"}, NewFile("passwd", "text/plain", b"x")),
    ],
)
def test_both_shapes_of_attachments(sent: dict[str, str], file: NewFile) -> None:
    assert ticket(attachments=[sent]).files == (file,)


HI = NewFile("a.txt", "text/plain", b"hi")
SENT = "data:text/plain;base64,aGk="


@pytest.mark.parametrize("sent", [None, [], {}, "", False])
def test_no_attachments_are_none(sent: object) -> None:
    assert ticket(attachments=sent).files == ()


@pytest.mark.parametrize(
    ("sent", "files"),
    [
        ({"a.txt": SENT}, (HI,)),
        ({"name": "a.txt", "data": SENT}, (HI,)),
        ({"a.txt": SENT, "b": "c"}, (HI, NewFile("b", "text/plain", b"c"))),
        ([{"a.txt": SENT, "b": "c"}, {"a.txt": SENT}], (HI, NewFile("b", "text/plain", b"c"), HI)),
    ],
)
def test_objects_hold_files_by_name(sent: object, files: tuple[NewFile, ...]) -> None:
    assert ticket(attachments=sent).files == files


@pytest.mark.parametrize("sent", ["x", 5, True])
def test_attachments_that_hold_no_files_are_refused(sent: object) -> None:
    assert problem(attachments=sent)[:2] == ("attachments", "file")


PNG = bytes(range(256))
PNG64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "written",
    [
        # As PHP's finfo prints a type.
        f"data:image/png;charset=binary;base64,{PNG64}",
        f"data:application/pdf;charset=utf-8;base64,{PNG64}",
        f"data:text/plain;charset=nobody-knows;base64,{PNG64}",
        # Not text in that charset, whatever is said.
        f"data:text/plain;charset=utf-8;base64,{PNG64}",
        f"DATA:image/png;base64,{PNG64}",
        f"image/png;base64,{PNG64}",
        f"data:bogus;base64,{PNG64}",
        f" data: image/png ; BASE64 ,{PNG64[:50]}\n{PNG64[50:]}",
    ],
)
def test_bytes_stay_as_they_are(written: str) -> None:
    (file,) = ticket(attachments=[{"a.png": written}]).files
    assert file.data == PNG


@pytest.mark.parametrize(
    "written", ["data:bogus,hello", "data:", "data:text/plain;base64", "DATA:image/png;base64 "]
)
def test_what_begins_as_a_data_url_is_one_or_is_refused(written: str) -> None:
    assert problem(attachments=[{"a.txt": written}]) == ("attachments", "data_url", "a.txt")


@pytest.mark.parametrize("written", ["data: 1\nmore: [a, b]", "a;base64,b", "1;2,3", "x,y"])
def test_other_text_is_the_contents(written: str) -> None:
    assert ticket(attachments=[{"a.txt": written}]).files[0].data == written.encode()


@given(st.binary(max_size=200), st.sampled_from(["image/png", "application/x", "bogus", ""]))
def test_base64_brings_every_byte(data: bytes, kind: str) -> None:
    written = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    assert ticket(attachments=[{"f.bin": written}]).files[0].data == data


LIKE = st.lists(
    st.sampled_from(["data", ":", ";", ",", "base64", "text/plain", "=", " ", "%41", "%", "é", "x"])
).map("".join)


@given(LIKE | st.text())
def test_a_file_is_never_lost(written: str) -> None:
    with suppress(Invalid):
        (file,) = ticket(attachments={"a.txt": written}).files
        assert file.data or not written.partition(",")[2]


@pytest.mark.parametrize("sent", ["x", 5, None, [], {}, {"a": None}, {"a": {"b": "c"}}])
def test_what_is_no_file_is_refused(sent: object) -> None:
    assert problem(attachments=[sent])[:2] == ("attachments", "file")


def test_bad_base64_names_the_file() -> None:
    sent = [{"ok.txt": "data:;base64,aGk="}, {"bad.txt": "data:;base64,a"}]
    assert problem(attachments=sent) == ("attachments", "base64", "bad.txt")


def test_equal_names_are_fine_and_too_many_files_are_not() -> None:
    assert len(ticket(attachments=[{"a.txt": "x"}] * 60).files) == 60
    # One more than the desk's limit can be, for the desk to refuse by its own.
    assert len(ticket(attachments=[{"a.txt": "x"}] * 200).files) == 61


# --- anything -------------------------------------------------------------------------------

keys = st.sampled_from([*MINIMAL, *read._OWN_KEYS, "custom", "30"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
urls = st.from_regex(r"data:[a-z/;=,%]{0,20}(;base64)?,.{0,9}", fullmatch=True)
anything = st.recursive(
    scalars | urls, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
)


@given(st.dictionaries(keys, anything) | anything)
def test_any_json_is_a_ticket_or_refused(body: object) -> None:
    try:
        new = read.new_ticket(request(body))
    except DeskError:
        return
    assert isinstance(new, NewTicket)
    assert all(file.name and "/" not in file.name for file in new.files)


@given(st.binary())
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    with suppress(DeskError):
        assert json_body(request(raw=b'{"a":' + body + b"}"))


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' + b"[" * 400_000,
        json.dumps({"a": ["x"] * 500_000}).encode(),
        json.dumps({"message": "data:" + ";a=b" * 500_000}).encode(),
        json.dumps({"message": "data:text/plain," + "%41" * 900_000}).encode(),
        json.dumps({"attachments": [{"a": "data:;base64," + " " * 2_000_000}]}).encode(),
        json.dumps({"attachments": [{"a/" * 900_000: "x"}]}).encode(),
        json.dumps({f"k{n}": n for n in range(200_000)}).encode(),
    ],
    ids=range(7),
)
def test_big_bodies_take_bounded_time(body: bytes) -> None:
    with pace.within(4), suppress(DeskError):
        read.new_ticket(request(raw=body))
