from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import times
from helpdesk.addresses import is_address
from helpdesk.catalogue import fields, stock
from helpdesk.catalogue.fields import Forms, for_customer, read_forms, read_value
from helpdesk.model.catalogue import CustomField, Topic
from helpdesk.model.entries import Body
from helpdesk.model.people import FieldValue, NewPerson, Person
from helpdesk.model.settings import Settings
from helpdesk.model.tickets import NewTicket
from tests import pace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STOCK: list[CustomField] = [row for row in stock.ROWS["fields"] if isinstance(row, CustomField)]
JANE = Person(3, "Jane", "jane@example.com", phone="5551234567", notes="vip")


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    with patch.object(fields, "now", lambda: NOW):
        yield


def asked(**values: Any) -> NewTicket:
    person = {"email": "jane@example.com", "name": "Jane"} | values.pop("requester", {})
    whole: dict[str, Any] = {"subject": "Printer", "body": Body("It burns."), **values}
    return NewTicket(requester=NewPerson(**person), **whole)


def read(
    new: NewTicket, *extra: CustomField, topic: Topic | None = None, known: Person | None = None
) -> Forms:
    return read_forms(new, [*STOCK, *extra], Settings(), topic, known)


def told(forms: Forms) -> list[tuple[str, str, str]]:
    return [(problem.field, problem.reason, problem.label) for problem in forms.problems]


# --- forms ----------------------------------------------------------------------------------


def test_all_problems_are_found_in_the_forms_order() -> None:
    extra = CustomField(30, "serial", "Serial", required=True, sort=9)
    topic = Topic(1, "T", fields=(CustomField(31, "room", "Room", "topic", required=True),))
    new = asked(requester={"name": ""}, subject=" ", body=Body(""))
    assert told(read(new, extra, topic=topic)) == [
        ("user", "incomplete", ""),
        ("subject", "required", "Issue Summary"),
        ("message", "required", "Issue Details"),
        ("30", "required", "Serial"),
        ("31", "required", "Room"),
    ]


def test_a_message_of_blanks_is_one() -> None:
    assert told(read(asked(body=Body(" \n ")))) == []


def test_a_topic_s_own_fields_are_read_in_their_order() -> None:
    late, early = (
        CustomField(number, name, name.title(), "topic", required=True, sort=sort)
        for number, name, sort in ((31, "room", 2), (32, "floor", 1))
    )
    assert [
        name for name, _, _ in told(read(asked(), topic=Topic(1, "T", fields=(late, early))))
    ] == [
        "32",
        "31",
    ]


@pytest.mark.parametrize(
    "requester",
    [{"email": "nonsense"}, {"email": ""}, {"name": " \n "}, {"phone": "123"}],
)
def test_an_unknown_requester_must_be_whole(requester: dict[str, str]) -> None:
    assert told(read(asked(requester=requester))) == [("user", "incomplete", "")]


def test_a_known_requester_need_not_be_described() -> None:
    forms = read(asked(requester={"name": "", "phone": "12"}), known=JANE)
    assert forms.problems == ()
    assert forms.fields == {"phone": "5551234567", "notes": "vip"}


def test_a_wrong_due_date_hides_what_is_wrong_with_the_requester() -> None:
    forms = read(asked(due="never", requester={"name": ""}, subject=""))
    assert forms.early
    assert told(forms) == [("duedate", "date", ""), ("subject", "required", "Issue Summary")]


def test_a_due_date_lies_in_the_future_of_the_desk() -> None:
    assert told(read(asked(due="2026-03-02 09:00"))) == [("duedate", "past", "")]
    assert read(asked(due="2026-03-02 09:01")).due == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
    berlin = Settings(default_timezone="Europe/Berlin")
    forms = read_forms(asked(due="2026-03-03"), STOCK, berlin, None, None)
    assert forms.due == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


def test_a_requester_is_read_by_the_contact_form() -> None:
    said = {"email": " new@example.com ", "name": " <b>Ann</b>\nLee", "phone": "555-555-1234"}
    forms = read(asked(requester=said | {"notes": "met at the fair"}))
    assert forms.requester == NewPerson(
        "new@example.com", name="<b>Ann</b> Lee", phone="5555551234", notes="met at the fair"
    )
    assert forms.fields == {"phone": "5555551234", "notes": "met at the fair"}


