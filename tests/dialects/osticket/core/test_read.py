"""From a request's bytes to a NewTicket, without a desk behind it."""

import json
import time
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
        (b"\xef\xbb\xbf{}", "Syntax error, malformed JSON"),
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
    new = read.new_ticket(request(raw=b'{"topicId":' + b"9" * 5_000 + b"}"))
    assert new.topic == "inf"


NO: list[object] = [False, 0, "", "0", 0.0, []]
NO_ROW: list[object] = [0, "", None, True, [1, 2], {}]


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
        *((2, 2), ("2", 2), (2.0, 2), ({"3": "High"}, 3), (-1, -1), ("High", "High")),
        *((nothing, None) for nothing in NO_ROW),
    ],
)
def test_rows_of_the_catalogue_go_by_id_or_name(given: object, found: object) -> None:
    assert ticket(priority=given).priority == found
    assert ticket(priorityId=given).priority == found
    assert ticket(topicId=given).topic == found


def test_priority_goes_before_priority_id() -> None:
    assert ticket(priority="High", priorityId=1).priority == "High"


def test_a_department_of_no_type_is_not_found() -> None:
    assert ticket(departmentId="Sales").department == "Sales"
    with pytest.raises(NotFound):
        ticket(departmentId=["Sales"])


def test_the_parent_is_a_number_first_then_an_id() -> None:
    assert ticket(parentTicketId=123).parent == ("123", 123)
    assert ticket(parentTicketNumber="A-1", parentTicketId=5).parent == ("A-1",)
    assert ticket(parentTicketNumber="", parentTicketId="0").parent == ()
    with pytest.raises(NotFound):
        ticket(parentTicketNumber="1" * 65)


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
        ({"a.png": "data:;base64,aGk=", "b": "c"}, NewFile("a.png", "image/png", b"hi")),
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


@pytest.mark.parametrize("sent", [None, "x", 5, {"a.txt": "x"}, {}])
def test_attachments_that_are_no_list_are_ignored(sent: object) -> None:
    assert ticket(attachments=sent).files == ()


@pytest.mark.parametrize("sent", ["x", 5, None, [], {}, {"a": None}, {"a": {"b": "c"}}])
def test_what_is_no_file_is_refused(sent: object) -> None:
    assert problem(attachments=[sent])[:2] == ("attachments", "file")


def test_bad_base64_names_the_file() -> None:
    sent = [{"ok.txt": "data:;base64,aGk="}, {"bad.txt": "data:;base64,a"}]
    assert problem(attachments=sent) == ("attachments", "base64", "bad.txt")


def test_equal_names_are_fine_and_too_many_files_are_not() -> None:
    assert len(ticket(attachments=[{"a.txt": "x"}] * 60).files) == 60
    assert problem(attachments=[{"a.txt": "x"}] * 61)[1] == "too_many_files"


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
    started = time.process_time()
    with suppress(DeskError):
        read.new_ticket(request(raw=body))
    assert time.process_time() - started < 4
