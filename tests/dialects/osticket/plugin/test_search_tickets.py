"""GET /api/tickets-search.php."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from defusedxml.ElementTree import fromstring

from dialects.osticket.plugin import read
from helpdesk.model.queries import Page, Wanted
from helpdesk.queries import limits
from tests.dialects.osticket.conftest import Desk, request
from tests.gateway import cloud

JSON = "application/json; charset=UTF-8"
PATH = "/api/tickets-search.php"
KEYS = [
    *("id", "number", "subject", "statusId", "status", "priorityId", "priority", "departmentId"),
    *("department", "topicId", "topic", "created", "updated", "dueDate", "staffId", "staff"),
    *("teamId", "team", "slaId", "sla", "isOverdue", "isAnswered"),
]


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """A desk with five tickets in three departments, one of them inside another."""
    with cloud() as ready:
        desk = Desk(ready)
        inner = desk.row("departments", name="Web", parent=2)
        for values in (
            {"subject": "Printer on fire"},
            {"subject": "Printer 100% full", "departmentId": "Sales"},
            {"subject": "Drucker_brennt", "departmentId": inner},
            {"subject": "CAFÉ is closed", "email": "other@example.com"},
            {"subject": "a \\ b", "duedate": "2031-01-02T03:04:05Z"},
        ):
            desk.open(**values)
        desk.settle()
        yield desk


def subjects(found: Any) -> list[str]:
    return [row["subject"] for row in found]


# --- shape ----------------------------------------------------------------------------------


def test_the_keys_and_their_order(full: Desk) -> None:
    answer = full.call("GET", PATH, query={"limit": "1"})
    assert (answer.status, answer.type) == (200, JSON)
    ((*pairs,),) = json.loads(answer.text, object_pairs_hook=list)
    assert [key for key, _ in pairs] == KEYS
    (row,) = answer.json
    whole = full.get(row["number"])
    assert row == {key: whole["duedate" if key == "dueDate" else key] for key in KEYS}
    assert row["dueDate"] == "2031-01-02 03:04:05"
    assert row["isOverdue"] is False


@pytest.mark.parametrize(
    ("path", "query", "accept"),
    [
        (f"{PATH}.xml", {}, "*/*"),
        (PATH, {"format": "xml"}, "*/*"),
        (PATH, {}, "application/xml, application/json;q=0.9"),
    ],
)
def test_xml_in_three_ways(full: Desk, path: str, query: dict[str, str], accept: str) -> None:
    answer = full.call("GET", path, query=query, headers={"Accept": accept})
    assert answer.type == "application/xml; charset=UTF-8"
    rows = fromstring(answer.text)
    assert [row.tag for row in rows] == ["item"] * 5
    assert [field.tag for field in rows[0]] == KEYS
    assert rows[1].findtext("subject") == "CAFÉ is closed"


def test_json_by_its_ending(full: Desk) -> None:
    answer = full.call("GET", f"{PATH}.json", headers={"Accept": "application/xml"})
    assert answer.type == JSON


# --- filters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("printer", ["Printer 100% full", "Printer on fire"]),
        ("RINTER O", ["Printer on fire"]),
        ("  fire ", ["Printer on fire"]),
        ("r", ["Drucker_brennt", "Printer 100% full", "Printer on fire"]),
        ("%", ["Printer 100% full"]),
        ("_", ["Drucker_brennt"]),
        ("\\", ["a \\ b"]),
        ("cafe", ["CAFÉ is closed"]),
        ("fé", ["CAFÉ is closed"]),
        ("' OR 1=1 --", []),
        ("printer fire", []),
        ("x" * 3000, []),
        ("\ud800", None),
        (" \t ", None),
    ],
)
def test_text_anywhere_in_the_subject(full: Desk, query: str, found: list[str] | None) -> None:
    if found is None:
        assert len(full.search(query=query)) == 5
    else:
        assert subjects(full.search(query=query)) == found


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"status": "1"}, 5),
        ({"status": "oPEN"}, 5),
        ({"status": "Closed"}, 0),
        ({"status": "99"}, 0),
        ({"status": "Nope"}, 0),
        ({"status": ""}, 5),
        ({"department": "1"}, 3),
        ({"department": "sales"}, 1),
        ({"department": "Sales / Web"}, 1),
        ({"department": "Sales/web"}, 1),
        ({"department": "Web"}, 1),
        ({"department": "Support / Web"}, 0),
        ({"department": "Web / Sales"}, 0),
        ({"department": "99"}, 0),
        ({"department": "9" * 400}, 0),
        ({"department": "/"}, 0),
        ({"department": "Sales", "query": "printer", "status": "Open"}, 1),
        ({"department": "Sales", "query": "fire"}, 0),
    ],
)
def test_filters_one_and_together(full: Desk, filters: dict[str, str], count: int) -> None:
    assert len(full.search(**filters)) == count


# --- pages and order ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ({}, Page()),
        ({"limit": "5", "offset": "10"}, Page(limit=5, offset=10)),
        ({"limit": "0"}, Page()),
        ({"limit": "-3"}, Page()),
        ({"limit": "many"}, Page()),
        ({"limit": "1.5"}, Page()),
        ({"limit": "100"}, Page(limit=100)),
        ({"limit": "101"}, Page(limit=100)),
        ({"limit": "9" * 15}, Page(limit=100)),
        ({"limit": "9" * 5000}, Page()),
        ({"limit": " 7 "}, Page(limit=7)),
        ({"limit": "٣"}, Page()),
        ({"offset": "-1"}, Page()),
        ({"offset": "x"}, Page()),
        ({"sort": "Updated"}, Page(sort="updated")),
        ({"sort": "NUMBER"}, Page(sort="number", descending=False)),
        ({"sort": "subject"}, Page()),
        ({"sort": ""}, Page()),
    ],
)
def test_what_a_page_is(query: dict[str, str], page: Page) -> None:
    wanted, asked, _ = read.search(request(method="GET", resource=PATH, query=query))
    assert (wanted, asked) == (Wanted(subject=("",)), page)


def test_three_orders(full: Desk) -> None:
    assert [row["id"] for row in full.search()] == [5, 4, 3, 2, 1]
    assert [row["id"] for row in full.search(sort="updated")] == [5, 4, 3, 2, 1]
    numbers = [row["number"] for row in full.search(sort="number")]
    assert numbers == sorted(numbers)
    assert len(numbers) == 5


def test_pages_one_after_the_other(full: Desk) -> None:
    for query in ({}, {"sort": "number"}, {"status": "Open"}, {"query": "r"}):
        whole = full.search(**query)
        parts = [full.search(limit=2, offset=at, **query) for at in range(0, 6, 2)]
        assert [row for part in parts for row in part] == whole
        assert full.search(offset=1_000, **query) == []


def test_a_search_that_is_too_wide_says_so(full: Desk) -> None:
    with (
        patch.object(limits, "PROBE", 1),
        patch.object(limits, "SAMPLE", 1),
        patch.object(limits, "MOST_CANDIDATES", 2),
    ):
        answer = full.call("GET", PATH, query={"query": "r", "limit": "3"})
    assert (answer.status, answer.type) == (422, JSON)
    assert answer.message == "Too many tickets match: narrow the search"


# --- who may, and what they see -------------------------------------------------------------


@pytest.mark.parametrize("permission", ["can_search_tickets", "can_read_tickets"])
def test_either_permission_will_do(full: Desk, permission: str) -> None:
    key = full.cloud.key(permissions=[permission])["key"]
    assert len(full.search(key=key)) == 5


def test_other_permissions_will_not(full: Desk) -> None:
    key = full.cloud.key(permissions=["can_read_stats"])["key"]
    answer = full.call("GET", PATH, key=key)
    assert (answer.status, answer.message) == (403, "API key not authorized to search tickets")


def test_a_key_finds_what_it_may_see(full: Desk) -> None:
    permissions = ["can_search_tickets"]
    sales = full.cloud.key(permissions=permissions, departments=[2])["key"]
    other = full.search(query="cafe")[0]["number"]
    customer = full.get(other)["userId"]
    hers = full.cloud.key(permissions=permissions, customer=customer)["key"]
    neither = full.cloud.key(permissions=permissions, customer=customer, departments=[2])["key"]
    for query in ({}, {"sort": "updated"}, {"sort": "number"}, {"status": "Open"}):
        assert subjects(full.search(key=sales, **query)) == ["Printer 100% full"]
        assert subjects(full.search(key=hers, **query)) == ["CAFÉ is closed"]
        assert full.search(key=neither, **query) == []
    assert subjects(full.search(key=sales, query="printer")) == ["Printer 100% full"]
    assert full.search(key=sales, query="fire") == []
    assert full.search(key=sales, department="Support") == []
    assert full.search(key=hers, query="printer") == []
    assert subjects(full.search(key=hers, query="closed")) == ["CAFÉ is closed"]
