"""A customer's key and a department's key call every endpoint: they see nothing out of their
bounds, in all dialects, and customers see no internal articles.

Each endpoint of Zammad's API in the template needs a case here. All hidden data contains a marker,
or is a number that occurs nowhere else; each case also runs with the admin's key, so that a marker
that no key could see fails the test.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from helpdesk.keys.permissions import PERMISSIONS
from helpdesk.storage import sequences
from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk
from tests.http.endpoints import Endpoint, endpoints

pytestmark = pytest.mark.exhaustive
"""Each endpoint in each of its shapes, with each kind of key: minutes."""

BASE = "/api/v1"
FIRST = 81_000_000
"""Ids from here on stand for themselves wherever they are seen."""

THEIRS, PERSON, INTERNAL, GROUP, TAG = "quokka", "wombat", "numbat", "bilby", "dunnart"
"""Marks: what stands in the others' ticket, who they are, what only staff may read, the others'
department, and their tag.
"""

SHAPES = ("", "expand=true", "full=true", "all=true")

Asked = tuple[str, object]
"""A path with its query string, and a body or None."""


@dataclass
class Scene:
    """What there is: a ticket of their own, and all that others have."""

    desk: Desk
    ids: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None, status: int = 0) -> Any:
        answer = self.desk.call(method, f"{BASE}/{path}", body)
        assert answer.status == (status or (201 if method == "POST" else 200)), answer.text
        return answer.json

    def open(self, name: str, title: str, **values: Any) -> Any:
        made = self.ask("POST", "tickets", {"title": title, **values})
        self.ids[name], self.numbers[name] = made["id"], made["number"]
        return made

    def article(self, name: str, ticket: str, **values: Any) -> Any:
        body = {"ticket_id": self.ids[ticket], **values}
        made = self.ask("POST", "ticket_articles", body)
        self.ids[name] = made["id"]
        if made["attachments"]:
            self.ids[f"{name} file"] = made["attachments"][0]["id"]
        return made


def files(word: str) -> list[dict[str, str]]:
    data = base64.b64encode(word.encode()).decode()
    return [{"filename": f"{word}.txt", "data": data, "mime-type": "text/plain"}]


@pytest.fixture(scope="module")
def scene(cloud: LocalCloud, desk: Desk) -> Scene:
    for place, name in enumerate(
        ("ticket", "entry", "file", "person", "organization", "link", "mention", "accounting")
    ):
        sequences.reserve_id(name, FIRST + place * 100_000)
    made = Scene(desk)
    _people(made)
    _theirs(made)
    _own(made)
    bound: dict[str, dict[str, Any]] = {
        "customer": {"customer": made.ids["me"]},
        "department": {"departments": [made.ids["sales"]], "agent": made.ids["agent"]},
        "department alone": {"departments": [made.ids["sales"]]},
    }
    for name, facts in bound.items():
        made.keys[name] = str(desk.make_key(*PERMISSIONS, **facts)["key"])
    cloud.drain(retry=True)
    for key in made.keys.values():
        desk.call("GET", f"{BASE}/users/me", key=key)  # from now on `last_used` stands
    return made


def _people(made: Scene) -> None:
    desk, ids = made.desk, made.ids
    ids["sales"] = desk.make_row("departments", name="Repairs", note=INTERNAL)
    ids["others"] = desk.make_row("departments", name=f"Of the {GROUP}", note=THEIRS)
    ids["agent"] = desk.make_row(
        "agents", name="Ann", username="ann", email="ann@desk.example", departments=[ids["sales"]]
    )
    desk.make_row("fields", name="hint", label="Hint", form="ticket", agents_only=True)
    for name, values in (
        ("me", {"firstname": "Cu", "lastname": "Stomer", "email": "cu@scope.example"}),
        ("colleague", {"firstname": PERSON, "email": f"{PERSON}1@scope.example"}),
        ("they", {"firstname": PERSON, "lastname": "Doe", "email": f"{PERSON}@scope.example"}),
    ):
        extra = {"phone": f"555-{PERSON}"} if name != "me" else {"note": INTERNAL}
        ids[name] = made.ask("POST", "users", {**values, **extra})["id"]
    for name, title, members in (
        ("ours", "Common", ["me", "colleague"]),
        ("their organization", f"{PERSON} Inc", ["they"]),
    ):
        body = {"name": title, "note": INTERNAL, "shared": False}
        body["member_ids"] = [ids[one] for one in members]
        ids[name] = made.ask("POST", "organizations", body)["id"]


def _theirs(made: Scene) -> None:
    ids = made.ids
    made.open(
        "theirs",
        f"The {THEIRS}",
        group_id=ids["others"],
        customer_id=ids["they"],
        note=THEIRS,
        type=THEIRS,
        tags=TAG,
        preferences={"k": THEIRS},
        article={"subject": THEIRS, "body": f"My {THEIRS} burns.", "type": "phone"},
        mentions=[2],
    )
    made.article("their article", "theirs", body=THEIRS, attachments=files(THEIRS), time_unit=61.25)
    note = {"subject": THEIRS, "body": f"{THEIRS} {INTERNAL}", "internal": True}
    made.article("their note", "theirs", **note)
    made.open("below", f"Below the {THEIRS}", group_id=ids["others"], customer_id=ids["they"])
    times = f"tickets/{ids['theirs']}/time_accountings"
    ids["their time"] = made.ask("POST", times, {"time_unit": 62.25})["id"]
    mentions = f"mentions?mentionable_type=Ticket&mentionable_id={ids['theirs']}"
    ids["their mention"] = made.ask("GET", mentions)["mentions"][0]["id"]


def _own(made: Scene) -> None:
    ids = made.ids
    mine = {"group_id": ids["sales"], "customer_id": ids["me"]}
    made.open("own", "My printer", **mine, hint=INTERNAL, article={"body": "It burns."})
    for name, internal in (("note", [True]), ("hidden", [False, True]), ("seesaw", [0, 1, 0, 1])):
        body: dict[str, Any] = {"body": f"An {INTERNAL} of {name}", "subject": INTERNAL}
        body |= {"type": "email", "to": f"{INTERNAL}@desk.example", "attachments": files(INTERNAL)}
        made.article(name, "own", **body, internal=bool(internal[0]))
        for value in internal[1:]:
            made.desk.cloud.drain(retry=True)
            made.ask("PUT", f"ticket_articles/{ids[name]}", {"internal": bool(value)})
    made.article("shown", "own", body="Fetch water.", internal=True)
    made.ask("PUT", f"ticket_articles/{ids['shown']}", {"internal": False})
    made.open("merged", "My toner", **mine, article={"body": "It smokes."})
    made.article("merged note", "merged", body=INTERNAL, attachments=files(INTERNAL), internal=True)
    merged = f"ticket_merge/{ids['merged']}/{made.numbers['own']}"
    assert made.ask("PUT", merged)["result"] == "success"
    for kind in ("normal", "child"):
        made.ask("POST", "links/add", _link(made, kind))
    ids["time"] = made.ask(
        "POST", "time_accountings", {"ticket_id": ids["own"], "time_unit": 63.25}
    )["id"]


def _link(scene: Scene, kind: str, source: str = "theirs", target: str = "own") -> dict[str, Any]:
    return {
        "link_type": kind,
        "link_object_source": "Ticket",
        "link_object_source_number": scene.numbers[source],
        "link_object_target": "Ticket",
        "link_object_target_value": scene.ids[target],
    }


# --- what is asked, endpoint by endpoint ----------------------------------------------------

Case = Callable[[Scene], Iterator[Asked]]
CASES: dict[str, Case] = {}


def case(*names: str) -> Callable[[Case], Case]:
    def keep(asks: Case) -> Case:
        CASES.update(dict.fromkeys(names, asks))
        return asks

    return keep


def shapes(*paths: str) -> Iterator[Asked]:
    for path in paths:
        for shape in SHAPES:
            yield path + ("&" if "?" in path else "?") + shape, None


QUERIES = (
    *("", "*", THEIRS, PERSON, INTERNAL, GROUP, TAG, f"{INTERNAL[:3]}*", f"{THEIRS[:3]}*"),
    *(f"title:{THEIRS}", f"article.body:{INTERNAL}", f"article.subject:{INTERNAL}", f"tags:{TAG}"),
    *(f"customer.email:{PERSON}@scope.example", f"group.name:{GROUP}", f"note:{THEIRS}"),
    *(f"article.to:{INTERNAL}", f"NOT {THEIRS}", f"NOT {INTERNAL}", f"organization.name:{PERSON}"),
)


def selector(name: str, value: object, operator: str = "contains") -> dict[str, Any]:
    return {"condition": {name: {"operator": operator, "value": value}}}


@case("GET /api/v1/tickets")
def _tickets(_: Scene) -> Iterator[Asked]:
    yield from shapes("tickets", "tickets?per_page=1", "tickets?page=2&per_page=1")


@case("POST /api/v1/tickets")
def _create(scene: Scene) -> Iterator[Asked]:
    ids = scene.ids
    body = {"title": "x", "group_id": ids["sales"], "customer_id": ids["me"]}
    for kind in ("normal", "parent", "child"):
        yield "tickets", {**body, "links": {"Ticket": {kind: [ids["theirs"]]}}}
    # What a customer must not name is dropped without a word: here something else is wrong, too.
    for name in ("customer_id", "organization_id", "owner_id"):
        yield "tickets", {**body, name: ids["they"], "article": {}}


def _of_a_ticket(path: str) -> Case:
    def asks(scene: Scene) -> Iterator[Asked]:
        for name in ("theirs", "below", "own", "merged"):
            yield from shapes(path.format(scene.ids[name]))

    return asks


case("GET /api/v1/tickets/{id}")(_of_a_ticket("tickets/{}"))
case("GET /api/v1/ticket_articles/by_ticket/{id}")(_of_a_ticket("ticket_articles/by_ticket/{}"))
case("GET /api/v1/ticket_history/{id}")(_of_a_ticket("ticket_history/{}"))
case("GET /api/v1/tickets/{id}/time_accountings")(_of_a_ticket("tickets/{}/time_accountings"))
case("GET /api/v1/tags")(_of_a_ticket("tags?object=Ticket&o_id={}"))
case("GET /api/v1/links")(_of_a_ticket("links?link_object=Ticket&link_object_value={}"))
case("GET /api/v1/mentions")(_of_a_ticket("mentions?mentionable_type=Ticket&mentionable_id={}"))


@case("PUT /api/v1/tickets/{id}")
def _update(scene: Scene) -> Iterator[Asked]:
    for change in ({"title": "Mine"}, {"article": {"body": "Mine"}}, {"state": "closed"}, {}):
        yield f"tickets/{scene.ids['theirs']}", change


@case("DELETE /api/v1/tickets/{id}")
def _delete(scene: Scene) -> Iterator[Asked]:
    yield f"tickets/{scene.ids['theirs']}", None


HIDDEN = ("their article", "their note", "note", "hidden", "seesaw", "merged note")
"""Articles that one of the keys must not see."""


@case("GET /api/v1/ticket_articles/{id}", "GET /api/v1/ticket_article_plain/{id}")
def _article(scene: Scene) -> Iterator[Asked]:
    for name in HIDDEN:
        yield from shapes(f"ticket_articles/{scene.ids[name]}")
        yield f"ticket_article_plain/{scene.ids[name]}", None


@case("POST /api/v1/ticket_articles")
def _new_article(scene: Scene) -> Iterator[Asked]:
    yield "ticket_articles", {"ticket_id": scene.ids["theirs"], "body": "Mine"}


@case("GET /api/v1/ticket_articles")
def _all_articles(_: Scene) -> Iterator[Asked]:
    yield from shapes("ticket_articles", "ticket_articles?page=2&per_page=1")


@case("PUT /api/v1/ticket_articles/{id}", "DELETE /api/v1/ticket_articles/{id}")
def _change_article(scene: Scene) -> Iterator[Asked]:
    for name in ("their article", "their note"):
        yield f"ticket_articles/{scene.ids[name]}", {"internal": False}


@case("GET /api/v1/ticket_attachment/{ticket}/{article}/{id}")
def _attachment(scene: Scene) -> Iterator[Asked]:
    ids = scene.ids
    for name in ("their article", "note", "hidden", "seesaw", "merged note"):
        for ticket in ("theirs", "own", "merged"):
            yield f"ticket_attachment/{ids[ticket]}/{ids[name]}/{ids[f'{name} file']}", None


@case("GET /api/v1/tickets/search")
def _search(scene: Scene) -> Iterator[Asked]:
    for query in QUERIES:
        asked = f"tickets/search?query={quote(query)}"
        yield from shapes(asked)
        yield f"{asked}&only_total_count=true", None
        yield f"{asked}&with_total_count=true&label=true", None
    for column in ("title", "article_count", "customer_id", "updated_at"):
        yield f"tickets/search?sort_by={column}&order_by=asc&per_page=1", None
    ids = ",".join(map(str, (scene.ids["theirs"], scene.ids["own"])))
    yield f"tickets/search?ids={ids}", None


@case("POST /api/v1/tickets/search")
def _select(scene: Scene) -> Iterator[Asked]:
    ids = scene.ids
    for flag in ({}, {"full": True}, {"only_total_count": True}):
        for condition in (
            selector("ticket.title", THEIRS),
            selector("ticket.title", THEIRS, "contains not"),
            selector("article.body", INTERNAL),
            selector("article.body", INTERNAL, "contains not"),
            selector("ticket.group_id", [ids["others"]], "is"),
            selector("ticket.customer_id", [ids["they"]], "is"),
            selector("ticket.organization_id", [ids["their organization"]], "is"),
            selector("ticket.id", [ids["theirs"]], "is"),
            selector("ticket.tags", TAG, "contains one"),
            selector("customer.email", PERSON),
        ):
            yield "tickets/search", {**condition, **flag}


SEARCHED = ("users", "organizations", "groups", "roles")
ANYWHERE = ("search", "search/Ticket", "search/User", "search/Organization")


def _search_others(_: Scene) -> Iterator[Asked]:
    for kind in (*(f"{one}/search" for one in SEARCHED), *ANYWHERE):
        for query in QUERIES:
            yield from shapes(f"{kind}?query={quote(query)}&with_total_count=true")


def _post_search(_: Scene) -> Iterator[Asked]:
    """The same functions: each query by the body, in one shape."""
    for kind in (*(f"{one}/search" for one in SEARCHED), *ANYWHERE):
        for query in QUERIES:
            yield kind, {"query": query, "full": True}


SEARCHES = (*(f"{one}/search" for one in SEARCHED), "search", "search/{objects}")
case(*(f"GET {BASE}/{one}" for one in SEARCHES))(_search_others)
case(*(f"POST {BASE}/{one}" for one in SEARCHES))(_post_search)


@case("GET /api/v1/users", "GET /api/v1/users/me")
def _users(_: Scene) -> Iterator[Asked]:
    yield from shapes("users", "users/me", "users?page=2&per_page=1")


@case("GET /api/v1/users/{id}")
def _user(scene: Scene) -> Iterator[Asked]:
    yield from shapes(
        *(f"users/{scene.ids[name]}" for name in ("they", "colleague", "me", "agent"))
    )


@case("PUT /api/v1/users/{id}", "DELETE /api/v1/users/{id}")
def _change_user(scene: Scene) -> Iterator[Asked]:
    for name in ("they", "colleague"):
        yield f"users/{scene.ids[name]}", {"firstname": "Mine"}


@case("POST /api/v1/users")
def _new_user(_: Scene) -> Iterator[Asked]:
    yield "users", {"email": f"{PERSON}@scope.example"}


@case("GET /api/v1/users/image/{hash}")
def _image(_: Scene) -> Iterator[Asked]:
    yield "users/image/abc", None


@case("GET /api/v1/organizations")
def _organizations(_: Scene) -> Iterator[Asked]:
    yield from shapes("organizations", "organizations?sort_by=name&order_by=desc")


@case("GET /api/v1/organizations/{id}")
def _organization(scene: Scene) -> Iterator[Asked]:
    names = ("ours", "their organization")
    yield from shapes(*(f"organizations/{scene.ids[name]}" for name in names))


@case("POST /api/v1/organizations", "PUT /api/v1/organizations/{id}")
def _new_organization(scene: Scene) -> Iterator[Asked]:
    body = {"name": f"{PERSON} Inc", "member_ids": [scene.ids["they"]]}
    yield "organizations", body
    yield f"organizations/{scene.ids['their organization']}", body


@case("DELETE /api/v1/organizations/{id}")
def _gone_organization(scene: Scene) -> Iterator[Asked]:
    yield f"organizations/{scene.ids['their organization']}", None


ROWS = ("groups", "roles", "ticket_states", "ticket_priorities")


def _rows(scene: Scene) -> Iterator[Asked]:
    for kind in ROWS:
        yield from shapes(kind, f"{kind}/{scene.ids['others']}", f"{kind}/1")


def _change_rows(scene: Scene) -> Iterator[Asked]:
    for kind in ROWS:
        yield kind, {"name": "Mine"}
        yield f"{kind}/{scene.ids['others']}", {"name": "Mine"}


case(*(f"GET {BASE}/{kind}{more}" for kind in ROWS for more in ("", "/{id}")))(_rows)
case(
    *(f"POST {BASE}/{kind}" for kind in ROWS),
    *(f"{method} {BASE}/{kind}/{{id}}" for kind in ROWS for method in ("PUT", "DELETE")),
)(_change_rows)


@case(
    *(f"GET {BASE}/{one}" for one in ("object_manager_attributes", "version")),
    *(f"GET {BASE}/{one}" for one in ("online_notifications", "time_accounting/types")),
)
def _constants(_: Scene) -> Iterator[Asked]:
    for one in ("object_manager_attributes", "version", "online_notifications"):
        yield one, None
    yield "time_accounting/types", None


@case("POST /api/v1/tags/add", "DELETE /api/v1/tags/remove")
def _tag(scene: Scene) -> Iterator[Asked]:
    for path in ("tags/add", "tags/remove"):
        yield path, {"object": "Ticket", "o_id": scene.ids["theirs"], "item": TAG}


@case("GET /api/v1/tag_search", "GET /api/v1/tag_list")
def _tag_list(_: Scene) -> Iterator[Asked]:
    for path in ("tag_search", "tag_search?term=d", "tag_list"):
        yield path, None


@case("POST /api/v1/tag_list", "PUT /api/v1/tag_list/{id}", "DELETE /api/v1/tag_list/{id}")
def _change_tag_list(_: Scene) -> Iterator[Asked]:
    for path in ("tag_list", "tag_list/1"):
        yield path, {"name": "mine"}


@case("POST /api/v1/links/add", "DELETE /api/v1/links/remove")
def _links(scene: Scene) -> Iterator[Asked]:
    for path in ("links/add", "links/remove"):
        for kind in ("normal", "parent", "child"):
            for pair in (("theirs", "own"), ("own", "theirs"), ("theirs", "below")):
                yield path, _link(scene, kind, *pair)


@case("PUT /api/v1/ticket_merge/{source}/{target}")
def _merge(scene: Scene) -> Iterator[Asked]:
    for source, target in (("own", "theirs"), ("theirs", "own"), ("theirs", "below")):
        yield f"ticket_merge/{scene.ids[source]}/{scene.numbers[target]}", None


@case("POST /api/v1/mentions")
def _mention(scene: Scene) -> Iterator[Asked]:
    yield "mentions", {"mentionable_type": "Ticket", "mentionable_id": scene.ids["theirs"]}


@case("DELETE /api/v1/mentions/{id}")
def _unmention(scene: Scene) -> Iterator[Asked]:
    yield f"mentions/{scene.ids['their mention']}", None


@case(
    "POST /api/v1/tickets/{id}/time_accountings",
    "POST /api/v1/time_accountings",
    "PUT /api/v1/tickets/{id}/time_accountings/{accounting}",
    "DELETE /api/v1/tickets/{id}/time_accountings/{accounting}",
    "GET /api/v1/tickets/{id}/time_accountings/{accounting}",
    *(f"{method} /api/v1/time_accountings/{{accounting}}" for method in ("GET", "PUT", "DELETE")),
)
def _times(scene: Scene) -> Iterator[Asked]:
    ids = scene.ids
    body = {"time_unit": 1, "ticket_id": ids["theirs"]}
    yield f"tickets/{ids['theirs']}/time_accountings", body
    yield "time_accountings", body
    yield f"tickets/{ids['theirs']}/time_accountings/{ids['their time']}", body
    yield f"tickets/{ids['own']}/time_accountings/{ids['their time']}", body
    yield f"time_accountings/{ids['their time']}", body


# --- the walk -------------------------------------------------------------------------------


def belongs(asked: Endpoint, path: str) -> bool:
    """Whether a path is one of an endpoint's."""
    wanted = asked.resource.removeprefix(f"{BASE}/").split("/")
    given = path.partition("?")[0].split("/")
    pairs = zip(wanted, given, strict=False)
    literal = asked.resource.count("{") or "/".join(given) == "/".join(wanted)
    same = all(one == other or one.startswith("{") for one, other in pairs)
    return bool(literal) and len(wanted) == len(given) and same


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[Endpoint]:
    return endpoints(cloud)