def test_the_priority_is_no_value_of_the_form() -> None:
    assert "priority" in {field.name for field in STOCK}
    assert read(asked(fields={"priority": "High"})).fields == {}


def test_values_stand_under_a_fields_name_or_its_id() -> None:
    room = CustomField(30, "room", "Room")
    desk = CustomField(31, "desk", "Desk", "contact")
    forms = read(asked(fields={"30": "B 12", "desk": "left", "unheard": "of"}), room, desk)
    assert forms.fields == {"room": "B 12", "desk": "left"}
    assert forms.requester.fields == {"desk": "left"}


def test_the_subject_is_one_line_as_it_was_sent() -> None:
    forms = read(asked(subject="a\r\nBcc: x@y.z <b>&lt;i&gt;d</b>\x07 😀 = + - @"))
    assert forms.subject == "a Bcc: x@y.z <b>&lt;i&gt;d</b> 😀 = + - @"


def test_everything_has_a_limit() -> None:
    assert told(read(asked(subject="x" * 1001))) == [("subject", "too_long", "Issue Summary")]
    memos = [CustomField(100 + n, f"m{n}", "M", kind="memo") for n in range(8)]
    values: dict[str, FieldValue] = {f"m{n}": "x" * 15_000 for n in range(8)}
    assert told(read(asked(fields=values), *memos)) == [("fields", "too_long", "")]
    assert read(asked(body=Body("x" * 2_000_000))).problems == ()


def test_customers_do_not_see_what_is_for_agents() -> None:
    secret = CustomField(30, "score", "Score", agents_only=True)
    values: dict[str, FieldValue] = {"phone": "1", "notes": "n", "score": 1}
    assert for_customer(values, [*STOCK, secret]) == {"phone": "1"}


# --- kinds ----------------------------------------------------------------------------------


def value_of(given: FieldValue, kind: Any = "text", **facts: Any) -> object:
    field = CustomField(30, "f", "F", kind=kind, **facts)
    value, problems = read_value(field, given, UTC)
    return [problem.reason for problem in problems] or value


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", " a\nb <i>c</i> ", "a b <i>c</i>"),
        ("text", 5, "5"),
        ("text", True, "1"),
        ("text", "=1+1", "=1+1"),
        ("text", ("a", "b"), "a, b"),
        ("memo", "a\nb <i>c</i>\x00", "a\nb <i>c</i>"),
        ("phone", "318-555-8634x123", "3185558634X123"),
        ("phone", "+1 (318) 555-8634", "13185558634"),
        ("phone", "555-1234", "5551234"),
        ("phone", "555-123", ["phone"]),
        ("phone", "call me", ["phone"]),
        ("phone", "X12", ["phone_missing"]),
        ("phone", "3185558634X", ["phone_extension"]),
        ("datetime", "2026-01-31T10:00:00+02:00", "2026-01-31 08:00:00"),
        ("datetime", 0, ["date"]),
        ("datetime", "soon", ["date"]),
        ("datetime", True, ["date"]),
        ("boolean", "0", False),
        ("boolean", None, False),
        ("boolean", "no", False),
        ("boolean", " False ", False),
        ("boolean", "off", False),
        ("boolean", "nope", True),
        ("number", "42", 42),
        ("number", " 3.50 ", "3.50"),
        ("number", "four", ["number"]),
        ("number", "NaN", ["number"]),
        ("number", "1e999999999", ["number"]),
        ("email", "a@b.co", "a@b.co"),
        ("email", "a@b", "a@b"),
        ("email", "Ann B. <a@b.co>", "a@b.co"),
        ("email", "a@b.co, c@d.co", ["email"]),
        ("email", "a@localhost", ["email"]),
        ("ip", "::1", "::1"),
        ("ip", "1.2.3", ["ip"]),
        ("text", "", None),
        ("text", None, None),
        ("text", False, None),
        ("memo", False, None),
        ("text", (), None),
    ],
)
def test_a_kind_reads_its_value(kind: str, given: FieldValue, value: object) -> None:
    assert value_of(given, kind) == value


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("a", "a"),
        ("Apple", "a"),
        ("apple", "a"),
        ("Apple,a", "a"),
        (("a", "b"), ("a", "b")),
        ("a,b", ("a", "b")),
        ("a,z", "a,z"),
        ("Apple\x1b", "a"),
        ("Plum, blue", "p"),
        ("Cherry, red", "Cherry, red"),
        (("a",), "a"),
    ],
)
def test_choices_go_by_key_or_name_and_else_stay(given: FieldValue, value: object) -> None:
    assert (
        value_of(given, "choice", choices={"a": "Apple", "b": "Banana", "p": "Plum, blue"}) == value
    )


