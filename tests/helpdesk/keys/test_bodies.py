"""Request bodies for keys: every invalid value is refused by field, and nothing is written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway import Cloud
from tests.world import written

WRONG = [
    ("name", None),
    ("name", ""),
    ("name", "   "),
    ("name", 5),
    ("name", "x" * 129),
    ("name", "two\nlines"),
    ("name", "nul\0"),
    ("permissions", None),
    ("permissions", "can_read_tickets"),
    ("permissions", ["can_fly"]),
    ("permissions", [1]),
    ("permissions", {"can_read_tickets": True}),
    ("networks", "10.0.0.0/8"),
    ("networks", ["10.0.0.0/33"]),
    ("networks", ["10.0.0.5/8"]),
    ("networks", ["example.com"]),
    ("networks", [""]),
    ("networks", [10]),
    ("networks", ["10.0.0.0/8"] * 101),
    ("active", "yes"),
    ("active", 1),
    ("active", None),
    ("expires", "tomorrow"),
    ("expires", 1893456000),
    ("expires", ""),
    ("expires", "2027-02-30T00:00:00Z"),
    ("expires", "0001-01-01T00:00:00+23:00"),
    ("expires", "9999-12-31T23:59:59-23:00"),
    ("departments", [0]),
    ("departments", ["1"]),
    ("departments", 1),
    ("departments", [2**31]),
    ("departments", [1.0]),
    ("agent", -1),
    ("agent", "ann"),
    ("agent", 10**30),
    ("customer", True),
    ("customer", 0),
    ("network", ["10.0.0.0/8"]),
    ("id", 77),
    ("key", "my own secret"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_value_is_refused_by_its_field(desk: Cloud, field: str, value: object) -> None:
    before = written()
    made = desk.call("POST", "/api/admin/keys", {"name": "x", field: value})
    changed = desk.call("PATCH", "/api/admin/keys/1", {field: value})

    for answer in (made, changed):
        assert (answer.status, answer.code, answer.field) == (422, "invalid", field)
        assert answer.body["error"]["message"].startswith(field)
    assert written() == before


def test_a_key_needs_a_name(desk: Cloud) -> None:
    answer = desk.call("POST", "/api/admin/keys", {})
    assert (answer.status, answer.field) == (422, "name")
    assert answer.body["error"]["message"] == "name is required"


@pytest.mark.parametrize(
    "raw", ["", "{", "null and void", "\ufeff{", '{"name": "\\ud800"}', "[" * 5000, "{} {}"]
)
def test_what_is_no_json_is_400(desk: Cloud, raw: str) -> None:
    answer = desk.call("POST", "/api/admin/keys", raw=raw)
    assert (answer.status, answer.code, answer.field) == (400, "invalid_json", None)


@pytest.mark.parametrize("raw", ["[]", "null", "NaN", '"name"', "5", "true"])
def test_what_is_no_object_is_422(desk: Cloud, raw: str) -> None:
    answer = desk.call("POST", "/api/admin/keys", raw=raw)
    assert (answer.status, answer.code, answer.field) == (422, "invalid", None)


@pytest.mark.parametrize(
    ("given_as", "shown"),
    [
        ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"),
        ("2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"),
        ("2027-01-31T12:00:00", "2027-01-31T12:00:00Z"),
        ("2027-01-31T12:00:00.5Z", "2027-01-31T12:00:00.500Z"),
        ("2027-01-31T12:00:00.999999Z", "2027-01-31T12:00:00.999Z"),
        ("2027-01-31", "2027-01-31T00:00:00Z"),
    ],
)
def test_times_are_iso_8601_and_shown_in_utc(desk: Cloud, given_as: str, shown: str) -> None:
    assert desk.key(expires=given_as)["expires"] == shown


def test_networks_are_shown_in_their_usual_form(desk: Cloud) -> None:
    made = desk.key(networks=["10.1.2.3", " 2001:DB8::/32 ", "::ffff:10.0.0.0/104"])
    assert made["networks"] == ["10.1.2.3/32", "2001:db8::/32", "10.0.0.0/8"]


def test_null_takes_a_limit_away(desk: Cloud) -> None:
    made = desk.key(expires="2099-01-01T00:00:00Z", customer=desk.person())
    changed = desk.call(
        "PATCH", f"/api/admin/keys/{made['id']}", {"expires": None, "customer": None}
    )
    assert (changed.body["expires"], changed.body["customer"]) == (None, None)


@pytest.mark.parametrize("number", ["0", "999", "x", "-1", "1.0", "9" * 30, "²", "%00"])
def test_an_id_that_names_nothing_is_404(desk: Cloud, number: str) -> None:
    for method, tail in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")):
        answer = desk.call(method, f"/api/admin/keys/{number}{tail}", {})
        assert (answer.status, answer.code) == (404, "not_found")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["can_read_tickets", "10.0.0.0/8", "2027-01-31T00:00:00Z", "::1", "9999-12-31T23:59:59Z"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["name", "permissions", "networks", "active", "expires", "departments", "agent", "customer"]
)
BODIES = st.dictionaries(FIELDS | st.text(max_size=8), VALUES, max_size=5)


@given(body=BODIES | VALUES)
def test_no_body_is_a_fault_and_no_refusal_writes(desk: Cloud, body: Any) -> None:
    before = written()
    answer = desk.call("POST", "/api/admin/keys", raw=json.dumps(body))

    assert answer.status in {201, 400, 403, 422}
    if answer.status == 201:
        assert body["name"].strip() == answer.body["name"]
        assert desk.call("DELETE", f"/api/admin/keys/{answer.body['id']}").status == 200
    else:
        assert answer.body["error"].keys() == {"code", "message", "field"}
        assert written() == before