def zammads(every: Sequence[Endpoint]) -> list[Endpoint]:
    return [asked for asked in every if asked.family == "ZammadApi" and asked.permissions]


def test_every_endpoint_has_a_case(every: list[Endpoint], scene: Scene) -> None:
    wanted = {asked.name: asked for asked in zammads(every)}
    assert wanted.keys() - CASES.keys() == set()
    idle = [
        name
        for name, asked in wanted.items()
        if not any(belongs(asked, path) for path, _ in CASES[name](scene))
    ]
    assert not idle


def hidden_from(scene: Scene, who: str) -> list[str]:
    """All marks and numbers that one of the keys must not be told."""
    theirs = ("theirs", "below", "their article", "their note", "their article file", "their time")
    marks = [THEIRS, "61.25", "62.25", scene.numbers["theirs"], scene.numbers["below"]]
    marks += [str(scene.ids[name]) for name in (*theirs, "their mention")]
    if who == "customer":
        marks += [PERSON, INTERNAL, GROUP, TAG, "63.25"]
        people = ("they", "colleague", "their organization", "time")
        notes = ("note", "hidden", "seesaw", "merged note")
        marks += [str(scene.ids[name]) for name in (*people, *notes)]
        marks += [str(scene.ids[f"{name} file"]) for name in notes]
    return marks


