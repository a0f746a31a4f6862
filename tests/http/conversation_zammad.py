"""The conversation's requests to the Zammad API, one function for each part of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol
from unittest.mock import patch

from dialects import answers
from tests.http.desk import Desk, Item

BASE = "/api/v1"


class Talk(Protocol):
    """Who talks: one request, its answer's status, and what its body says."""

    desk: Desk

    def key(self, name: str, answer: Item) -> int:
        """Notes the secret of an answer."""

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
    ask(200, "POST", path, {"query": '(printer OR "on fire") AND NOT state:closed'})
    users = f"{BASE}/users/search"
    for query in ("", "jane", "organization:corp", "organization_id:2", "active:true"):
        ask(200, "GET", f"{users}?query={query}&full=true")
    ask(200, "POST", users, {"term": "jane"})
    for query in ("", "corp", "domain:example.zammad"):
        ask(200, "GET", f"{BASE}/organizations/search?query={query}&expand=true")
    for kind in ("groups", "roles"):
        ask(200, "GET", f"{BASE}/{kind}/search?query=a&with_total_count=true")
    ask(200, "GET", f"{BASE}/search?query=jane")
    ask(200, "POST", f"{BASE}/search", {"query": ""})
    ask(200, "GET", f"{BASE}/search/Ticket-Organization?query=owner.login:ann")
    for page in (1, 2):
        ask(200, "GET", f"{BASE}/search/Ticket?query=state.name:closed&limit=1&page={page}")
    made = ask(201, "POST", f"{BASE}/organizations", {"name": "Found Inc.", "members": ["ada"]})
    ask(200, "GET", f"{BASE}/search?query=organization:found")
    bound = talk.desk.make_key("can_read_tickets", departments=[1])
    talk.key("a key bound to a group", bound)
    carried = {"Authorization": f"Token token={bound['key']}"}
    ask(200, "GET", f"{BASE}/search", headers=carried)
    ask(200, "PUT", f"{BASE}/organizations/{made['id']}", {"members": []})
    with patch.object(answers, "LARGEST_ANSWER", 100):
        for where in ("users/search", "search"):
            ask(302, "GET", f"{BASE}/{where}?query=jane")


def relations(talk: Talk) -> None:
    """Tags, links, a merge, followers, booked time and the history of a ticket."""
    ask = talk.zammad
    article = {"body": "It burns.", "time_unit": 1}
    new = {"title": "Toner", "group": "Users", "customer_id": "guess:rel@zammad.example"}
    above = ask(201, "POST", f"{BASE}/tickets", {**new, "tags": "first", "article": article})
    one = ask(
        201, "POST", f"{BASE}/tickets", {**new, "links": {"Ticket": {"normal": [above["id"]]}}}
    )
    ticket = one["id"]
    _tags(ask, ticket)
    link = {
        "link_type": "parent",
        "link_object_target": "Ticket",
        "link_object_target_value": ticket,
        "link_object_source": "Ticket",
        "link_object_source_number": above["number"],
    }
    assert ask(201, "POST", f"{BASE}/links/add", link, once="link")["id"]
    ask(200, "GET", f"{BASE}/links?link_object=Ticket&link_object_value={ticket}")
    ask(201, "DELETE", f"{BASE}/links/remove", link)
    mention = {"mentionable_type": "Ticket", "mentionable_id": ticket}
    made = ask(201, "POST", f"{BASE}/mentions", mention, once="mention")
    ask(200, "GET", f"{BASE}/mentions?mentionable_type=Ticket&mentionable_id={ticket}")
    ask(200, "DELETE", f"{BASE}/mentions/{made['id']}")
    booked = ask(201, "POST", f"{BASE}/time_accountings", {"ticket_id": ticket, "time_unit": 2})
    times = f"{BASE}/tickets/{ticket}/time_accountings"
    ask(201, "POST", times, {"time_unit": "0.5"}, once="time")
    ask(200, "GET", times)
    ask(200, "PUT", f"{times}/{booked['id']}", {"time_unit": 3})
    own = f"{BASE}/time_accountings/{booked['id']}"
    assert ask(200, "GET", own) == ask(200, "GET", f"{times}/{booked['id']}")
    ask(200, "PUT", own, {"time_unit": 4})
    ask(200, "DELETE", own)
    ask(200, "GET", f"{BASE}/time_accounting/types")
    ask(200, "GET", f"{BASE}/ticket_history/{ticket}")
    ask(200, "GET", f"{BASE}/tickets/{ticket}?all=true")
    merged = ask(200, "PUT", f"{BASE}/ticket_merge/{above['id']}/{one['number']}", once="merge")
    assert merged["result"] == "success"


def _tags(ask: Callable[..., Any], ticket: int) -> None:
    tag = {"object": "Ticket", "o_id": ticket, "item": "printer"}
    ask(201, "POST", f"{BASE}/tags/add", tag, once="tag")
    ask(200, "GET", f"{BASE}/tags?object=Ticket&o_id={ticket}")
    ask(200, "DELETE", f"{BASE}/tags/remove", tag)
    ask(200, "POST", f"{BASE}/tag_list", {"name": "listed"}, once="listed")
    listed = {row["name"]: row["id"] for row in ask(200, "GET", f"{BASE}/tag_list")}["listed"]
    ask(200, "GET", f"{BASE}/tag_search?term=list")
    ask(200, "PUT", f"{BASE}/tag_list/{listed}", {"name": "renamed"})
    ask(200, "DELETE", f"{BASE}/tag_list/{listed}")
