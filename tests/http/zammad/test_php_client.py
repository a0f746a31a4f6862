"""The requests of zammad/zammad-api-client-php (docs/zammad.md 12)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad.program import FILE, Program, read

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("customer")]


HEADERS = {
    "User-Agent": "GuzzleHttp/7",
    "Authorization": "Token token={key}",
    "Accept": "application/json",
    "Content-Type": "application/json; charset=utf-8",
}


class Php(Program):
    """Guzzle writes `true` in a query string as 1, and ids are strings."""

    def fetch(self, path: str) -> Any:
        return self.get(path, expand=1)

    def all(self, path: str, page: int = 1, size: int = 100) -> Any:
        return self.get(path, expand=1, page=page, per_page=size)

    def search(self, path: str, query: str, **sort: str) -> Any:
        asked: dict[str, Any] = {"expand": 1, "query": query, "page": 1, "per_page": 100, **sort}
        return self.get(f"{path}/search", **asked)


@pytest.fixture
def php(desk: Desk) -> Php:
    return Php(desk, HEADERS, with_body={}, flags={"expand": "1"})


def new_of_php(customer: int, **values: Any) -> dict[str, Any]:
    """The ticket of its tests, but for a customer who is somebody (docs/zammad.md 17.26)."""
    article = {"subject": "Unit test article 1", "body": "Unit test article 1..."}
    stock = {"group_id": 1, "priority_id": 1, "state_id": 1, "title": "Unit test ticket 1"}
    return {**stock, "customer_id": customer, "article": article, **values}


def test_tickets(php: Php, customer: int) -> None:
    new = new_of_php(customer)
    made = php.create("tickets", new)
    assert {name: made[name] for name in new if name != "article"}.items() <= new.items()
    (article,) = php.fetch(f"ticket_articles/by_ticket/{made['id']}")
    assert new["article"].items() <= article.items()
    assert php.create("tickets", new_of_php(customer, article=None))["article_count"] is None
    for bad in ({"article": {"subject": "x", "body": ""}}, {"group_id": None}):
        refused = php.send("POST", "tickets", new_of_php(customer, **bad), expand=1)
        assert (refused.status, bool(refused.json["error"])) == (422, True)
    assert php.fetch(f"tickets/{made['id']}")["group"] == "Users"
    changed = php.update(f"tickets/{made['id']}", {"title": "PHP elephant"})
    assert changed["title"] == "PHP elephant"
    php.desk.cloud.drain(retry=True)
    assert [row["id"] for row in php.search("tickets", "elephant")] == [made["id"]]
    sort = {"sort_by": "created_at", "order_by": "asc"}
    ids = [row["id"] for row in php.search("tickets", "Unit test*", **sort)]
    assert ids == sorted(ids)
    assert [row["id"] for row in php.all("tickets", 1, 1)] != [
        row["id"] for row in php.all("tickets", 2, 1)
    ]
    php.delete(f"tickets/{made['id']}")


def test_articles(php: Php, customer: int) -> None:
    ticket = php.create("tickets", new_of_php(customer))["id"]
    data = bytes(range(256))
    picture = {"filename": "test_file.jpg", "mime-type": "image/jpg"}
    picture["data"] = b64encode(data).decode()
    made = php.create(
        "ticket_articles",
        {"subject": "S", "body": "B", "ticket_id": ticket, "attachments": [picture, FILE]},
    )
    assert [file["size"] for file in made["attachments"]] == ["256", "8"]
    for file, content in zip(made["attachments"], (data, b"test 123"), strict=True):
        answer = php.send("GET", f"ticket_attachment/{ticket}/{made['id']}/{file['id']}")
        assert (answer.status, answer.body) == (200, content)
    assert php.update(f"ticket_articles/{made['id']}", {"internal": True})["internal"] is True
    assert php.fetch(f"ticket_articles/{made['id']}")["internal"] is True
    refused = php.send("POST", "ticket_articles", {"ticket_id": ticket}, expand=1)
    assert refused.json["error"] == "Need at least an 'article body' field."
    php.delete(f"ticket_articles/{made['id']}")


def test_tags(php: Php, customer: int) -> None:
    ticket = php.create("tickets", new_of_php(customer))["id"]
    tag = {"object": "Ticket", "o_id": ticket, "item": "ele phant"}
    assert read(php.send("POST", "tags/add", tag), 201) is True
    assert php.get("tags", object="Ticket", o_id=ticket) == {"tags": ["ele phant"]}
    php.desk.cloud.drain(retry=True)
    assert [row["value"] for row in php.get("tag_search", term="ele phant")] == ["ele phant"]
    # Of tags alone the parameters of a removal stand in the query string.
    assert php.delete("tags/remove", **tag) is True
    assert php.get("tags", object="Ticket", o_id=ticket) == {"tags": []}
    assert php.send("POST", "tag_list", {"name": "listed"}, expand=1).status in {200, 201}
    php.desk.cloud.drain(retry=True)
    listed = {row["name"]: row["id"] for row in php.all("tag_list")}
    php.update(f"tag_list/{listed['listed']}", {"name": "renamed"})
    php.delete(f"tag_list/{listed['listed']}")


@pytest.mark.parametrize("kind", ["normal", "parent", "child"])
def test_links(php: Php, customer: int, kind: str) -> None:
    source, target = (php.create("tickets", new_of_php(customer)) for _ in range(2))
    link = {"link_type": kind, "link_object_target": "Ticket", "link_object_source": "Ticket"}
    link["link_object_target_value"] = str(target["id"])
    read(
        php.send("POST", "links/add", {**link, "link_object_source_number": source["number"]}), 201
    )
    listed = php.get("links", link_object="Ticket", link_object_value=target["id"])
    assert [(row["link_type"], row["link_object_value"]) for row in listed["links"]] == [
        (kind, source["id"])
    ]
    php.delete("links/remove", {**link, "link_object_source_value": str(source["id"])}, status=201)
    assert php.get("links", link_object="Ticket", link_object_value=source["id"])["links"] == []


def test_people_and_rows(php: Php) -> None:
    new = {"login": "php@example.com", "email": "php@example.com", "firstname": "Php"}
    user = php.create("users", new)
    organization = php.create("organizations", {"name": "Php"})
    changed = php.update(f"users/{user['id']}", {"organization_id": str(organization["id"])})
    assert changed["organization"] == "Php"
    php.update(f"users/{user['id']}", {"organization_id": ""})
    php.desk.cloud.drain(retry=True)
    assert [row["id"] for row in php.search("users", "php@example.com")] == [user["id"]]
    assert [row["id"] for row in php.search("organizations", "php")] == [organization["id"]]
    for path in ("users", "organizations", "groups", "ticket_states", "ticket_priorities"):
        assert all("created_by" in row for row in php.all(path))
    php.delete(f"organizations/{organization['id']}")
    php.delete(f"users/{user['id']}")
    assert php.send("GET", "text_modules", expand=1, page=1, per_page=100).status == 404