def told(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace").lower() + json.dumps(dict(answer.headers)).lower()


_DRAWN = re.compile(r"[0-9a-f-]{32,}")
"""By chance, some ticket's number is among its digits."""


def seen(marks: Iterable[str], answer: Answer) -> list[str]:
    """Those of the marks that an answer tells of; not in what is drawn, such as a request's id."""
    said = _DRAWN.sub("", told(answer))
    return [mark for mark in marks if mark in said]


def leaks(scene: Scene, who: str, method: str, asked: Asked, answer: Answer) -> list[str]:
    path, body = f"{BASE}/{asked[0]}", json.dumps(asked[1])
    found = seen(hidden_from(scene, who), answer)
    # A refusal repeats what it refuses.
    return [mark for mark in found if answer.status < 400 or mark not in path + body]


ALLOWED = {"PUT /api/v1/ticket_merge/{source}/{target}"}
"""What answers 200 in any case (docs/zammad.md 9.7)."""


@pytest.mark.parametrize("who", ["customer", "department", "department alone"])
def test_nothing_of_others_is_seen(
    desk: Desk, every: list[Endpoint], scene: Scene, who: str
) -> None:
    stored, wrong = desk.stored(), {}
    for asked in zammads(every):
        for path, body in CASES[asked.name](scene):
            if not belongs(asked, path):
                continue
            answer = desk.call(asked.method, f"{BASE}/{path}", body, key=scene.keys[who])
            found = leaks(scene, who, asked.method, (path, body), answer)
            writes = asked.method != "GET" and "search" not in path
            if found or answer.status >= 500 or (writes and answer.status < 400):
                wrong[asked.name, path, json.dumps(body)] = (
                    answer.status,
                    found,
                    answer.text[:300],
                )
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())
    assert desk.stored() == stored


