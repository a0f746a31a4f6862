"""Searches over HTTP: conformance cases 49 to 53 and 77 (docs/zammad.md 7.6), and the same for
users and organizations.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad import asking
from tests.http.zammad.asking import ALL, ask

GET = pytest.mark.contract("GET /api/v1/tickets/search")
POST = pytest.mark.contract("POST /api/v1/tickets/search")
MANY = 20


def found(desk: Desk, path: str = "tickets/search", **query: str) -> Any:
    """What a search by GET answers."""
    said = "&".join(f"{name}={value}" for name, value in query.items())
    return asking.found(desk, f"{path}?{said}" if said else path)


def opened(desk: Desk, title: str, customer: str, **values: Any) -> Any:
    who = f"guess:{customer}@search.example"
    return asking.opened(desk, title=title, customer_id=who, **values)


@pytest.fixture(scope="module")
def twenty(desk: Desk) -> list[int]:
    """Tickets of this module, the oldest first; each was changed when it was opened."""
    ids = [opened(desk, f"zebra{number:02}", "herd")["id"] for number in range(1, MANY + 1)]
    desk.cloud.drain()
    return ids


@GET
@POST
def test_case_49_a_ticket_by_its_title(desk: Desk) -> None:
    ticket = opened(desk, "some title äöüß", "owner")
    opened(desk, "Another", "owner")
    foreign = opened(desk, "some title of others", "others")
    desk.cloud.drain()
    whole = found(desk, query="some+title+%C3%A4%C3%B6%C3%BC%C3%9F", full="true")
    assert whole["record_ids"] == [ticket["id"]]
    assert set(whole["assets"]["Ticket"]) == {str(ticket["id"])}
    condition = {"ticket.title": {"operator": "contains", "value": "title äöüß"}}
    by_condition = ask(desk, "POST", "tickets/search", {"condition": condition, "full": True})
    assert (by_condition.status, by_condition.json["record_ids"]) == (200, [ticket["id"]])
    assert {row["id"] for row in found(desk, query="some+title")} == {ticket["id"], foreign["id"]}
    customer = str(desk.make_key(*ALL, customer=ticket["customer_id"])["key"])
    for query in ("", "some+title"):
        seen = ask(desk, "GET", f"tickets/search?query={query}", key=customer).json
        assert foreign["id"] not in {row["id"] for row in seen}
        assert ticket["id"] in {row["id"] for row in seen}
    body = {"condition": {"ticket.title": {"operator": "contains", "value": "some title"}}}
    own = ask(desk, "POST", "tickets/search", body, key=customer).json
    assert [row["id"] for row in own] == [ticket["id"]]


@GET
def test_case_50_newest_first_and_in_pages(desk: Desk, twenty: list[int]) -> None:
    newest = twenty[::-1]
    assert [row["id"] for row in found(desk, query="zebra*")] == newest
    assert [row["id"] for row in found(desk, query="zebra*", limit="10")] == newest[:10]
    for more in ({}, {"limit": "40"}):
        page = found(desk, query="zebra*", per_page="5", page="2", **more)
        assert [row["id"] for row in page] == newest[5:10]
    assert found(desk, query="zebra*", page="9") == []


@GET
def test_case_51_in_the_order_that_is_asked_for(desk: Desk, twenty: list[int]) -> None:
    def order(sort_by: str, order_by: str) -> list[int]:
        return [
            row["id"] for row in found(desk, query="zebra*", sort_by=sort_by, order_by=order_by)
        ]

    assert order("created_at", "asc") == twenty
    assert order("title", "asc") == twenty
    assert order("title", "desc") == twenty[::-1]
    assert order("priority_id,title", "asc,desc") == twenty[::-1]
    body = {"query": "zebra*", "sort_by": ["group_id", "title"], "order_by": ["desc", "asc"]}
    assert [row["id"] for row in ask(desk, "POST", "tickets/search", body).json] == twenty
    url = "tickets/search?query=zebra*&sort_by[]=group_id&sort_by[]=title"
    listed = ask(desk, "GET", f"{url}&order_by[]=asc&order_by[]=desc").json
    assert [row["id"] for row in listed] == twenty[::-1]


@GET
def test_case_52_with_how_many_there_are(desk: Desk, twenty: list[int]) -> None:
    query = {"query": "zebra*", "per_page": "3"}
    counted = found(desk, **query, with_total_count="true")
    assert set(counted) == {"records", "total_count"}
    assert (len(counted["records"]), counted["total_count"]) == (3, MANY)
    whole = found(desk, **query, with_total_count="true", full="true")
    assert set(whole) == {"record_ids", "assets", "total_count"}
    assert (whole["record_ids"], whole["total_count"]) == (twenty[:-4:-1], MANY)
    expanded = found(desk, **query, with_total_count="true", expand="true")
    assert expanded["total_count"] == MANY
    assert all(row["group"] == "Users" for row in expanded["records"])
    for off in ("false", "yes"):
        assert isinstance(found(desk, **query, with_total_count=off), list)


@GET
@pytest.mark.contract("GET /api/v1/users/search")
@pytest.mark.contract("GET /api/v1/organizations/search")
@pytest.mark.contract("GET /api/v1/groups/search")
@pytest.mark.contract("GET /api/v1/roles/search")
def test_case_53_only_how_many_there_are(desk: Desk, twenty: list[int]) -> None:
    only = {"only_total_count": "true", "full": "true", "expand": "true"}
    assert found(desk, query="zebra*", **only) == {"total_count": len(twenty)}
    assert found(desk, "users/search", query="herd@search.example", **only) == {"total_count": 1}
    assert found(desk, "organizations/search", query="nowhere", **only) == {"total_count": 0}
    assert found(desk, "groups/search", query="users", **only) == {"total_count": 1}
    assert found(desk, "roles/search", **only) == {"total_count": 3}


@GET
def test_case_77_zammad_py_searches_by_state(desk: Desk, client: Any, twenty: list[int]) -> None:
    changed = ask(desk, "PUT", f"tickets/{twenty[0]}", {"state": "open"})
    assert changed.status == 200, changed.text
    desk.cloud.drain()
    rows = list(client.ticket.search("state.name:open"))
    assert twenty[0] in {row["id"] for row in rows}
    assert all(row["state"] == "open" for row in rows)
    assert [row["id"] for row in client.ticket.search("zebra* AND state.name:open")] == [twenty[0]]


@pytest.mark.contract("GET /api/v1/users/search")
@pytest.mark.contract("GET /api/v1/organizations/search")
@pytest.mark.contract("GET /api/v1/groups/search")
def test_zammad_py_searches_people_organizations_and_groups(desk: Desk, client: Any) -> None:
    acme = client.organization.create({"name": "Zoo Keepers"})
    keeper = {"firstname": "Zoe", "lastname": "Keeper", "email": "zoe@search.example"}
    user = client.user.create({**keeper, "organization": "Zoo Keepers"})
    desk.cloud.drain()
    assert [row["id"] for row in client.user.search("zoe keeper")] == [user["id"]]
    assert [row["id"] for row in client.user.search("email:zoe@search.example")] == [user["id"]]
    assert [row["organization"] for row in client.user.search("zoo")] == ["Zoo Keepers"]
    assert [row["members"] for row in client.organization.search("name:zoo")] == [
        ["zoe@search.example"]
    ]
    assert [row["name"] for row in client.group.search("name:users")] == ["Users"]
    assert {row["name"] for row in client.role.search("*")} == {"Admin", "Agent", "Customer"}
    everything = found(desk, "search", query="zoo")
    kinds = [(one["type"], one["id"]) for one in everything["result"]]
    assert kinds == [("User", user["id"]), ("Organization", acme["id"])]


@pytest.mark.contract("GET /api/v1/search")
@pytest.mark.contract("GET /api/v1/search/{objects}")
def test_everything_at_once(desk: Desk, twenty: list[int]) -> None:
    first = found(desk, "search", query="zebra01")
    assert first["result"] == [{"type": "Ticket", "id": twenty[0]}]
    assert first["assets"]["Ticket"][str(twenty[0])]["title"] == "zebra01"
    by_post = ask(desk, "POST", "search/User-Ticket", {"query": "zebra01"})
    assert by_post.json == first
