"""The requests of n8n's node for Zammad (docs/zammad.md 12)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad.program import ADDRESS, Program

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("customer")]


HEADERS = {"Authorization": "Token token={key}", "Accept": "application/json"}


class N8n(Program):
    """Its node asks for no names, and has a body only where there is something in it."""

    def everything(self, path: str, **query: str) -> list[Any]:
        """All items, until a page is empty."""
        found, page = [], 1
        while rows := self.get(path, **query, per_page=20, page=page):
            found += rows
            page += 1
        return found


@pytest.fixture(params=["token", "basic"])
def n8n(desk: Desk, request: pytest.FixtureRequest) -> N8n:
    program = N8n(desk, HEADERS)
    if request.param == "basic":
        credentials = b64encode(f"somebody@example.com:{desk.key}".encode()).decode()
        program.always["Authorization"] = f"Basic {credentials}"
    return program


def test_tests_its_credentials(n8n: N8n) -> None:
    assert n8n.get("users/me")["id"] == 2
    n8n.always["Authorization"] = "Token token=wrong"
    assert n8n.send("GET", "users/me").status == 401


def test_tickets(n8n: N8n) -> None:
    new = {
        "article": {"subject": "S", "body": "B", "type": "note", "internal": False},
        "title": "T",
        "group": "Users",
        "customer": ADDRESS,
    }
    made = n8n.create("tickets", new)
    (article,) = n8n.get(f"ticket_articles/by_ticket/{made['id']}")
    assert new["article"].items() <= article.items()  # type: ignore[attr-defined]
    assert n8n.get(f"tickets/{made['id']}")["title"] == "T"
    for _ in range(21):
        n8n.create("tickets", new)
    n8n.desk.cloud.drain()
    ids = [row["id"] for row in n8n.everything("tickets")]
    assert len(ids) > 21
    assert ids == sorted(set(ids))
    n8n.delete(f"tickets/{made['id']}")


def test_offers_what_there_is_to_choose_from(n8n: N8n) -> None:
    """Its lists call string methods on each row's name, login and address."""
    users = n8n.get("users")
    assert {user["id"] for user in users if not user["email"].endswith("@zammad.org")}
    assert any(3 in user["role_ids"] for user in users)
    assert all(isinstance(user["login"], str) for user in users)
    assert "Users" in {group["name"] for group in n8n.get("groups")}
    assert isinstance(n8n.get("organizations"), list)
    name = "shelf_" + n8n.always["Authorization"][:5].lower()
    n8n.desk.make_row("fields", form="ticket", name=name, label="Shelf")
    custom = [row for row in n8n.get("object_manager_attributes") if row["created_by_id"] != 1]
    assert ("Ticket", name, "Shelf") in {
        (row["object"], row["name"], row["display"]) for row in custom
    }


def test_people_and_groups(n8n: N8n) -> None:
    name = n8n.always["Authorization"][:5].lower()
    new = {
        "firstname": "N",
        "lastname": "Node",
        "city": "Berlin",
        "zip": "10115",
        "email": f"{name}@node.example",
        "mobile": "0170",
        "vip": True,
    }
    user = n8n.create("users", new)
    assert new.items() <= n8n.get(f"users/{user['id']}").items()
    n8n.desk.cloud.drain(retry=True)
    assert user["id"] in {one["id"] for one in n8n.everything("users/search", query="")}
    sort = {"sort_by": "email", "order_by": "asc"}
    found = n8n.everything("users/search", query=str(new["email"]), **sort)
    assert [one["id"] for one in found] == [user["id"]]
    assert n8n.update(f"users/{user['id']}", {"note": "N", "active": False})["active"] is False
    for path in ("organizations", "groups"):
        row = n8n.create(path, {"name": f"Node {name}", "note": "N"})
        assert n8n.get(f"{path}/{row['id']}")["note"] == "N"
        assert n8n.update(f"{path}/{row['id']}", {"note": "M"})["note"] == "M"
        twice = n8n.send("POST", path, {"name": f"Node {name}"})
        assert (twice.status, "already exists" in twice.json["error"]) == (422, True)
        n8n.desk.cloud.drain()
        assert row["id"] in {one["id"] for one in n8n.everything(path)}
        n8n.delete(f"{path}/{row['id']}")
    n8n.delete(f"users/{user['id']}")
