"""The requests of zammad_api, the Ruby client (docs/zammad.md 12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad.program import ADDRESS, FILE, Program

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("customer")]


HEADERS = {
    "User-Agent": "Zammad API Ruby",
    "Authorization": "Token {key}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}


class Ruby(Program):
    """Its resources' `all`, `search`, `find`, `save`, `destroy`: names are asked for on every
    call, and 200 and 201 told apart.
    """

    def all(self, path: str) -> Any:
        return self.get(path, page=1, per_page=100, expand="true")

    def search(self, path: str, query: str) -> Any:
        return self.get(f"{path}/search", page=1, per_page=10, expand="true", query=query)

    def find(self, path: str, number: int) -> Any:
        return self.get(f"{path}/{number}", expand="true")


@pytest.fixture
def ruby(desk: Desk) -> Ruby:
    return Ruby(desk, HEADERS, flags={"expand": "true"})


def new_of_ruby() -> dict[str, Any]:
    """The ticket of its README."""
    return {
        "title": "a new ticket #1",
        "state": "new",
        "group": "Users",
        "priority": "2 normal",
        "customer": ADDRESS,
        "article": {
            "content_type": "text/plain",
            "body": "some body",
            "attachments": [FILE],
        },
    }


def test_a_ticket_with_its_articles(ruby: Ruby) -> None:
    made = ruby.create("tickets", new_of_ruby())
    shown = {name: made[name] for name in ("title", "state", "group", "priority", "customer")}
    assert shown == {name: new_of_ruby()[name] for name in shown}
    found = ruby.find("tickets", made["id"])
    # `save` sends what has changed, and takes the answer for all there is.
    changed = ruby.update(f"tickets/{made['id']}", {"title": "another", "state": "open"})
    assert found.keys() == changed.keys() == made.keys()
    assert (changed["title"], changed["state"]) == ("another", "open")
    article = {"type": "note", "subject": "some subject 2", "body": "some body 2"}
    added = ruby.create(
        "ticket_articles", {**article, "attachments": [FILE], "ticket_id": made["id"]}
    )
    articles = ruby.get(f"ticket_articles/by_ticket/{made['id']}", expand="true")
    assert [one["body"] for one in articles] == ["some body", "some body 2"]
    assert articles[1] == added
    (file,) = added["attachments"]
    path = f"ticket_attachment/{made['id']}/{added['id']}/{file['id']}"
    answer = ruby.send("GET", path)
    assert (answer.status, answer.body) == (200, b"test 123")
    ruby.delete(f"tickets/{made['id']}")
    assert ruby.send("GET", f"tickets/{made['id']}", expand="true").status == 404


def test_lists_and_searches(ruby: Ruby) -> None:
    made = ruby.create("tickets", {**new_of_ruby(), "title": "Ruby on rails"})
    ruby.desk.cloud.drain(retry=True)
    assert made["id"] in {row["id"] for row in ruby.all("tickets")}
    found = ruby.search("tickets", "(state.name:new OR state.name:open) AND title:rails")
    assert [row["id"] for row in found] == [made["id"]]
    # `list[0]`: the first of a page of one.
    (first,) = ruby.get("tickets", page=1, per_page=1, expand="true")
    assert first["group"]
    assert ruby.get("tickets", page=1000, per_page=3, expand="true") == []
    assert {row["name"] for row in ruby.all("ticket_states")} >= {"new", "open", "closed"}
    assert {row["name"] for row in ruby.all("ticket_priorities")} >= {"2 normal"}


@pytest.mark.parametrize(
    ("path", "new", "change"),
    [
        ("groups", {"name": "Ruby", "note": "Some note"}, {"name": "Ruby 2"}),
        ("organizations", {"name": "Ruby", "note": "Some note"}, {"name": "Ruby 2"}),
        ("users", {"firstname": "Ruby", "email": "ruby@example.com"}, {"firstname": "Red"}),
    ],
)
def test_saves_what_else_it_knows(
    ruby: Ruby, path: str, new: dict[str, Any], change: dict[str, Any]
) -> None:
    made = ruby.create(path, new)
    assert ruby.find(path, made["id"]).keys() == made.keys()
    ruby.desk.cloud.drain(retry=True)
    assert [row["id"] for row in ruby.search(path, "ruby")] == [made["id"]]
    changed = ruby.update(f"{path}/{made['id']}", change)
    assert changed.items() >= change.items()
    ruby.delete(f"{path}/{made['id']}")
    refused = ruby.send("GET", f"{path}/{made['id']}", expand="true")
    assert (refused.status, "Couldn't find" in refused.json["error"]) == (404, True)


def test_acts_for_others(ruby: Ruby, customer: int) -> None:
    ruby.always["From"] = ADDRESS
    made = ruby.create("tickets", {"title": "Mine", "group": "Users", "article": {"body": "x"}})
    assert (made["customer_id"], made["created_by_id"]) == (customer, customer)
