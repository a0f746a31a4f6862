"""Dates, through every door of a desk: what it cannot keep is refused, what is clear is read."""

import pytest

from tests.dialects.osticket.conftest import MINIMAL, Desk

UNKEPT = ["0001-01-01T00:00:00Z", "0999-12-31", "9999-12-31T23:59:59Z", "12345", "20311399"]


@pytest.mark.parametrize("written", UNKEPT)
def test_a_date_that_cannot_be_kept_is_refused_everywhere(desk: Desk, written: str) -> None:
    number = desk.open()
    desk.row("fields", name="born", label="Born", kind="datetime")
    before = desk.get(number)

    answer = desk.update(number, dueDate=written)
    assert (answer.status, "dueDate" in answer.message) == (400, True)
    assert desk.failed(duedate=written).splitlines()[0] == "duedate"
    xml = "".join(f"<{name}>{value}</{name}>" for name, value in MINIMAL.items())
    sent = desk.call(
        "POST",
        "/api/tickets.xml",
        raw=f"<ticket>{xml}<duedate>{written}</duedate></ticket>".encode(),
    )
    assert (sent.status, "duedate" in sent.text) == (400, True)
    assert "Born is not a valid date" in desk.failed(born=written)

    assert desk.get(number) == before
    assert [ticket["number"] for ticket in desk.search()] == [number]


@pytest.mark.parametrize("written", UNKEPT)
def test_a_key_cannot_expire_when_no_date_is(desk: Desk, written: str) -> None:
    answer = desk.cloud.call("POST", "/api/admin/keys", {"name": "k", "expires": written})
    assert (answer.status, answer.field) == (422, "expires")
    assert desk.cloud.call("GET", "/api/admin/keys").status == 200


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("20310131", "2031-01-31 00:00:00"),
        (20310131, "2031-01-31 00:00:00"),
        ("20310131T173000Z", "2031-01-31 17:30:00"),
        ("2031/11/28", "2031-11-28 00:00:00"),
        ("28 November 2031", "2031-11-28 00:00:00"),
        ("Nov 28, 2031", "2031-11-28 00:00:00"),
        ("2031-11-28 5:30 PM", "2031-11-28 17:30:00"),
        ("11/28/31", "2031-11-28 00:00:00"),
        ("1949616000", "2031-10-13 00:00:00"),
    ],
)
def test_every_clear_way_to_write_a_date_is_read(desk: Desk, written: object, kept: str) -> None:
    number = desk.open(duedate=written)
    assert desk.get(number)["duedate"] == kept
    other = desk.open()
    assert desk.change(other, dueDate=written)["duedate"] == kept


def test_bounds_of_a_field_are_dates(desk: Desk) -> None:
    field = {"name": "born", "label": "Born", "kind": "datetime", "earliest": "banana"}
    answer = desk.cloud.call("POST", "/api/admin/fields", field)
    assert (answer.status, answer.field) == (422, "earliest")