def test_who_is_acted_for_sees_no_more_than_the_key(
    desk: Desk, every: list[Endpoint], scene: Scene
) -> None:
    """As a customer, within the bounds of the key that acts."""
    wrong = {}
    own = {PERSON, *(str(scene.ids[name]) for name in ("they", "their organization"))}
    for asked in zammads(every):
        for path, body in CASES[asked.name](scene) if asked.method == "GET" else ():
            if not belongs(asked, path):
                continue
            answer = desk.call(
                asked.method,
                f"{BASE}/{path}",
                body,
                key=scene.keys["department"],
                headers={"From": f"{PERSON}@scope.example"},
            )
            found = set(leaks(scene, "customer", asked.method, (path, body), answer)) - own
            if found or answer.status >= 500:
                wrong[asked.name, path] = (answer.status, found, answer.text[:300])
    assert not wrong


VISIBLE: Mapping[str, Sequence[str]] = {
    "GET /api/v1/tickets": (THEIRS, PERSON),
    "GET /api/v1/tickets/{id}": (THEIRS, INTERNAL, GROUP),
    "GET /api/v1/ticket_articles/by_ticket/{id}": (THEIRS, INTERNAL),
    "GET /api/v1/ticket_articles/{id}": (THEIRS, INTERNAL),
    "GET /api/v1/ticket_attachment/{ticket}/{article}/{id}": (THEIRS, INTERNAL),
    "GET /api/v1/ticket_history/{id}": (THEIRS, TAG, "62.25"),
    "GET /api/v1/tickets/{id}/time_accountings": ("61.25", "62.25", "63.25"),
    "GET /api/v1/tickets/search": (THEIRS, PERSON, GROUP),
    "POST /api/v1/tickets/search": (THEIRS,),
    "GET /api/v1/tags": (TAG,),
    "GET /api/v1/tag_list": (TAG,),
    "GET /api/v1/tag_search": (TAG,),
    "GET /api/v1/links": (THEIRS,),
    "GET /api/v1/mentions": (THEIRS,),
    "GET /api/v1/users": (PERSON,),
    "GET /api/v1/users/{id}": (PERSON, INTERNAL),
    "GET /api/v1/organizations": (PERSON, INTERNAL),
    "GET /api/v1/organizations/{id}": (PERSON, INTERNAL),
    "GET /api/v1/groups": (GROUP, INTERNAL),
}


