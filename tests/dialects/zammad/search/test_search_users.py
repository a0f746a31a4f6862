"""GET and POST /api/v1/users/search (docs/zammad.md 9.4, 17.7 and 17.16)."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from dialects.zammad.search import users
from helpdesk.queries import limits
from tests import world
from tests.dialects.zammad.conftest import EVERY, Desk
from tests.gateway import cloud

PATH = "/api/v1/users/search"
ADA, BOB, CY, DEE = "ada@acme.example", "bob.smith@mail.example", "cy@mail.example", "dee"


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """Four people, an hour apart, two of whom belong together, and an agent."""
    with cloud() as ready, world.standing_clock():
        desk = Desk(ready)
        desk.agent("Ann Agent")

        def make(path: str, **values: Any) -> int:
            world.later(hours=1)
            answer = desk.call("POST", f"/api/v1/{path}", values)
            assert answer.status == 201, answer.text
            return int(answer.json["id"])

        acme = make("organizations", name="Acme Corp")
        ada = make(
            "users",
            firstname="Ada",
            lastname="Lovelace",
            email=ADA,
            organization_id=acme,
            phone="555-0100",
        )
        make("users", firstname="Bob", lastname="Smith", email=BOB, active=False, city="Köln")
        make("users", firstname="Cy", lastname="Café", email=CY, organization_ids=[acme])
        make("users", login=DEE, firstname="Dee", lastname="Jones", vip=True)
        world.later(hours=1)
        assert desk.call("PUT", f"/api/v1/users/{ada}", {"note": "knows engines"}).status == 200
        desk.settle_all()
        yield desk


def logins(desk: Desk, query: str = "", **options: Any) -> list[str]:
    return [row["login"] for row in desk.get(PATH, query=query, **options)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ada", [ADA]),
        ("ADA", [ADA]),
        ("lovel", [ADA]),
        ("lovel ada", []),
        ("ada lovel", [ADA]),
        ("ada@acme.example", [ADA]),
        ("cafe", [CY]),
        ("smith OR jones", [BOB, DEE]),
        ("mail.example -bob", [CY]),
        ("NOT (ada OR bob OR cy OR ann)", [DEE, "desk"]),
        ("acme", [ADA, CY]),
        ("acme corp", [ADA, CY]),
        ("acme ada", [ADA]),
        ("organization:acme", [ADA, CY]),
        ('organization.name:"acme corp"', [ADA, CY]),
        ("organization:nowhere", []),
        ("organization:*", [ADA]),
        ("organization_id:1", []),
        ("organization_id:2", [ADA, CY]),
        ("email:ada@acme.example", [ADA]),
        ("email:ada", []),
        ("email:*mail.example", [BOB, CY]),
        ("login:dee", [DEE]),
        ("login:ann", ["ann"]),
        ("firstname:bob", [BOB]),
        ("lastname:smith", [BOB]),
        ('name:"bob smith"', [BOB]),
        ("ann", ["ann"]),
        ("ag*t", ["ann"]),
        ("roles:agent", ["ann", "desk"]),
        ("roles:customer AND active:true", [ADA, CY, DEE]),
        ("active:false", [BOB]),
        ("vip:true", [DEE]),
        ("phone:555*", [ADA]),
        ("city:koln", [BOB]),
        ("note:engines", [ADA]),
        ("_exists_:phone", [ADA]),
        ("_missing_:email AND roles:customer", [DEE]),
        ("created_at:>=2026-03-02T14:00:00Z", [DEE]),
        ("updated_at:[2026-03-02T14:30:00Z TO *]", [ADA]),
        ("id:1", []),
        ("id:[1 TO 2]", ["desk"]),
        ("password:x", []),
        ("(", []),
    ],
)
def test_the_query_language(full: Desk, query: str, found: list[str]) -> None:
    assert sorted(logins(full, query)) == sorted(found)
    assert full.get(PATH, query=query, only_total_count="true") == {"total_count": len(found)}


def test_nothing_asked_is_everybody_but_nobody(full: Desk) -> None:
    # What is active first, then what was changed last.
    everybody = [ADA, DEE, CY, "desk", "ann", BOB]
    for query in ("", "*"):
        assert logins(full, query) == everybody
    assert logins(full, "", page=2, per_page=4) == everybody[4:]
    assert logins(full, "", limit=2) == everybody[:2]
    assert logins(full, "", page=9) == []


def test_order(full: Desk) -> None:
    assert logins(full, "roles:customer", sort_by="login", order_by="asc") == [ADA, BOB, CY, DEE]
    assert logins(full, "roles:customer", sort_by="created_at") == [DEE, CY, BOB, ADA]
    assert logins(full, "", sort_by="lastname", order_by="desc")[0] == BOB
    wrongs: list[dict[str, Any]] = [
        {"sort_by": "colour"},
        {"sort_by": "login", "order_by": "up"},
    ]
    for wrong in wrongs:
        answer = full.call("GET", PATH, **wrong)
        assert answer.status == 422
        assert answer.error.startswith("Found invalid ")


def test_filters(full: Desk) -> None:
    ada = full.get(PATH, query="ada")[0]["id"]
    assert logins(full, ids=[ada, 99]) == []
    assert logins(full, ids__=[ada, 99]) == [ADA]
    assert sorted(logins(full, role_ids="2")) == ["ann", "desk"]
    assert sorted(logins(full, role_ids="3", query="ada OR ann")) == [ADA]
    assert sorted(logins(full, permissions="ticket.agent")) == ["ann", "desk"]
    assert sorted(logins(full, permissions="admin.user")) == ["desk"]
    body = {"group_ids": {"1": "full"}}
    found = full.call("POST", PATH, body).json
    assert sorted(row["login"] for row in found) == ["ann", "desk"]
    assert full.call("POST", PATH, {"group_ids": {"99": "full"}}).json == []


def test_shapes(full: Desk) -> None:
    (plain,) = full.get(PATH, query="ada")
    assert "password" not in plain
    assert (plain["email"], plain["role_ids"]) == (ADA, [3])
    (expanded,) = full.get(PATH, query="ada", expand="true")
    assert (expanded["organization"], expanded["roles"]) == ("Acme Corp", ["Customer"])
    whole = full.get(PATH, query="ada", full="true", expand="true")
    assert (whole["record_ids"], whole["total_count"]) == ([plain["id"]], 1)
    assert set(whole["assets"]) == {"User", "Organization"}
    counted = full.get(PATH, query="mail.example", with_total_count="true", per_page=1)
    assert (len(counted["records"]), counted["total_count"]) == (1, 2)
    line = f"Ada Lovelace <{ADA}>"
    label = {"id": plain["id"], "label": line}
    assert full.get(PATH, term="ada") == [{**label, "value": ADA, "inactive": False}]
    assert full.get(PATH, query="ada", label="true") == [{**label, "value": line}]
    assert full.get(PATH, term="bob")[0]["inactive"] is True
    assert full.get(PATH, query="login:dee", label="1")[0]["value"] == "Dee Jones"
    assert full.call("POST", PATH, {"query": "ada"}).json == [plain]


def test_who_may_search(full: Desk) -> None:
    ada = full.get(PATH, query="ada")[0]["id"]
    hers = full.cloud.key(customer=ada, permissions=EVERY)["key"]
    assert full.denied("GET", PATH, key=hers) == (403, "Not authorized (user)!")
    none = full.cloud.key(permissions=["can_read_stats"])["key"]
    assert full.denied("GET", PATH, key=none) == (403, "Not authorized (token)!")
    sales = full.cloud.key(departments=[2], permissions=["can_read_tickets"])["key"]
    assert logins(full, "ada", key=sales) == [ADA]


def test_more_than_can_be_sorted_come_newest_first(full: Desk) -> None:
    with patch.object(users, "MOST_SORTED", 2):
        newest = full.get(PATH)
        ids = [row["id"] for row in newest]
        assert len(ids) == 6
        assert ids == sorted(ids, reverse=True)
        everybody = logins(full, per_page=4) + logins(full, per_page=4, page=2)
        assert sorted(everybody) == sorted([ADA, BOB, CY, DEE, "ann", "desk"])
        counted = full.get(PATH, with_total_count="true", per_page=1)
        assert counted["total_count"] == 6
        assert logins(full, sort_by="login", order_by="asc")[0] == ADA


def test_a_search_that_would_read_too_much_is_refused(full: Desk) -> None:
    words = "Too many users match. Please narrow the search."
    with patch.object(limits, "MOST_CANDIDATES", 2):
        assert logins(full, "jones") == [DEE]
        for query in ("-ada", "vip:true"):
            answer = full.call("GET", PATH, query=query)
            assert (answer.status, answer.error) == (422, words)


def test_a_frequent_word_beside_a_rare_one(full: Desk) -> None:
    with patch.object(limits, "MOST_CANDIDATES", 2):
        # `example` stands in three addresses, more than are read; the other word says enough.
        assert logins(full, "ada example") == [ADA]
        assert logins(full, "ada corp") == [ADA]
