"""Rows that requests name: the whole name, then the path, then the id; and what names nothing."""

import pytest

from tests.dialects.osticket.conftest import Desk


def test_a_name_with_a_slash_is_a_name_before_it_is_a_path(desk: Desk) -> None:
    whole = desk.row("departments", name="IT / Network")
    above = desk.row("departments", name="IT")
    below = desk.row("departments", name="Network", parent=above)
    deep = desk.row("departments", name="Routers", parent=whole)

    def department(ref: object) -> object:
        return desk.get(desk.open(departmentId=ref))["departmentId"]

    assert department("it / network") == whole
    assert department("IT / Network / Routers") == deep
    assert department("IT/Network/Routers") == deep
    assert department("Network") == below
    number = desk.open()
    assert desk.change(number, departmentId=" IT / Network ")["departmentId"] == whole
    desk.settle()
    assert len(desk.search(department="IT / Network")) == 2
    assert len(desk.search(departmentId="IT / Network")) == 2


def test_a_path_is_found_where_no_row_has_it_as_its_name(desk: Desk) -> None:
    above = desk.row("departments", name="IT")
    below = desk.row("departments", name="Network", parent=above)
    assert desk.get(desk.open(departmentId="IT / Network"))["departmentId"] == below


def test_topics_below_others_have_names_and_paths(desk: Desk) -> None:
    # Stock topic 11 is below 10.
    for ref in ("Access Issue", "Report a Problem / Access Issue", 11, "11"):
        assert desk.get(desk.open(topicId=ref))["topicId"] == 11
        assert desk.change(desk.open(), topicId=ref)["topicId"] == 11


def test_a_name_of_digits_comes_before_an_id(desk: Desk) -> None:
    named = desk.row("topics", name="1")
    assert desk.get(desk.open(topicId="1"))["topicId"] == named
    assert desk.get(desk.open(topicId=1))["topicId"] == 1
    # A stale id loses no ticket.
    assert desk.get(desk.open(topicId="9999"))["topicId"] == desk.get(desk.open())["topicId"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("statusId", "Status '' not found"),
        ("departmentId", "Department '' not found"),
        ("topicId", "Help Topic '' not found"),
        ("slaId", "SLA '' not found"),
        ("staffId", "Staff member not found"),
        ("priority", "Priority '' not found"),
        ("priorityId", "Priority '' not found"),
        ("parentTicketNumber", "Parent ticket not found"),
    ],
)
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_name_names_nothing(desk: Desk, field: str, text: str, blank: str) -> None:
    number = desk.open()
    before = desk.get(number)
    answer = desk.update(number, **{field: blank})
    assert (answer.status, answer.message) == (404, text)
    assert desk.get(number) == before
    assert desk.update(number, **{field: None}).status == 200


@pytest.mark.parametrize(
    ("field", "blank"), [("departmentId", ""), ("departmentId", 0), ("parentTicketNumber", "")]
)
def test_a_blank_department_or_parent_opens_nothing(desk: Desk, field: str, blank: object) -> None:
    status, text = desk.refused(**{field: blank})
    assert (status, "not found" in text) == (404, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("topicId", [1]), ("departmentId", ["Sales"]), ("priority", {"a": 1, "b": 2})],
)
def test_a_row_is_no_list(desk: Desk, field: str, value: object) -> None:
    assert desk.failed(**{field: value}).splitlines()[1] == "Name or id expected"


def test_the_names_of_answers_are_taken(desk: Desk) -> None:
    number = desk.open(dueDate="2031-01-31")
    assert desk.get(number)["duedate"] == "2031-01-31 00:00:00"
    assert desk.change(number, priorityId=4)["priorityId"] == 4
    desk.settle()
    assert [ticket["number"] for ticket in desk.search(statusId="1", departmentId=1)] == [number]
    assert desk.search(statusId="3") == []