def test_an_admin_sees_all_of_it(desk: Desk, every: list[Endpoint], scene: Scene) -> None:
    """So that what a bound key does not see is there to be seen."""
    missing = {}
    for asked in zammads(every):
        if wanted := VISIBLE.get(asked.name):
            said = {
                mark
                for path, body in CASES[asked.name](scene)
                if belongs(asked, path)
                for mark in seen(wanted, desk.call(asked.method, f"{BASE}/{path}", body))
            }
            if lacking := [mark for mark in wanted if mark not in said]:
                missing[asked.name] = lacking
    assert not missing


def test_a_customer_sees_what_is_theirs(desk: Desk, scene: Scene) -> None:
    key, ids = scene.keys["customer"], scene.ids

    def get(path: str) -> Any:
        answer = desk.call("GET", f"{BASE}/{path}", key=key)
        assert answer.status == 200, answer.text
        return answer.json

    articles = get(f"ticket_articles/by_ticket/{ids['own']}")
    bodies = ["It burns.", "Fetch water.", "It smokes."]
    assert [row["body"] for row in articles if not row["internal"]] == bodies
    seen = [row["id"] for row in articles]
    ticket = get(f"tickets/{ids['own']}?expand=true")
    assert (ticket["article_count"], ticket["article_ids"]) == (len(bodies), sorted(seen))
    full = get(f"tickets/{ids['own']}?full=true")["assets"]["Ticket"][str(ids["own"])]
    assert (full["article_count"], full["article_ids"]) == (len(bodies), sorted(seen))
    assert [row["id"] for row in get("tickets/search?query=smokes")] == [ids["own"]]
    assert get("tickets/search?query=water&only_total_count=true") == {"total_count": 1}


