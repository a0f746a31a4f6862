"""GET /api/tickets-stats.php."""

from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.model.actor import SYSTEM
from helpdesk.model.tickets import Change
from helpdesk.tickets import changes
from helpdesk.tickets.overdue import mark_overdue
from tests.dialects.osticket.conftest import Desk
from tests.world import START, Clock, later

PATH = "/api/tickets-stats.php"
NOTHING = '{"total":0,"open":0,"closed":0,"overdue":0,"by_department":{},"by_staff":[]}'

pytestmark = pytest.mark.usefixtures("timed")


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Two agents, four departments, all kinds of states."""
    zoe = desk.row("agents", name="Zoe", username="zoe", email="zoe@desk.example")
    adam = desk.row("agents", name="adam", username="adam", email="adam@desk.example")
    bill = desk.row("agents", name="Bill", username="bill", email="bill@desk.example")
    desk.row("departments", name="Level 1 Support")
    desk.row("departments", name="Unused")
    for values, change in (
        ({}, Change()),
        ({}, Change(agent=zoe)),
        ({"departmentId": "Sales"}, Change(agent=zoe)),
        ({"departmentId": "Sales"}, Change(agent=zoe, status="Closed")),
        ({"departmentId": "Level 1 Support"}, Change(agent=adam, status="Archived")),
        ({"departmentId": "Level 1 Support"}, Change(status="Resolved")),
        ({"departmentId": "Sales"}, Change(agent=bill)),
    ):
        changes.change_ticket(SYSTEM, desk.open(**values), change)
    gone = desk.open(departmentId="Maintenance")
    desk.settle()
    assert desk.call("DELETE", f"/api/tickets-delete.php/{gone}.json").status == 200
    desk.settle()
    return desk


def counted(desk: Desk, **options: Any) -> Any:
    answer = desk.call("GET", PATH, **options)
    assert answer.status == 200, answer.text
    return answer.json


def test_a_new_desk_has_nothing(desk: Desk) -> None:
    answer = desk.call("GET", PATH)
    assert (answer.status, answer.text) == (200, NOTHING)
    assert answer.type == "application/json; charset=UTF-8"


def test_every_count(full: Desk) -> None:
    found = counted(full)
    staff = [row.pop("staff_id") for row in found["by_staff"]]
    assert staff == [staff[1] + 2, staff[1], staff[1] + 1]
    assert found == {
        "total": 7,
        "open": 4,
        "closed": 3,
        "overdue": 0,
        "by_department": {
            "Level 1 Support": {"total": 2, "open": 0, "closed": 2, "overdue": 0},
            "Sales": {"total": 3, "open": 2, "closed": 1, "overdue": 0},
            "Support": {"total": 2, "open": 2, "closed": 0, "overdue": 0},
        },
        "by_staff": [
            {
                "staff_name": "Bill",
                "total": 1,
                "departments": {"Sales": {"open": 1, "closed": 0, "overdue": 0}},
            },
            {
                "staff_name": "Zoe",
                "total": 3,
                "departments": {
                    "Sales": {"open": 1, "closed": 1, "overdue": 0},
                    "Support": {"open": 1, "closed": 0, "overdue": 0},
                },
            },
            {
                "staff_name": "adam",
                "total": 1,
                "departments": {"Level 1 Support": {"open": 0, "closed": 1, "overdue": 0}},
            },
        ],
    }


def test_names_are_in_alphabetical_order_capitals_first(full: Desk) -> None:
    text = full.call("GET", PATH).text
    names = ("Level 1 Support", "Sales", "Support", "by_staff", "Bill", "Zoe", "adam")
    places = [text.index(f'"{name}"') for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("path", "query", "accept"),
    [
        (f"{PATH}.xml", None, "*/*"),
        (PATH, {"format": "xml"}, "*/*"),
        (PATH, None, "application/xml, application/json;q=0.9"),
    ],
)
def test_xml_in_three_ways(
    full: Desk, path: str, query: dict[str, str] | None, accept: str
) -> None:
    answer = full.call("GET", path, query=query, headers={"Accept": accept})
    assert answer.type == "application/xml; charset=UTF-8"
    level_1 = "<total>2</total><open>0</open><closed>2</closed><overdue>0</overdue>"
    assert answer.text.startswith(
        '<?xml version="1.0"?>\n<response><total>7</total><open>4</open><closed>3</closed>'
        f'<overdue>0</overdue><by_department><item name="Level 1 Support">{level_1}</item><Sales>'
    )
    assert "<by_staff><item><staff_id>" in answer.text
    assert answer.text.endswith("</by_staff></response>\n")


# --- by the clock ---------------------------------------------------------------------------


def overdue(found: Any) -> tuple[int, dict[str, int], dict[str, int]]:
    """In all, by department, by agent; what has none is left out."""
    departments = {name: row["overdue"] for name, row in found["by_department"].items()}
    agents = {
        row["staff_name"]: sum(some["overdue"] for some in row["departments"].values())
        for row in found["by_staff"]
    }
    return (
        found["overdue"],
        {name: count for name, count in departments.items() if count},
        {name: count for name, count in agents.items() if count},
    )


EVERYTHING_OPEN = (4, {"Sales": 2, "Support": 2}, {"Zoe": 2, "Bill": 1})


def test_the_clock_decides_and_not_the_sweep(full: Desk) -> None:
    later(days=30)
    assert overdue(counted(full)) == EVERYTHING_OPEN
    assert mark_overdue() == 4
    full.settle()
    assert overdue(counted(full)) == EVERYTHING_OPEN


def test_a_ticket_is_overdue_from_its_deadline_on(desk: Desk) -> None:
    number = desk.open()
    changes.change_ticket(SYSTEM, number, Change(due="2026-03-02T12:00:00Z"))
    desk.settle()
    Clock.current = START.replace(hour=12)
    assert counted(desk)["overdue"] == 0
    later(seconds=0.001)
    assert counted(desk)["overdue"] == 1
    changes.change_ticket(SYSTEM, number, Change(due="2026-03-02T13:00:00Z"))
    assert counted(desk)["overdue"] == 0


def test_what_is_closed_is_not_overdue(full: Desk) -> None:
    later(days=30)
    mark_overdue()
    full.settle()
    for row in full.search(status="Open"):
        changes.change_ticket(SYSTEM, row["number"], Change(status="Closed"))
    full.settle()
    found = counted(full)
    assert (found["open"], found["closed"], found["overdue"]) == (0, 7, 0)


def test_what_is_half_marked_is_counted_once(desk: Desk) -> None:
    for _ in range(2):
        desk.open()
    desk.settle()
    later(days=30)
    with patch("helpdesk.tickets.overdue.MOST_MARKED", 1):
        assert mark_overdue() == 1
    desk.settle()
    assert counted(desk)["overdue"] == 2


# --- who may, and what they see -------------------------------------------------------------


@pytest.mark.parametrize("permission", ["can_read_stats", "can_read_tickets"])
def test_either_permission_will_do(desk: Desk, permission: str) -> None:
    key = desk.cloud.key(permissions=[permission])["key"]
    assert desk.call("GET", PATH, key=key).text == NOTHING


def test_other_permissions_will_not(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_search_tickets"])["key"]
    answer = desk.call("GET", PATH, key=key)
    assert (answer.status, answer.message) == (
        403,
        "API key not authorized to read ticket statistics",
    )


def test_a_key_counts_its_departments(full: Desk) -> None:
    key = full.cloud.key(permissions=["can_read_stats"], departments=[2])["key"]
    later(days=30)
    found = counted(full, key=key)
    assert (found["total"], found["open"], found["closed"]) == (3, 2, 1)
    assert overdue(found) == (2, {"Sales": 2}, {"Zoe": 1, "Bill": 1})
    assert found["by_department"].keys() == {"Sales"}
    assert [row["staff_name"] for row in found["by_staff"]] == ["Bill", "Zoe"]


def test_a_customer_counts_nothing(full: Desk) -> None:
    customer = full.get(full.search()[0]["number"])["userId"]
    key = full.cloud.key(permissions=["can_read_stats"], customer=customer)["key"]
    answer = full.call("GET", PATH, key=key)
    assert (answer.status, answer.message) == (
        403,
        "API key not authorized to read ticket statistics",
    )
