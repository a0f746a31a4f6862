"""What is said to the Zammad API in the conversation, one function for each part of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

BASE = "/api/v1"


class Talk(Protocol):
    """Who talks: one request, its answer's status, and what its body says."""

    @property
    def zammad(self) -> Callable[..., Any]:
        """`ask`, with the key where Zammad's clients put it."""


def people(talk: Talk) -> None:
    """People, agents, organizations, and rows of the catalogue."""
    ask = talk.zammad
    members = _users(ask)
    _organizations(ask, members)
    for kind, row, change in (
        ("groups", {"name": "Invoices", "note": "N"}, {"reopen_time_in_days": 3}),
        ("ticket_states", {"name": "parked", "state_type_id": 2}, {"name": "waiting"}),
        ("ticket_priorities", {"name": "4 later"}, {"name": "5 later"}),
    ):
        path = f"{BASE}/{kind}"
        made = ask(201, "POST", path, row, once=kind)
        ask(200, "GET", f"{path}?expand=true")
        ask(200, "GET", f"{path}/{made['id']}?full=true")
        ask(200, "PUT", f"{path}/{made['id']}", change)
        ask(200, "DELETE", f"{path}/{made['id']}")
    ask(200, "GET", f"{BASE}/roles")
    ask(422, "POST", f"{BASE}/roles", {"name": "Boss"})
    for path in ("object_manager_attributes", "version", "online_notifications"):
        ask(200, "GET", f"{BASE}/{path}")


def _users(ask: Callable[..., Any]) -> list[int]:
    path = f"{BASE}/users"
    new = {"firstname": "Ada", "lastname": "Lovelace", "email": "ada@zammad.example"}
    ada = ask(201, "POST", path, new, once="ada")["id"]
    assert ask(201, "POST", path, new, once="ada")["id"] == ada
    bob = ask(201, "POST", path, {"login": "bob"})["id"]
    agent = ask(201, "POST", path, {"email": "eve@zammad.example", "roles": ["Agent"]})["id"]
    ask(200, "PUT", f"{path}/{agent}", {"firstname": "Eve", "lastname": "Smith"})
    ask(200, "GET", f"{path}?full=true")
    ask(200, "GET", f"{path}/{ada}?expand=true")
    ask(200, "PUT", f"{path}/{ada}", {"email": "king@zammad.example", "login": "ada"})
    ask(200, "PUT", f"{path}/{bob}", {"login": "bobby"})
    gone = ask(201, "POST", path, {"login": "gone", "email": "gone@zammad.example"})["id"]
    for number in (gone, agent):
        ask(200, "DELETE", f"{path}/{number}")
    ask(200, "GET", f"{path}/image/abc")
    return [ada, bob]


def _organizations(ask: Callable[..., Any], members: list[int]) -> None:
    path = f"{BASE}/organizations"
    new = {"name": "Zammad Corp", "domain": "zammad.example", "domain_assignment": True}
    made = ask(201, "POST", path, {**new, "member_ids": members}, once="corp")
    place = f"{path}/{made['id']}"
    ask(200, "GET", f"{path}?expand=true")
    ask(200, "GET", f"{place}?full=true")
    change = partial(ask, 200, "PUT", place)
    change({"members": ["ada"], "domain": "example.zammad"})
    change({"member_ids": [], "name": "Corp"})
    ask(200, "DELETE", place)


def search(talk: Talk) -> None:
    """Searches by words, by names, by owners and by conditions."""
    ask, path = talk.zammad, f"{BASE}/tickets/search"
    for query in ("", "printer", "owner.login:ann", "customer.email:jane@customer.example"):
        ask(200, "GET", f"{path}?query={query}&full=true")
    ask(200, "GET", f"{path}?query=organization_id:2&sort_by=title&order_by=asc")
    selector = {"ticket.title": {"operator": "contains", "value": "printer"}}
    ask(200, "POST", path, {"condition": selector, "only_total_count": True})