def test_dates_keep_their_bounds() -> None:
    bounds = {"earliest": "2026-01-01", "latest": "2026-12-31"}
    assert value_of("2025-12-31", "datetime", **bounds) == ["too_early"]
    assert value_of("2027-01-01", "datetime", **bounds) == ["too_late"]
    assert value_of("2026-01-01", "datetime", **bounds) == "2026-01-01 00:00:00"


def test_the_bounds_of_dates_are_in_the_desk_s_time_zone() -> None:
    field = CustomField(30, "f", "F", kind="datetime", earliest="2026-01-01")
    berlin = times.zone("Europe/Berlin")
    assert read_value(field, "2026-01-01 00:00", berlin) == ("2025-12-31 23:00:00", [])


@pytest.mark.parametrize("known", [None, JANE])
def test_names_are_kept_as_sent_up_to_200_characters(known: Person | None) -> None:
    for sent in ("Last, First", "x" * 200):
        assert read(asked(requester={"name": sent}), known=known).requester.name == sent
    found = read(asked(requester={"name": "x" * 5000}), known=known)
    assert (found.requester.name, found.problems) == ("x" * 200, ())


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(.*a){12}$"])
def test_no_pattern_holds_a_request(pattern: str) -> None:
    with pace.within(1):
        assert value_of("a" * 900 + "!", pattern=pattern) == ["pattern"]


def test_patterns_and_required_fields() -> None:
    assert value_of("ab", pattern="^[0-9]+$") == ["pattern"]
    assert value_of("12", pattern="^[0-9]+$") == "12"
    assert value_of("a 12 b", pattern="[0-9]{2}") == "a 12 b"
    # A stored pattern that does not compile, or no longer does, is not applied.
    assert value_of("x", pattern="(") == "x"
    assert value_of("x", pattern=r"^(a)\1$") == "x"
    assert value_of("", required=True) == ["required"]
    assert value_of(" \n", required=True) == ["required"]


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a@b.co", True),
        ("o'neil+x@sub.example.com", True),
        ("joe@corp.local", True),
        ("jörg@müller.de", True),
        ('"a b"@c.de', True),
        ("a@xn--mller-kva.de", True),
        ("not-an-email", False),
        ("a@b", True),
        ("nagios@monitor_01", True),
        ("a@[127.0.0.1]", True),
        ("a@" + "b" * 252, False),
        ("a@localhost", False),
        ("a@b.localhost", False),
        ("a@b@c.de", False),
        ("J <a@b.co>", False),
        ("a@b.co, c@d.co", False),
        ("a@b..co", False),
        ("a.@b.co", False),
        ("a@b.co\nBcc: x@y.z", False),
        ("a" * 65 + "@b.co", False),
        ("a@" + "b." * 130 + "co", False),
        ("\ud800@b.co", False),
        ("", False),
    ],
)
def test_addresses(address: str, good: bool) -> None:
    assert is_address(address) is good


raw = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()).map(tuple)
kinds = st.sampled_from(
    ["text", "memo", "phone", "datetime", "choice", "boolean", "number", "email", "ip"]
)


@given(raw, kinds, st.booleans())
def test_any_value_is_kept_or_a_problem(given: FieldValue, kind: Any, required: bool) -> None:
    field = CustomField(30, "f", "F", kind=kind, required=required, choices={"a": "A"})
    value, problems = read_value(field, given, UTC)
    assert not (problems and value is not None)
    assert value is None or isinstance(value, str | int | bool | tuple)
    again = read_value(replace(field, required=False), value, UTC)
    assert again == (value, []) or problems
