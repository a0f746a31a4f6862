"""Searches for organizations, groups and roles, and for everything at once (docs/zammad.md 9.5,
17.16 and 17.24).
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.queries import limits
from tests import world
from tests.dialects.zammad.conftest import EVERY, Desk
from tests.gateway import cloud

ORGANIZATIONS = "/api/v1/organizations/search"
SEARCH = "/api/v1/search"


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """Three organizations an hour apart, one of which has a member with a ticket."""
    with cloud() as ready, world.standing_clock():
        desk = Desk(ready)
        for values in (
            {"name": "Acme Corp", "domain": "acme.example", "note": "old friends"},
            {"name": "Corp of Engineers", "active": False},
            {"name": "Zebra", "vip": True},
        ):
            world.later(hours=1)
            assert desk.call("POST", "/api/v1/organizations", values).status == 201
        world.later(hours=1)
        number = organization(desk, "Acme Corp")
        member = desk.call(
            "POST", "/api/v1/users", {"email": "ada@acme.example", "organization_id": number}
        ).json
        desk.open(title="Acme printer", customer_id=member["id"])
        desk.row("departments", name="Shipping")
        desk.settle_all()
        yield desk


def organization(desk: Desk, name: str) -> int:
    return next(int(row["id"]) for row in desk.get("/api/v1/organizations") if row["name"] == name)


def names(desk: Desk, path: str, query: str = "", **options: Any) -> list[str]:
    return [row["name"] for row in desk.get(path, query=query, **options)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("acme", ["Acme Corp"]),
        ("corp", ["Acme Corp", "Corp of Engineers"]),
        ("corp -acme", ["Corp of Engineers"]),
        ("eng", ["Corp of Engineers"]),
        ('name:"Acme Corp"', ["Acme Corp"]),
        ("name:acme", ["Acme Corp"]),
        ("name:acm", []),
        ("domain:acme.example", ["Acme Corp"]),
        ("note:friends", ["Acme Corp"]),
        ("active:false", ["Corp of Engineers"]),
        ("vip:true OR acme", ["Acme Corp", "Zebra"]),
        ("NOT corp", ["Zebra"]),
        ("nowhere", []),
        ("name:", []),
    ],
)
def test_organizations(full: Desk, query: str, found: list[str]) -> None:
    mine = [one for one in names(full, ORGANIZATIONS, query) if one in ALL]
    assert sorted(mine) == found


ALL = ("Acme Corp", "Corp of Engineers", "Zebra")


def test_shapes_and_order_of_organizations(full: Desk) -> None:
    listed = [one for one in names(full, ORGANIZATIONS) if one in ALL]
    assert listed == ["Zebra", "Acme Corp", "Corp of Engineers"]
    by_name = names(full, ORGANIZATIONS, "corp", sort_by="name", order_by="desc")
    assert by_name == ["Corp of Engineers", "Acme Corp"]
    assert full.call("GET", ORGANIZATIONS, query="corp", sort_by="colour").status == 422
    (plain,) = full.get(ORGANIZATIONS, query="acme")
    number, (member,) = plain["id"], plain["member_ids"]
    (expanded,) = full.get(ORGANIZATIONS, query="acme", expand="true")
    assert expanded["members"] == ["ada@acme.example"]
    whole = full.get(ORGANIZATIONS, query="acme", full="true")
    assert (whole["record_ids"], whole["total_count"]) == ([number], 1)
    assert str(member) in whole["assets"]["User"]
    total = full.get(ORGANIZATIONS, query="corp", only_total_count="true")
    assert total == {"total_count": 2}
    label = [{"id": number, "label": "Acme Corp", "value": "Acme Corp"}]
    assert full.get(ORGANIZATIONS, term="acme") == label
    assert full.call("POST", ORGANIZATIONS, {"query": "acme", "ids": [number]}).json == [plain]
    assert full.call("POST", ORGANIZATIONS, {"query": "acme", "ids": [99]}).json == []


def test_groups_and_roles(full: Desk) -> None:
    assert names(full, "/api/v1/groups/search", "ship") == ["Shipping"]
    assert "Shipping" in names(full, "/api/v1/groups/search")
    assert names(full, "/api/v1/groups/search", "name:users OR name:shipping") == [
        "Users",
        "Shipping",
    ]
    assert names(full, "/api/v1/roles/search", "agent") == ["Agent"]
    assert names(full, "/api/v1/roles/search", sort_by="name", order_by="desc") == [
        *("Customer", "Agent", "Admin")
    ]
    counted = full.get("/api/v1/roles/search", with_total_count="true", per_page=2)
    assert (len(counted["records"]), counted["total_count"]) == (2, 3)
    (expanded,) = full.get("/api/v1/groups/search", query="ship", expand="true")
    assert expanded["users"] == []
    assert full.get("/api/v1/roles/search", query="(") == []


def test_all_at_once(full: Desk) -> None:
    acme, ticket = organization(full, "Acme Corp"), full.get("/api/v1/tickets")[0]
    found = full.get(SEARCH, query="acme")
    assert found["result"] == [
        {"type": "Ticket", "id": ticket["id"]},
        {"type": "User", "id": ticket["customer_id"]},
        {"type": "Organization", "id": acme},
    ]
    assert found["assets"]["Ticket"][str(ticket["id"])]["title"] == "Acme printer"
    assert found["assets"]["Organization"][str(acme)]["member_ids"] == [ticket["customer_id"]]
    for models in ("User-Organization", "user-organization"):
        some = full.get(f"{SEARCH}/{models}", query="acme")
        assert [one["type"] for one in some["result"]] == ["User", "Organization"]
    assert full.call("POST", SEARCH, {"query": "nowhere"}).json == {"result": [], "assets": {}}
    assert len(full.get(SEARCH, query="", limit=1)["result"]) == 3
    answer = full.call("GET", f"{SEARCH}/Ticket-Chat", query="acme")
    assert (answer.status, answer.error) == (422, "Invalid value for param 'objects': \"Chat\"")


def test_who_finds_what(full: Desk) -> None:
    ticket = full.get("/api/v1/tickets")[0]
    hers = full.cloud.key(customer=ticket["customer_id"], permissions=EVERY)["key"]
    paths = (ORGANIZATIONS, "/api/v1/groups/search", "/api/v1/roles/search")
    for path in paths:
        assert full.denied("GET", path, key=hers) == (403, "Not authorized (user)!")
    found = full.get(SEARCH, query="acme", key=hers)
    assert found["result"] == [{"type": "Ticket", "id": ticket["id"]}]
    bob = full.open(customer_id="guess:bob@example.com")["customer_id"]
    his = full.cloud.key(customer=bob, permissions=EVERY)["key"]
    assert full.get(SEARCH, query="acme", key=his)["result"] == []
    reader = full.cloud.key(permissions=["can_read_tickets"], departments=[2])["key"]
    kinds = [one["type"] for one in full.get(SEARCH, query="acme", key=reader)["result"]]
    assert kinds == ["User", "Organization"]
    for path in paths[1:]:
        assert full.denied("GET", path, key=reader) == (403, "Not authorized (token)!")
    manager = full.cloud.key(permissions=["can_manage_directory"], departments=[2])["key"]
    assert len(names(full, "/api/v1/groups/search", key=manager)) == 1
    assert full.get(SEARCH, query="acme", key=manager)["result"][0]["type"] == "User"


def test_too_many_organizations_are_refused(full: Desk) -> None:
    with patch.object(limits, "MOST_CANDIDATES", 1):
        answer = full.call("GET", ORGANIZATIONS, query="-acme")
    words = "Too many organizations match. Please narrow the search."
    assert (answer.status, answer.error) == (422, words)
