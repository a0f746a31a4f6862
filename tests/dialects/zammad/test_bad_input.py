"""Every field of every request, with values of every kind: read, ignored, or refused in words that
name it; and what is refused changes nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from helpdesk.catalogue import cache
from local.snapshot import Snapshot
from tests import world
from tests.dialects.routed import api
from tests.dialects.zammad.conftest import Desk, stored

pytestmark = pytest.mark.exhaustive

BASE = "/api/v1"

VALUES: list[Any] = [
    *(None, True, -1, 1.5, 10**30, "", "x", "99999999", "\0\u202e\ud7ff", "a\r\nb: c"),
    *("x" * 300, "é" * 6_000, [], [None], ["x"] * 300, {}, {"id": "x"}),
    "9999-12-31T23:59:59-14:00",
]


@dataclass(frozen=True)
class Form:
    """A request whose fields are replaced one after the other; those that are `beside` do not stand
    in it.
    """

    method: str
    path: str
    body: dict[str, Any]
    beside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


FILES = [{"filename": "a.txt", "data": "eA==", "mime-type": "text/plain"}]
TICKET = {
    "title": "x",
    "group": "Users",
    "customer_id": "guess:bad@input.example",
    "article": {"body": "x", "attachments": FILES},
    "links": {"Ticket": {"normal": ["<ticket>"]}},
    "customer": {"firstname": "A", "email": "bad2@input.example"},
}
OF_TICKETS = (
    *("group_id", "state", "state_id", "priority", "priority_id", "owner", "owner_id", "number"),
    *("customer", "organization", "organization_id", "note", "pending_time", "type", "preferences"),
    *("tags", "mentions", "hint", "born", "time_unit", "expand", "full", "all"),
)
OF_ARTICLES = (
    *("type", "type_id", "content_type", "sender", "sender_id", "internal", "subject", "from"),
    *("to", "cc", "reply_to", "message_id", "in_reply_to", "references", "origin_by", "form_id"),
    *("origin_by_id", "preferences", "time_unit"),
)
PERSON = (
    *("login", "lastname", "phone", "mobile", "web", "fax", "department", "street", "zip", "city"),
    *("country", "address", "vip", "active", "note", "organization", "organization_id"),
    *("organizations", "organization_ids", "roles", "role_ids", "groups", "group_ids"),
    *("preferences", "password", "shoe", "expand", "full"),
)
LINK = {
    "link_type": "normal",
    "link_object_source": "Ticket",
    "link_object_source_number": "<number>",
    "link_object_target": "Ticket",
    "link_object_target_value": "<ticket>",
}
OF_SEARCHES = (
    *("term", "ids", "page", "per_page", "limit", "sort_by", "order_by", "full", "expand"),
    *("with_total_count", "only_total_count", "label"),
)
ORGANIZATION = (
    *("domain", "note", "shared", "domain_assignment", "active", "vip", "members", "member_ids"),
)
ROW = (
    *("note", "active", "parent_id", "follow_up_possible", "reopen_time_in_days", "name_last"),
    *("assignment_timeout", "follow_up_assignment", "state_type_id", "state_type"),
)
ROWS = (("groups", "<group>"), ("ticket_states", "<state>"), ("ticket_priorities", "<priority>"))
SEARCH = {"query": "x", "condition": {"ticket.title": {"operator": "is", "value": "x"}}}
FORMS = [
    Form("POST", "tickets", TICKET, OF_TICKETS),
    Form("PUT", "tickets/<ticket>", {"title": "x", "article": TICKET["article"]}, OF_TICKETS),
    Form(
        "POST",
        "ticket_articles",
        {"ticket_id": "<ticket>", "body": "x", "attachments": FILES},
        OF_ARTICLES,
    ),
    Form("PUT", "ticket_articles/<article>", {"internal": True, "preferences": {"highlight": "x"}}),
    Form("POST", "tickets/search", SEARCH, OF_SEARCHES),
    Form("POST", "users", {"firstname": "x", "email": "bad3@input.example"}, PERSON),
    Form("PUT", "users/<person>", {"firstname": "x", "email": "bad4@input.example"}, PERSON),
    Form("PUT", "users/<agent>", {"firstname": "x", "email": "bad5@input.example"}, PERSON),
    Form("POST", "organizations", {"name": "New"}, ORGANIZATION),
    Form("PUT", "organizations/<organization>", {"name": "x"}, ORGANIZATION),
    *(
        Form(method, f"{kind}{more}", {"name": "Fresh", "state_type_id": 2}, ROW)
        for kind, rows in ROWS
        for method, more in (("POST", ""), ("PUT", f"/{rows}"))
    ),
    Form("POST", "roles", {"name": "x"}),
    Form("PUT", "roles/1", {"name": "x"}),
    Form("POST", "tags/add", {"item": "x", "object": "Ticket", "o_id": "<ticket>"}),
    Form("DELETE", "tags/remove", {"item": "x", "object": "Ticket", "o_id": "<ticket>"}),
    Form("POST", "tag_list", {"name": "x"}),
    Form("PUT", "tag_list/<tag>", {"name": "x"}),
    Form("POST", "links/add", LINK, ("link_object_source_value",)),
    Form("DELETE", "links/remove", LINK, ("link_object_source_value",)),
    Form("PUT", "ticket_merge/<ticket>/<number>", {}, ("expand",)),
    Form("POST", "mentions", {"mentionable_type": "Ticket", "mentionable_id": "<ticket>"}),
    Form(
        "POST",
        "tickets/<ticket>/time_accountings",
        {"time_unit": 1},
        ("ticket_article_id", "accounted_time_type_id"),
    ),
    Form("POST", "time_accountings", {"time_unit": 1, "ticket_id": "<ticket>"}),
    Form("PUT", "tickets/<ticket>/time_accountings/<time>", {"time_unit": 1}),
    Form("PUT", "time_accountings/<time>", {"time_unit": 1}),
]
"""Every endpoint that reads a body."""


@dataclass
class Scene:
    desk: Desk
    has: dict[str, Any]

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, str):
            return value
        if value[:1] == "<" and value[1:-1] in self.has:
            return self.has[value[1:-1]]
        for name, one in self.has.items():
            value = value.replace(f"<{name}>", str(one))
        return value


@pytest.fixture
def scene(desk: Desk) -> Scene:
    def ask(path: str, body: object) -> Any:
        answer = desk.call("POST", f"{BASE}/{path}", body)
        assert answer.status in {200, 201}, answer.text
        return answer.json

    desk.row("fields", name="hint", label="Hint", form="ticket")
    desk.row("fields", name="born", label="Born", form="ticket", kind="datetime")
    desk.row("fields", name="shoe", label="Shoe", form="contact")
    desk.settings(max_open_tickets=100_000)
    made = desk.open(article={"body": "It burns."}, tags="x")
    other = desk.open(title="Other", article={"body": "It burns."})
    has = {
        "ticket": made["id"],
        "number": other["number"],
        "article": made["article_ids"][0],
        "person": ask("users", {"email": "person@input.example"})["id"],
        "organization": ask("organizations", {"name": "Acme"})["id"],
        "group": ask("groups", {"name": "Repairs"})["id"],
        "state": ask("ticket_states", {"name": "parked", "state_type_id": 2})["id"],
        "priority": ask("ticket_priorities", {"name": "4 later"})["id"],
        "agent": ask("users", {"email": "agent@input.example", "roles": ["Agent"]})["id"],
        "time": ask(f"tickets/{made['id']}/time_accountings", {"time_unit": 1})["id"],
    }
    desk.settle_all()
    has["tag"] = desk.get(f"{BASE}/tag_list")[0]["id"]
    return Scene(desk, has)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every field of a body, objects and lists themselves among them."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in pairs:
        yield (*path, name)
        if isinstance(inner, dict | list) and inner:
            yield from places(inner, (*path, name))


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    inner = changed
    for name in path[:-1]:
        inner = inner.setdefault(name, {}) if isinstance(inner, dict) else inner[name]
    inner[path[-1]] = value
    return changed


def test_every_endpoint_that_reads_a_body_has_a_form() -> None:
    found, _ = api("ZammadApi")
    asked = {
        f"{method} {route.resource}"
        for route in found.routes
        for method, how in route.methods.items()
        if method in {"POST", "PUT"} and isinstance(how.integration, str)
        # Searches by POST take what those by GET take.
        if "/search" not in route.resource
    }
    known = set()
    for form in FORMS:
        path = f"{BASE}/{form.path}".replace("<", "").replace(">", "")
        matched = found.match(path)
        assert matched, path
        known.add(f"{form.method} {matched[0].resource}")
    assert asked - known == set()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_any_value_is_read_ignored_or_refused_by_name(scene: Scene, form: Form) -> None:
    desk, body = scene.desk, scene.filled(form.body)
    path = f"{BASE}/{scene.filled(form.path)}"
    fields = [*places(body), *(tuple(name.split(".")) for name in form.beside)]
    wrong: dict[str, Any] = {}
    before, state = stored(), Snapshot(world.REGION)
    for number, place in enumerate(fields):
        # A third of the values for each field, all of them for each form: the whole takes minutes.
        for value in VALUES[number % 3 :: 3]:
            kept = world.objects()
            answer = desk.call(form.method, path, replaced(body, place, value))
            where = f"{'.'.join(map(str, place))} = {json.dumps(value)[:60]}"
            if answer.status < 400:
                if "Infinity" in answer.text or "NaN" in answer.text:
                    wrong[where] = ("no JSON", answer.text[:200])
                state.restore()
                cache.forget()
                continue
            said = answer.json
            if answer.status >= 500 or answer.status == 400:
                wrong[where] = (answer.status, answer.text[:200])
            elif not said["error"] or said.get("error_human") not in {said["error"], None}:
                wrong[where] = ("no shape", answer.text[:200])
            elif (stored(), world.objects()) != (before, kept):
                wrong[where] = ("changed something", answer.status, answer.text[:200])
            elif not names(place, said["error"]):
                wrong[where] = ("names nothing", answer.text[:200])
    listed = "\n".join(f"{where}: {what}" for where, what in list(wrong.items())[:40])
    assert not wrong, f"{len(wrong)}\n{listed}"


WORDS = {
    "sort_by": ("for sorting",),
    "order_by": ("order by",),
    "customer_id": ("customer",),
    "o_id": ("Ticket",),
    "ticket_id": ("Ticket",),
    "mentionable_id": ("Not authorized",),
    "mentionable_type": ("mentionable_type",),
    "object": ("Ticket",),
    "link_object_source_number": ("Ticket",),
    "link_object_source_value": ("Ticket", "itself", "Link"),
    "link_object_source": ("Ticket",),
    "link_object_target": ("Ticket",),
    "link_object_target_value": ("Ticket", "itself", "Link"),
    "link_type": ("link_type", "Link"),
    "email": ("mail",),
    "login": ("object already exists", "login"),
    "number": ("already exists",),
    "attachments": ("ttachment",),
    "mime-type": ("ttachment",),
    "filename": ("ttachment",),
    "data": ("ttachment", "base64"),
    "links": ("link", "Link", "Ticket"),
    "Ticket": ("link",),
    "normal": ("link", "Ticket"),
    "mentions": ("mention",),
    "condition": ("condition", "operator"),
    "operator": ("operator",),
    "ticket.title": ("condition", "operator"),
    "name": ("name", "Roles are built in", "object already exists"),
    "state": ("state", "pending_time"),
    "state_id": ("state_id", "pending_time"),
    "ticket_article_id": ("Article",),
    "roles": ("role", "customer cannot become"),
    "role_ids": ("role", "customer cannot become"),
    "group_ids": ("groups",),
    "organizations": ("organization",),
    "organization_ids": ("organization",),
    "members": ("members",),
    "member_ids": ("members",),
    "hint": ("hint", "Hint"),
    "born": ("born", "Born"),
    "shoe": ("shoe", "Shoe"),
    "article": ("article",),
    "body": ("article body", "body"),
    "query": ("search", "match"),
    "term": ("search", "match"),
    "type": ("type",),
    "sender": ("sender",),
    "customer": ("customer", "email"),
    "firstname": ("firstname", "name"),
    "to": ("recipient",),
    "value": ("condition", "search"),
}
"""What a refusal says of a field, where it is not the field's own name."""


def names(place: tuple[Any, ...], said: str) -> bool:
    texts = [part for part in place if isinstance(part, str)]
    # A role, a merge and a followed ticket are refused whatever the field is.
    general = (
        "Roles are built in",
        "already merged",
        "into itself",
        "Not authorized",
        "many tickets",
    )
    wanted = [word for text in texts for word in (text, *WORDS.get(text, ()))]
    return any(word in said for word in (*wanted, *general))
