"""The requests of MCP servers for Zammad (docs/zammad.md 12): basher83/Zammad-MCP, which uses
zammad-py, and zammad-mcp, which uses zammad-python-client.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad.program import ADDRESS, FILE, Program

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("customer")]


BASHER = {
    "User-Agent": "Zammad API Python",
    "Accept": "*/*",
    "Authorization": "Token token={key}",
}

ZAMMAD_MCP = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "Authorization": "Token token={key}",
}


class BasherMcp(Program):
    """basher83/Zammad-MCP: zammad-py with larger pages and queries made of filters."""

    def search(self, path: str, query: str) -> Any:
        asked: dict[str, Any] = {"page": 1, "per_page": 25, "expand": "true"}
        return self.get(f"{path}/search", **asked, query=query)


@pytest.fixture
def basher(desk: Desk) -> BasherMcp:
    return BasherMcp(desk, BASHER)


def test_basher83_s_server_works_on_a_ticket(basher: BasherMcp) -> None:
    new = {
        "title": "Ticket of a model",
        "group": "Users",
        "customer": ADDRESS,
        "state": "new",
        "priority": "2 normal",
        "article": {"body": "<p>It burns.</p>", "type": "note", "internal": False},
    }
    ticket = basher.create("tickets", new)["id"]
    change = {"state": "open", "priority": "3 high", "owner": "-", "time_unit": 1.5}
    assert basher.update(f"tickets/{ticket}", change)["priority_id"] == 3
    note = {"ticket_id": ticket, "body": "B", "type": "note", "internal": False, "sender": "Agent"}
    added = basher.create("ticket_articles", {**note, "time_unit": 2.0, "attachments": [FILE]})
    assert added["time_unit"] == "2.0"
    (file,) = basher.get(f"ticket_articles/{added['id']}")["attachments"]
    content = basher.send("GET", f"ticket_attachment/{ticket}/{added['id']}/{file['id']}")
    assert content.body == b"test 123"
    assert len(basher.get(f"ticket_articles/by_ticket/{ticket}", expand="true")) == 2
    basher.desk.cloud.drain(retry=True)
    query = (
        "model AND state.name:open AND priority.name:3 high AND group.name:Users"
        f" AND customer.email:{ADDRESS}"
    )
    assert [row["id"] for row in basher.search("tickets", query)] == [ticket]
    assert [row["email"] for row in basher.search("users", "some_customer")] == [ADDRESS]
    assert basher.search("organizations", "nobody's") == []
    assert basher.get("tag_list") == []
    gone = basher.send("DELETE", f"ticket_attachment/{ticket}/{added['id']}/{file['id']}")
    assert gone.status == 404


@pytest.fixture
def mcp(desk: Desk) -> Program:
    return Program(desk, ZAMMAD_MCP)


def test_zammad_mcp_works_on_a_ticket(mcp: Program, customer: int) -> None:
    article = {
        "body": "<p>It burns.</p>",
        "type": "note",
        "internal": False,
        "content_type": "text/html",
        "sender": "Agent",
    }
    address = ADDRESS
    new = {"title": "Nightingale", "group": "Users", "customer": address, "article": article}
    ticket = mcp.create("tickets", new)["id"]
    mcp.desk.cloud.drain(retry=True)
    asked: dict[str, Any] = {"query": "Nightingale", "limit": 20, "page": 1, "per_page": 20}
    sort = {"sort_by": "updated_at", "order_by": "desc", "expand": "true"}
    assert [row["id"] for row in mcp.get("tickets/search", **asked, **sort)] == [ticket]
    shown = mcp.get(f"tickets/{ticket}", expand="true")
    assert shown["ticket_time_accounting_ids"] == []
    assert mcp.create(f"tickets/{ticket}/time_accountings", {"time_unit": 5})["time_unit"] == "5.0"
    assert len(mcp.get(f"tickets/{ticket}", expand="true")["ticket_time_accounting_ids"]) == 1
    assert len(mcp.get(f"tickets/{ticket}/time_accountings")) == 1
    mail = {**article, "ticket_id": ticket, "type": "email", "to": address, "subject": "S"}
    assert mcp.create("ticket_articles", mail)["to"] == address
    later = {"state": "pending reminder", "pending_time": "2099-01-01T00:00:00Z", "owner_id": 1}
    assert mcp.update(f"tickets/{ticket}", later)["state_id"] == 3
    assert mcp.get(f"users/{customer}")["email"] == address
    for query in (f"email:{ADDRESS}", "Some Customer"):
        (user,) = mcp.get("users/search", query=query, limit=5, expand="true")
        assert user["email"] == ADDRESS
    assert mcp.get("organizations/search", query="nothing", limit=5, expand="true") == []
    for path in ("groups", "ticket_states", "ticket_priorities"):
        assert mcp.get(path, per_page=100, page=1)
    assert mcp.get("time_accounting/types") == []
    assert mcp.get("version") == {"version": "6.5.0"}
