"""GET and POST /api/v1/tickets/search (docs/zammad.md 7.6 to 7.8)."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.queries import limits
from tests import world
from tests.dialects.zammad.conftest import Desk
from tests.gateway import cloud

PATH = "/api/v1/tickets/search"


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """Five tickets, opened an hour apart."""
    with cloud() as ready, world.standing_clock():
        desk = Desk(ready)
        ann, _ = desk.agent()
        for values in (
            {"title": "Printer on fire", "article": {"body": "The smoke is black", "type": "note"}},
            {"title": "Drucker brennt", "customer_id": "guess:joan.smith@example.com"},
            {"title": "Welcome to Zammad!", "priority": "3 high", "owner_id": ann},
            {
                "title": "Café bill",
                "state": "pending reminder",
                "pending_time": "2026-05-01T00:00:00Z",
                "note": "ask the chef",
            },
            {"title": "Printer", "article": {"body": "secret", "internal": True}},
        ):
            desk.open(**values)
            world.later(hours=1)
        desk.change(2, state="closed")
        world.later(hours=1)
        desk.settle()
        yield desk


def ids(desk: Desk, query: str, **options: Any) -> list[int]:
    return sorted(row["id"] for row in desk.get(PATH, query=query, **options))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("*", [1, 2, 3, 4, 5]),
        ("printer", [1, 5]),
        ("PRINT", [1, 5]),
        ("fire printer", [1]),
        ("prin fire", []),
        ("smoke", [1]),
        ("black smo", [1]),
        ("cafe", [4]),
        ("nowhere", []),
        ("printer OR drucker", [1, 2, 5]),
        ("printer -fire", [5]),
        ("NOT printer", [2, 3, 4]),
        ("(printer OR drucker) AND NOT title:fire", [2, 5]),
        ('"Welcome to"', [3]),
        ('"to Welcome"', []),
        ('title:"Welcome to"', [3]),
        ("title:wel*", [3]),
        ("title:wel", []),
        ("title:printer AND article.body:black", [1]),
        ("joan", [2]),
        ("joan.smith@example.com", [2]),
        ("customer.email:joan.smith@example.com", [2]),
        ("customer.email:joan", []),
        ("customer.firstname:joan", [2]),
        ("state.name:open", []),
        ("state.name:new", [1, 3, 5]),
        ("state:closed", [2]),
        ("state.name:pending reminder", [4]),
        ("state_id:4", [2]),
        ("state_id:(3 OR 4)", [2, 4]),
        ("priority.name:3 high", [3]),
        ("priority_id:3", [3]),
        ("priority.name:high", [3]),
        ("ann", [3]),
        ("owner.login:ann", [3]),
        ("owner_id:1", [1, 2, 4, 5]),
        ("NOT owner:*", [1, 2, 4, 5]),
        ("_exists_:owner", [3]),
        ("_missing_:pending_time", [1, 2, 3, 5]),
        ("group.name:Users", [1, 2, 3, 4, 5]),
        ("group:sales", []),
        ("NOT customer.organization_id:*", [1, 2, 3, 4, 5]),
        ("note:chef", [4]),
        ("created_at:2026-03-02", [1, 2, 3, 4, 5]),
        ("created_at:[2026-03-02T09:30:00Z TO 2026-03-02T11:30:00Z]", [2, 3]),
        ("created_at:>2026-03-02", []),
        ("created_at:>=2026-03-02", [1, 2, 3, 4, 5]),
        ("created_at:<2026-03-02T10:00:00Z", [1]),
        ("created_at:>now-3h", [5]),
        ("pending_time:[* TO 2026-06-01]", [4]),
        ("number:00", []),
        ("colour:red", []),
        ("(", []),
        ("printer AND", []),
        ("id:3", [3]),
    ],
)
def test_the_query_language(full: Desk, query: str, found: list[int]) -> None:
    assert ids(full, query) == found
    assert full.get(PATH, query=query, only_total_count="true") == {"total_count": len(found)}


def test_by_number(full: Desk) -> None:
    number = full.get("/api/v1/tickets/3")["number"]
    for query in (number, f"number:{number}", f"Ticket#{number}", f"number:{number[:4]}*"):
        assert ids(full, query) == [3]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"ticket.title": {"operator": "contains", "value": "inter"}}, [1, 5]),
        ({"ticket.title": {"operator": "contains not", "value": "inter"}}, [2, 3, 4]),
        ({"ticket.title": {"operator": "is", "value": "printer"}}, [5]),
        ({"ticket.title": {"operator": "starts with", "value": "Print"}}, [1, 5]),
        ({"ticket.title": {"operator": "ends with", "value": "FIRE"}}, [1]),
        ({"ticket.state_id": {"operator": "is", "value": ["2", "4"]}}, [2]),
        ({"ticket.state_id": {"operator": "is not", "value": 4}}, [1, 3, 4, 5]),
        ({"ticket.owner_id": {"operator": "is set"}}, [3]),
        ({"ticket.owner_id": {"operator": "not set"}}, [1, 2, 4, 5]),
        (
            {
                "ticket.created_at": {
                    "operator": "before (absolute)",
                    "value": "2026-03-02T10:30:00Z",
                }
            },
            [1, 2],
        ),
        (
            {
                "ticket.created_at": {
                    "operator": "within last (relative)",
                    "value": "3",
                    "range": "hour",
                }
            },
            [4, 5],
        ),
        ({"article.body": {"operator": "contains", "value": "smoke"}}, [1]),
        ({"ticket.tags": {"operator": "contains one", "value": "a, b"}}, []),
        ({"ticket.tags": {"operator": "contains all not", "value": "a, b"}}, [1, 2, 3, 4, 5]),
        (
            {
                "ticket.title": {"operator": "contains", "value": "printer"},
                "ticket.priority_id": {"operator": "is", "value": "2"},
            },
            [1, 5],
        ),
    ],
)
def test_conditions(full: Desk, condition: Any, found: list[int]) -> None:
    answer = full.call("POST", PATH, {"condition": condition, "sort_by": "id", "order_by": "asc"})
    assert answer.status == 200, answer.text
    assert [row["id"] for row in answer.json] == found


def test_query_condition_and_ids_must_all_hold(full: Desk) -> None:
    body = {
        "query": "printer",
        "condition": {"ticket.title": {"operator": "contains", "value": "r"}},
        "ids": [2, 5],
    }
    assert [row["id"] for row in full.call("POST", PATH, body).json] == [5]


@pytest.mark.parametrize(
    "condition", [{"ticket.title": {"operator": "sounds like", "value": "x"}}, [1], {"a": 1}]
)
def test_a_condition_that_cannot_be_read_is_refused(full: Desk, condition: Any) -> None:
    answer = full.call("POST", PATH, {"condition": condition})
    assert answer.status == 422
    assert answer.error.startswith("Invalid ")


def test_order_and_pages(full: Desk) -> None:
    def order(**options: Any) -> list[int]:
        return [row["id"] for row in full.get(PATH, **options)]

    assert order() == [2, 5, 4, 3, 1]
    assert order(sort_by="created_at", order_by="asc") == [1, 2, 3, 4, 5]
    assert order(sort_by="title", order_by="asc") == [4, 2, 5, 1, 3]
    assert order(sort_by="title", order_by="desc") == [3, 1, 5, 2, 4]
    assert order(sort_by="priority_id,title", order_by="desc,asc") == [3, 4, 2, 5, 1]
    assert order(sort_by="escalation_at", order_by="asc") == [1, 2, 3, 4, 5]
    assert order(sort_by="title") == [3, 1, 5, 2, 4]
    assert order(limit=2) == [2, 5]
    assert order(limit=4, per_page=2, page=2) == [4, 3]
    assert order(page=9) == []


def test_an_order_that_there_is_not_is_refused(full: Desk) -> None:
    for column, direction, wrong in (
        ("nothing", "asc", "Found invalid column 'nothing' for sorting."),
        ("title", "up", "Found invalid order by value up. Please use 'asc' or 'desc'."),
    ):
        answer = full.call("GET", PATH, sort_by=column, order_by=direction)
        assert (answer.status, answer.error) == (422, wrong)


def test_shapes(full: Desk) -> None:
    plain = full.get(PATH, query="fire")
    assert plain[0]["article_ids"] == [1]
    whole = full.get(PATH, query="printer", full="true")
    assert (whole["record_ids"], whole["total_count"]) == ([5, 1], 2)
    assert set(whole["assets"]["Ticket"]) == {"1", "5"}
    assert full.get(PATH, query="fire", expand="true")[0]["state"] == "new"
    counted = full.get(PATH, query="printer", with_total_count="true", per_page=1)
    assert (len(counted["records"]), counted["total_count"]) == (1, 2)
    expanded = full.get(PATH, query="fire", with_total_count="true", expand="true")
    assert expanded["records"][0]["group"] == "Users"
    number = plain[0]["number"]
    label = f"#{number} - Printer on fire"
    assert full.get(PATH, term="fire") == [{"id": 1, "label": label, "value": label}]


def test_who_sees_what(full: Desk) -> None:
    joan = full.get("/api/v1/tickets/2")["customer_id"]
    permissions = ["can_read_tickets", "can_search_tickets"]
    hers = full.cloud.key(customer=joan, permissions=permissions)["key"]
    sales = full.cloud.key(departments=[2], permissions=permissions)["key"]
    assert ids(full, "", key=hers) == [2]
    assert ids(full, "printer OR drucker", key=hers) == [2]
    assert full.get(PATH, query="printer", full="true", key=hers)["total_count"] == 0
    assert ids(full, "printer", key=sales) == []
    none = full.cloud.key(permissions=["can_read_stats"])["key"]
    # docs/zammad.md 3: not an empty list, as in Zammad, but the refusal of every other family.
    assert full.denied("GET", PATH, key=none) == (403, "Not authorized (token)!")


def test_a_customer_finds_nothing_by_internal_articles(full: Desk) -> None:
    jane = full.get("/api/v1/tickets/5")["customer_id"]
    hers = full.cloud.key(customer=jane, permissions=["can_read_tickets"])["key"]
    assert ids(full, "secret") == [5]
    assert ids(full, "secret", key=hers) == []
    assert 5 in ids(full, "printer", key=hers)


def test_a_search_that_would_read_too_much_is_refused(full: Desk) -> None:
    with patch.object(limits, "MOST_CANDIDATES", 2):
        answer = full.call("GET", PATH, query="smoke OR nothing", full="true")
        assert answer.status == 200
        answer = full.call("GET", PATH, query="-smoke", full="true")
    assert (answer.status, answer.error) == (
        422,
        "Too many tickets match. Please narrow the search.",
    )
