"""Each AWS call of each operation fails, in every way; then the request comes again.

What is stored is either as it was or as after the request without a fault, and after the repetition
the latter. The same for what `project` does afterwards. States are compared whole: ids that were
drawn and random names stand for the order in which they first occur.
"""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from helpdesk.catalogue import cache
from helpdesk.errors import DeskError
from helpdesk.events import outbox
from helpdesk.files import sweep
from helpdesk.projection import project
from helpdesk.storage import sequences
from local.snapshot import Snapshot
from tests import world
from tests.dialects.zammad.conftest import Answer, Desk
from tests.faults import How
from tests.helpdesk.tickets.doomed import contents, fill
from tests.recount import assert_counted

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("timed")]

BASE = "/api/v1"
FIRST = 80_000_000
SEQUENCES = (
    *("ticket", "entry", "file", "person", "organization", "link", "mention", "accounting", "tag"),
)
_DRAWN = re.compile(r"(?<![0-9a-f])0{0,2}8\d{7}(?![0-9a-f])")
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}")

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


@dataclass(frozen=True)
class Operation:
    """A request, and what it answers: where it is done, and where it comes again without an
    Idempotency-Key after it was done.
    """

    name: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    again: int = 0


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


@dataclass
class Scene:
    """A desk, what it has by name, and its state, to go back to."""

    desk: Desk
    has: dict[str, Any] = field(default_factory=dict)
    state: Snapshot | None = None
    put: dict[str, bytes] = field(default_factory=dict)

    def keep(self) -> None:
        self.state, self.put = Snapshot(world.REGION), contents()

    def back(self) -> None:
        assert self.state
        self.state.restore()
        fill(self.put)
        cache.forget()

    def ask(self, operation: Operation, once: str = "") -> Any:
        headers = {"Idempotency-Key": once} if once else {}
        path, body = self._filled(operation.path), self._filled(operation.body)
        return self.desk.prepared(operation.method, f"{BASE}/{path}", body, headers=headers)

    def _filled(self, value: Any) -> Any:
        """With the ids of what it names."""
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, str):
            return value
        if value[:1] == "<" and value[1:-1] in self.has:
            return self.has[value[1:-1]]
        return re.sub(r"<([a-z ]+)>", lambda found: str(self.has.get(found[1], found[0])), value)


@pytest.fixture
def scene(desk: Desk) -> Scene:
    made = Scene(desk)
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
        ask("links/add", made._filled(_link(kind, "one", "three")))
    follow = {"mentionable_type": "Ticket", "mentionable_id": has["one"]}
    has["mention"] = ask("mentions", follow)["id"]
    has["time"] = ask(f"tickets/{has['one']}/time_accountings", {"time_unit": 1})["id"]
    settle()
    has["tag"] = desk.get(f"{BASE}/tag_list")[0]["id"]
    for place, name in enumerate(SEQUENCES):
        sequences.reserve_id(name, FIRST + place * 10_000)
    made.keep()
    return made


def settle() -> None:
    """Lets all follow that waits for `project`; mails stay."""
    for _ in range(6):
        waiting = world.waiting("")
        if not outbox.load(waiting, "project"):
            return
        project.project(waiting)
    raise AssertionError(waiting)


def state() -> list[str]:
    """What is stored, but for the use of keys and ids that were drawn in vain."""
    drawn: dict[str, list[int]] = defaultdict(list)
    kept = [item for item in world.written() if not item["pk"]["S"].startswith("K#")]
    text = json.dumps(kept, sort_keys=True, default=str)
    numbers = sorted({int(found) for found in _DRAWN.findall(text)})
    for number in numbers:
        drawn[str(number // 10_000)].append(number)

    def named(found: re.Match[str]) -> str:
        number = int(found[0])
        kind = str(number // 10_000)
        return f"{kind}.{drawn[kind].index(number)}"

    told = [json.dumps(item, sort_keys=True, default=str) for item in kept]
    return sorted(_RANDOM.sub("?", _DRAWN.sub(named, one)) for one in told)


def differences(one: list[str], other: list[str]) -> str:
    return (
        "\n".join(["-- " + row for row in one if row not in other][:8])
        + "\n"
        + "\n".join(["++ " + row for row in other if row not in one][:8])
    )


def without_records(rows: list[str]) -> list[str]:
    """Without the answers that are kept under Idempotency-Keys."""
    return [row for row in rows if '"pk": {"S": "I#' not in row]


def check_bucket() -> None:
    """Of what lies in the bucket, all is named by an item, or goes with the next sweep."""
    world.later(days=2)
    sweep.sweep_files()
    named = json.dumps(world.items("desk"), default=str)
    assert [key for key in world.objects() if key not in named] == []
    world.Clock.current -= timedelta(days=2)


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
    scene: Scene, how: How, operation: Operation
) -> None:
    injector, before = world.world().injector, state()
    answer = scene.ask(operation, "k")()
    assert answer.status == operation.status, answer.text
    wanted = state()
    assert before != wanted
    for nth in count(1):
        scene.back()
        asked, again = scene.ask(operation, "k"), scene.ask(operation, "k")
        with injector.fault(how, nth) as fault:
            first: Answer = asked()
        after = state()
        done = after == wanted
        assert done or after == before, f"{fault}: {differences(wanted, after)}"
        assert first.status in {operation.status, 503}, (fault, first.text)
        assert done or first.status == 503, (fault, first)
        second: Answer = again()
        repeated = {operation.again or operation.status} if done else {operation.status}
        assert second.status in repeated | {operation.status}, (fault, second.text)
        assert state() == wanted, f"{fault}: {differences(wanted, state())}"
        if fault.hit is None:
            break
    assert nth > 2
    check_bucket()


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
    scene: Scene, how: How, operation: Operation
) -> None:
    injector = world.world().injector
    assert scene.ask(operation)().status == operation.status
    scene.keep()
    settle()
    wanted, kept = state(), world.objects()
    for nth in count(1):
        scene.back()
        cache.current()
        with injector.fault(how, nth) as fault:
            deliver()
        settle()
        assert state() == wanted, f"{fault}: {differences(wanted, state())}"
        assert world.objects() == kept, fault
        assert_counted()
        if fault.hit is None:
            break
    assert nth > 3


def deliver() -> None:
    """One delivery, which may fail."""
    try:
        project.project(world.waiting(""))
    except DeskError:
        return