# --- the other families ---------------------------------------------------------------------


def _osticket(scene: Scene, asked: Endpoint) -> Iterator[str]:
    tickets = ("theirs", "below", "own", "merged")
    refs = [*(scene.numbers[one] for one in tickets), *(str(scene.ids[one]) for one in tickets)]
    refs += [str(number) for name, number in scene.ids.items() if name.endswith("file")]
    for ref in refs:
        for shape in ("json", "xml"):
            yield asked.path(ref=f"{ref}.{shape}", id=ref)
    for word in (THEIRS, PERSON, INTERNAL, "burns"):
        path = asked.path(ref="1.json", id=scene.ids["own"])
        yield path + ("&" if "?" in path else "?") + f"query={word}"


@pytest.mark.parametrize("who", ["customer", "department"])
def test_osticket_s_doors_show_no_more(
    desk: Desk, every: list[Endpoint], scene: Scene, who: str
) -> None:
    stored, wrong, asked_for = desk.stored(), {}, 0
    for asked in every:
        if asked.family == "ZammadApi" or asked.method != "GET" or not asked.permissions:
            continue
        for path in _osticket(scene, asked):
            asked_for += 1
            answer = desk.call("GET", path, key=scene.keys[who])
            found = seen(hidden_from(scene, who), answer)
            if asked.family == "AdminApi" and who == "department":
                # The catalogue, people and organizations are the whole desk's.
                found = [mark for mark in found if mark in {scene.numbers["theirs"], "61.25"}]
            if answer.status >= 400:
                found = [mark for mark in found if mark not in path]
            if found or answer.status >= 500:
                wrong[asked.name, path] = (answer.status, found, answer.text[:300])
    assert asked_for > 100
    assert not wrong
    assert desk.stored() == stored


def test_no_mail_to_a_customer_tells_of_what_is_internal(scene: Scene) -> None:
    """Those of the articles that were shown for a while went out while they were."""
    mails = scene.desk.cloud.mailbox.mails()
    for mail in mails:
        assert "cu@scope.example" not in mail.to or INTERNAL not in str(mail)
