"""GET /api/v1/tickets.php."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from dialects.osticket.v1 import read
from helpdesk.keys.permissions import PERMISSIONS
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.queries import Page, Wanted
from helpdesk.storage import aws
from helpdesk.tickets import threads
from tests.dialects.osticket.conftest import Desk, request
from tests.gateway import cloud

PATH = "/api/v1/tickets.php"
KEYS = [
    *("id", "number", "subject", "status", "status_id", "dept_id", "priority_id", "topic_id"),
    *("created", "updated", "user_email", "user_name", "responses"),
]
OF_A_RESPONSE = ["id", "created", "body", "is_note", "user_id", "user_name", "user_email"]


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """A desk with five tickets of two people; the first one has been answered."""
    with cloud() as ready:
        desk = Desk(ready)
        topic = desk.row("topics", name="Printers", department=2)
        for values in (
            {"subject": "Printer on fire", "message": "It <b>burns</b>, as said: a/b"},
            {"subject": "Printer 100% full", "topicId": topic},
            {"subject": "Drucker_brennt", "email": "joan@example.com", "name": "Joan"},
            {"subject": "CAFÉ is closed", "email": "joan@example.com"},
            {"subject": "a \\ b", "departmentId": 2},
        ):
            desk.open(**values)
        agent = desk.row("agents", name="Ann Agent", username="ann", email="ann@desk.example")
        joan = next(iter(listed(desk, id=3)))["responses"][0]["user_id"]
        said = {
            threads.add_response: NewEntry(Body("Bring water."), agent=agent, poster="Ann Agent"),
            threads.add_note: NewEntry(Body("He smokes."), agent=agent, poster="Ann Agent"),
            threads.add_message: NewEntry(Body("Me too!"), person=joan, poster="Joan"),
        }
        for add, entry in said.items():
            add(SYSTEM, 1, entry)
        desk.settle()
        yield desk


def answer(desk: Desk, key: str | None = None, **query: Any) -> Any:
    found = desk.call("GET", PATH, query={k: str(v) for k, v in query.items()}, key=key)
    assert (found.status, found.type) == (200, "application/json"), found.text
    return found.json


def listed(desk: Desk, key: str | None = None, **query: Any) -> list[Any]:
    found: list[Any] = answer(desk, key, **query)["tickets"]
    return found


def ids(desk: Desk, **query: Any) -> list[int]:
    return [row["id"] for row in listed(desk, **query)]


# --- shape ----------------------------------------------------------------------------------


def test_the_keys_and_their_order(full: Desk) -> None:
    text = full.call("GET", PATH).text
    whole = json.loads(text)
    assert list(whole) == ["tickets", "pagination"]
    assert list(whole["pagination"]) == ["page", "per_page", "total", "pages"]
    assert [list(row) for row in whole["tickets"]] == [KEYS] * 5
    assert all(list(one) == OF_A_RESPONSE for row in whole["tickets"] for one in row["responses"])


def test_values_are_those_that_the_plugin_shows(full: Desk) -> None:
    row = listed(full, id=2)[0]
    shown = full.get("2")
    same = {
        "id": "id",
        "number": "number",
        "subject": "subject",
        "status": "status",
        "status_id": "statusId",
        "dept_id": "departmentId",
        "priority_id": "priorityId",
        "topic_id": "topicId",
        "created": "created",
        "updated": "updated",
    }
    assert {ours: row[ours] for ours in same} == {ours: shown[its] for ours, its in same.items()}
    assert (row["user_email"], row["user_name"]) == ("jane@example.com", "Jane Doe")


def test_all_that_was_written_is_there_notes_too(full: Desk) -> None:
    said = listed(full, id=1)[0]["responses"]
    told = [(one["body"], one["is_note"], one["user_name"], one["user_email"]) for one in said]
    assert told == [
        ("It &lt;b&gt;burns&lt;/b&gt;, as said: a/b", False, "Jane Doe", "jane@example.com"),
        ("Bring water.", False, "Ann Agent", "ann@desk.example"),
        ("He smokes.", True, "Ann Agent", "ann@desk.example"),
        ("Me too!", False, "Joan", "joan@example.com"),
    ]
    assert said[1]["user_id"] == said[2]["user_id"] != said[0]["user_id"]


def test_json_is_ascii_with_escaped_slashes(full: Desk) -> None:
    assert "CAF\\u00c9 is closed" in full.call("GET", PATH, query={"id": "4"}).text
    assert "said: a\\/b" in full.call("GET", PATH, query={"id": "1"}).text


# --- filters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"id": 4}, [4]),
        ({"id": "4abc"}, [4]),
        ({"id": 99}, []),
        ({"id": "abc"}, []),
        ({"id": "-4"}, []),
        ({"id": "9" * 400}, []),
        ({"id": ""}, [1, 2, 3, 4, 5]),
        ({"id": "0"}, [1, 2, 3, 4, 5]),
        ({"status_id": 1}, [1, 2, 3, 4, 5]),
        ({"status_id": 3}, []),
        ({"status_id": "Open"}, []),
        ({"dept_id": 2}, [2, 5]),
        ({"dept_id": "x"}, []),
        ({"topic_id": "x"}, []),
        ({"topic_id": 99}, []),
        ({"email": "JOAN@example.com"}, [3, 4]),
        ({"email": "nobody@example.com"}, []),
        ({"email": "joan"}, []),
        ({"email": "x" * 3000}, []),
        ({"email": "\ud800"}, [1, 2, 3, 4, 5]),
        ({"q": "PRINTER"}, [1, 2]),
        ({"q": "100%"}, [2]),
        ({"q": "_"}, [3]),
        ({"q": "\\"}, [5]),
        ({"q": "' OR 1=1"}, []),
        ({"q": "printer", "dept_id": 2}, [2]),
        ({"q": "printer", "email": "joan@example.com"}, []),
        ({"id": 3, "email": "joan@example.com", "status_id": 1}, [3]),
        ({"id": 3, "email": "jane@example.com"}, []),
    ],
)
def test_filters_one_and_together(full: Desk, query: dict[str, Any], found: list[int]) -> None:
    whole = answer(full, **query)
    assert [row["id"] for row in whole["tickets"]] == found
    assert whole["pagination"]["total"] == len(found)


def test_by_topic(full: Desk) -> None:
    topic = listed(full, id=2)[0]["topic_id"]
    assert ids(full, topic_id=topic) == [2]


# --- pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ({}, Page(limit=20)),
        ({"page": "3", "per_page": "10"}, Page(offset=20, limit=10)),
        ({"page": "0"}, Page(limit=20)),
        ({"page": "-1"}, Page(limit=20)),
        ({"page": "x"}, Page(limit=20)),
        ({"per_page": "0"}, Page(limit=1)),
        ({"per_page": "x", "page": "2"}, Page(offset=1, limit=1)),
        ({"per_page": "-5"}, Page(limit=1)),
        ({"per_page": "101"}, Page(limit=100)),
        ({"per_page": "9" * 400}, Page(limit=100)),
    ],
)
def test_which_page_is_asked_for(query: dict[str, str], page: Page) -> None:
    _, asked = read.wanted(request(method="GET", query=query))
    assert asked == Page(descending=False, offset=page.offset, limit=page.limit)


def test_nothing_given_is_everything() -> None:
    wanted, _ = read.wanted(request(method="GET", query={"q": " ", "email": "0", "id": ""}))
    assert wanted == Wanted(subject=("",))


def test_pages_and_their_count(full: Desk) -> None:
    last = answer(full, page=3, per_page=2)
    assert [row["id"] for row in last["tickets"]] == [5]
    assert last["pagination"] == {"page": 3, "per_page": 2, "total": 5, "pages": 3}
    beyond = answer(full, page=1000, per_page=100)
    assert beyond == {
        "tickets": [],
        "pagination": {"page": 1000, "per_page": 100, "total": 5, "pages": 1},
    }
    none = answer(full, id=99)
    assert none["pagination"] == {"page": 1, "per_page": 20, "total": 0, "pages": 0}
    assert answer(full, q="printer", page=2, per_page=1)["pagination"]["pages"] == 2
    assert ids(full, q="printer", page=2, per_page=1) == [2]


# --- whose key ------------------------------------------------------------------------------


def test_a_customer_sees_own_tickets_without_notes_and_addresses_of_others(full: Desk) -> None:
    jane = listed(full, id=1)[0]["responses"][0]["user_id"]
    key = full.cloud.key(permissions=["can_read_tickets"], customer=jane)["key"]
    whole = answer(full, key)
    assert [row["id"] for row in whole["tickets"]] == [1, 2, 5]
    assert whole["pagination"]["total"] == 3
    said = whole["tickets"][0]["responses"]
    assert [one["is_note"] for one in said] == [False] * 3
    assert [one["user_email"] for one in said] == ["jane@example.com", None, None]
    assert answer(full, key, email="joan@example.com")["pagination"]["total"] == 0
    assert listed(full, key, id=3) == []


def test_a_department_s_key_sees_its_tickets(full: Desk) -> None:
    key = full.cloud.key(permissions=["can_search_tickets"], departments=[2])["key"]
    whole = answer(full, key)
    assert [row["id"] for row in whole["tickets"]] == [2, 5]
    assert whole["pagination"]["total"] == 2
    assert listed(full, key, dept_id=1) == []


def test_without_permission(full: Desk) -> None:
    others = set(PERMISSIONS) - {"can_read_tickets", "can_search_tickets"}
    key = full.cloud.key(permissions=sorted(others))["key"]
    refused = full.call("GET", PATH, key=key)
    assert (refused.status, refused.json) == (403, {"error": "API key not authorized"})


# --- how many trips -------------------------------------------------------------------------


def test_the_threads_of_a_page_are_read_at_the_same_time(full: Desk) -> None:
    with patch.object(aws, "together", wraps=aws.together) as together:
        answer(full)
    # With them come the tickets themselves.
    assert [len(call.args) for call in together.call_args_list].count(5) == 1
