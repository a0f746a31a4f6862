"""Each AWS call of each operation fails, in every way; then the request comes again. The same for
what `project` does afterwards.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests import world
from tests.dialects.failing import (
    Failing,
    Operation,
    check_done_once,
    check_taken_up,
    reserve_ids,
    settle,
)
from tests.dialects.zammad.conftest import Desk
from tests.faults import How
from tests.gateway import cloud

pytestmark = pytest.mark.exhaustive

BASE = "/api/v1"
SEQUENCES = (
    *("ticket", "entry", "file", "person", "organization", "link", "mention", "accounting", "tag"),
)

PICTURE = "data:image/png;base64," + base64.b64encode(b"a picture").decode()
FILES = [{"filename": "a.txt", "data": "aGVsbG8=", "mime-type": "text/plain"}]
LONG = f'<p>{world.LONG_TEXT}</p><img src="{PICTURE}">'
ARTICLE = {
    "body": LONG,
    "content_type": "text/html",
    "type": "email",
    "attachments": FILES,
    "time_unit": 3,
}


def _link(kind: str, source: str, target: str) -> dict[str, Any]:
    return {
        "link_type": kind,
        "link_object_source": "Ticket",
        "link_object_source_value": f"<{source}>",
        "link_object_target": "Ticket",
        "link_object_target_value": f"<{target}>",
    }


NEW = {"title": "New", "group": "Users", "customer_id": "guess:new.person@example.org"}
ALL_LINKS = {"Ticket": {"normal": ["<one>"], "parent": ["<two>"], "child": ["<three>"]}}
OPERATIONS = [
    Operation("create", "POST", "tickets", {**NEW, "article": ARTICLE}, 201),
    Operation(
        "create with all",
        "POST",
        "tickets",
        {
            **NEW,
            "article": {**ARTICLE, "internal": True},
            "tags": "new, old",
            "links": ALL_LINKS,
            "mentions": [2, "<agent>"],
            "state": "pending reminder",
            "pending_time": "2026-05-01T00:00:00Z",
        },
        201,
    ),
    Operation("create bare", "POST", "tickets", NEW, 201),
    Operation(
        "update",
        "PUT",
        "tickets/<one>",
        {
            "title": "Other",
            "state": "closed",
            "priority": "3 high",
            "owner_id": "<agent>",
            "customer_id": "<person>",
            "preferences": {"a": 1},
            "note": "N",
            "type": "T",
            "group_id": "<group>",
            "article": ARTICLE,
        },
    ),
    Operation(
        "sleep",
        "PUT",
        "tickets/<one>",
        {"state": "pending close", "pending_time": "2026-05-01T00:00:00Z"},
    ),
    Operation("delete", "DELETE", "tickets/<one>", again=404),
    Operation("article", "POST", "ticket_articles", {**ARTICLE, "ticket_id": "<one>"}, 201),
    Operation("note", "POST", "ticket_articles", {"body": "N", "ticket_id": "<one>"}, 201),
    Operation("hide article", "PUT", "ticket_articles/<article>", {"internal": True}),
    Operation("delete article", "DELETE", "ticket_articles/<article>", again=404),
    Operation(
        "tag", "POST", "tags/add", {"object": "Ticket", "o_id": "<one>", "item": "fresh"}, 201
    ),
    Operation(
        "untag", "DELETE", "tags/remove", {"object": "Ticket", "o_id": "<one>", "item": "old"}
    ),
    Operation("list a tag", "POST", "tag_list", {"name": "listed"}),
    Operation("rename a tag", "PUT", "tag_list/<tag>", {"name": "older"}),
    Operation("delete a tag", "DELETE", "tag_list/<tag>", again=404),
    Operation("link", "POST", "links/add", _link("normal", "one", "two"), 201),
    Operation("link a parent", "POST", "links/add", _link("parent", "one", "two"), 201),
    Operation("unlink", "DELETE", "links/remove", _link("normal", "one", "three"), 201),
    Operation("unlink a parent", "DELETE", "links/remove", _link("parent", "one", "three"), 201),
    Operation("merge", "PUT", "ticket_merge/<one>/<number of two>"),
    Operation("merge into a child", "PUT", "ticket_merge/<one>/<number of three>"),
    Operation(
        "mention",
        "POST",
        "mentions",
        {"mentionable_type": "Ticket", "mentionable_id": "<two>"},
        201,
    ),
    Operation("unmention", "DELETE", "mentions/<mention>", again=403),
    Operation("book", "POST", "tickets/<one>/time_accountings", {"time_unit": 2}, 201),
    Operation(
        "book on an article",
        "POST",
        "time_accountings",
        {"time_unit": 2, "ticket_id": "<one>", "ticket_article_id": "<article>"},
        201,
    ),
    Operation("rebook", "PUT", "tickets/<one>/time_accountings/<time>", {"time_unit": 5}),
    Operation("unbook", "DELETE", "tickets/<one>/time_accountings/<time>", again=404),
    Operation("user", "POST", "users", {"email": "a@new.example", "login": "anew"}, 201),
    Operation("agent", "POST", "users", {"email": "ag@new.example", "roles": ["Agent"]}, 201),
    Operation(
        "change a user",
        "PUT",
        "users/<person>",
        {"email": "b@new.example", "login": "bnew", "organization_id": "<organization>"},
    ),
    Operation("change an agent", "PUT", "users/<agent>", {"firstname": "Eve"}),
    Operation("delete a user", "DELETE", "users/<idle>", again=404),
    Operation(
        "organization",
        "POST",
        "organizations",
        {
            "name": "New Inc",
            "domain": "new.example",
            "domain_assignment": True,
            "member_ids": ["<person>", "<idle>"],
        },
        201,
    ),
    Operation(
        "change an organization",
        "PUT",
        "organizations/<organization>",
        {"name": "Other Inc", "note": "N", "member_ids": ["<person>"]},
    ),
    Operation("delete an organization", "DELETE", "organizations/<empty>", again=404),
    Operation("group", "POST", "groups", {"name": "New"}, 201),
    Operation("change a group", "PUT", "groups/<group>", {"name": "Other", "note": "N"}),
    Operation("delete a group", "DELETE", "groups/<idle group>", again=404),
    Operation("state", "POST", "ticket_states", {"name": "parked", "state_type_id": 2}, 201),
    Operation("priority", "POST", "ticket_priorities", {"name": "4 later"}, 201),
]


@pytest.fixture(scope="module")
def kept() -> Iterator[Failing]:
    """The scene of all tests."""
    with world.standing_clock(), cloud() as ready:
        yield build(Desk(ready))


@pytest.fixture
def scene(kept: Failing) -> Failing:
    """It, as it was."""
    kept.back()
    return kept


def build(desk: Desk) -> Failing:
    made = Failing(desk.prepared, BASE)
    has = made.has
    # Numbers at random would differ from one run to the next.
    desk.settings(ticket_sequence="counter", ticket_number_format="########")
    has["agent"], _ = desk.agent()
    has["group"] = desk.row("departments", name="Repairs")
    has["idle group"] = desk.row("departments", name="Idle")

    def ask(path: str, body: object, method: str = "POST") -> Any:
        answer = desk.call(method, f"{BASE}/{path}", body)
        assert answer.status in {200, 201}, answer.text
        return answer.json

    for name in ("person", "idle"):
        has[name] = ask("users", {"email": f"{name}@scene.example"})["id"]
    has["empty"] = ask("organizations", {"name": "Empty"})["id"]
    members = {"name": "Acme", "member_ids": [has["idle"]]}
    has["organization"] = ask("organizations", members)["id"]
    for name in ("one", "two", "three"):
        article = {"body": f"{name} burns.", "attachments": FILES}
        opened = desk.open(
            title=name, article=article, tags="old", customer_id=f"guess:{name}@x.org"
        )
        has[name], has[f"number of {name}"] = opened["id"], opened["number"]
    has["article"] = ask("ticket_articles", {"ticket_id": has["one"], "body": LONG})["id"]
    for kind in ("normal", "parent"):
        ask("links/add", made.filled(_link(kind, "one", "three")))
    follow = {"mentionable_type": "Ticket", "mentionable_id": has["one"]}
    has["mention"] = ask("mentions", follow)["id"]
    has["time"] = ask(f"tickets/{has['one']}/time_accountings", {"time_unit": 1})["id"]
    settle()
    has["tag"] = desk.get(f"{BASE}/tag_list")[0]["id"]
    reserve_ids(SEQUENCES)
    made.keep()
    return made


IN_EVERY_WAY = {"create with all", "update", "merge", "organization", "delete"}
"""What fails in all ways; the rest in those two after which nothing, or all, has happened."""


@pytest.mark.parametrize(
    ("operation", "how"),
    [
        pytest.param(operation, how, id=f"{operation.name}, {how.name}")
        for operation in OPERATIONS
        for how in (How if operation.name in IN_EVERY_WAY else (How.BEFORE, How.AFTER))
    ],
)
def test_a_request_that_failed_and_came_again_is_done_once(
    scene: Failing, how: How, operation: Operation
) -> None:
    check_done_once(scene, operation, how)


FOLLOWED = [
    one
    for one in OPERATIONS
    if one.name
    in {
        *("create with all", "update", "delete", "hide article", "delete article", "tag", "untag"),
        *(
            "rename a tag",
            "delete a tag",
            "merge",
            "merge into a child",
            "change a user",
            "organization",
        ),
        *("change an organization", "delete a user"),
    }
]


@pytest.mark.parametrize("operation", FOLLOWED, ids=lambda one: one.name)
@pytest.mark.parametrize("how", [How.BEFORE, How.AFTER])
def test_what_follows_is_taken_up_by_the_next_delivery(
    scene: Failing, how: How, operation: Operation
) -> None:
    check_taken_up(scene, operation, how)
