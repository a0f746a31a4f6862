"""Bounded keys call every Notific endpoint: they see and change nothing out of their bounds.

Each endpoint of the template needs a case. All hidden data contains a marker; each case also runs
with the admin's key, so that a marker that no key could see fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from helpdesk.keys.permissions import PERMISSIONS
from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk
from tests.http.endpoints import Endpoint, endpoints

pytestmark = pytest.mark.exhaustive

THEIRS, PERSON, INTERNAL = "quokka", "wombat", "numbat"
"""Marks: what stands in the others' ticket, who they are, and what only staff may read."""

ELSEWHERE, OFFICE = "203.0.113.200", "198.51.100.7"

Asked = tuple[str, object]
"""A path, and a body or None."""


@dataclass
class Scene:
    desk: Desk
    ids: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def make(self, plural: str, **values: object) -> int:
        answer = self.desk.call("POST", f"/api/{plural}", values)
        assert answer.status == 201, answer.text
        return int(answer.json["Id"])


@pytest.fixture(scope="module")
def scene(cloud: LocalCloud, desk: Desk) -> Scene:
    made = Scene(desk)
    ids = made.ids
    ids["sales"] = desk.make_row("departments", name="Repairs")
    ids["others"] = desk.make_row("departments", name="Others")
    ids["service"] = made.make("Services", Name="VPN")
    ids["agent"] = made.make("Operators", Name="Grace", Email="grace@scope.example")
    ids["me"] = made.make("Customers", Name="Cu", Email="cu@scope.example")
    who = {"Name": PERSON, "Email": f"{PERSON}@scope.example", "CellPhone": f"555-{PERSON}"}
    ids["they"] = made.make("Customers", **who, Services=[ids["service"]])
    for name, person, department, title in (
        ("own", "me", "sales", "My printer"),
        ("theirs", "they", "others", f"The {THEIRS}"),
    ):
        body = {"Title": title, "Description": f"{title} burns.", "CustomerId": ids[person]}
        ids[name] = made.make("Tickets", **body, Services=[ids["service"]], OperatorId=ids["agent"])
        moved = {"group_id": ids[department]}
        assert desk.call("PUT", f"/api/v1/tickets/{ids[name]}", moved).status == 200
    note = {"ticket_id": ids["own"], "body": INTERNAL, "internal": True}
    assert desk.call("POST", "/api/v1/ticket_articles", note).status == 201
    bound: dict[str, dict[str, Any]] = {
        "customer": {"customer": ids["me"]},
        "department": {"departments": [ids["sales"]], "agent": ids["agent"]},
        "department alone": {"departments": [ids["sales"]]},
    }
    for name, facts in bound.items():
        made.keys[name] = str(desk.make_key(*PERMISSIONS, **facts)["key"])
    made.keys["office"] = str(desk.make_key(*PERMISSIONS, networks=[f"{OFFICE}/32"])["key"])
    made.keys["agent"] = str(desk.make_key(*PERMISSIONS, agent=ids["agent"])["key"])
    cloud.drain(retry=True)
    for key in made.keys.values():
        desk.call("GET", "/api/Services", key=key, source=OFFICE)  # from now on `last_used` stands
    return made


# --- what is asked, endpoint by endpoint ----------------------------------------------------

Case = Callable[[Scene], Iterator[Asked]]


def _lists(plural: str) -> Case:
    def asks(_: Scene) -> Iterator[Asked]:
        for query in ("", "?$top=1", "?$skip=1", "?$top=1&$skip=1"):
            yield f"{plural}{query}", None

    return asks


def _of(plural: str, *names: str) -> Case:
    def asks(scene: Scene) -> Iterator[Asked]:
        for name in names:
            yield f"{plural}/{scene.ids[name]}", None

    return asks


def _new_ticket(scene: Scene) -> Iterator[Asked]:
    body = {"Title": "Mine", "Description": "Mine"}
    yield "Tickets", {**body, "CustomerId": scene.ids["they"], "OperatorId": 99_999}
    yield "Tickets", {**body, "Services": [99_999]}


def _change_ticket(scene: Scene) -> Iterator[Asked]:
    number = scene.ids["theirs"]
    for values in (
        {},
        {"Description": "Mine"},
        {"ClosedTime": "2001-01-01T12:00:00Z"},
        {"EndTime": "2036-01-01T12:00:00Z", "DoNotSendEmail": True},
    ):
        yield f"Tickets/{number}", {"Id": number, **values}


def _change(plural: str, name: str, **values: object) -> Case:
    def asks(scene: Scene) -> Iterator[Asked]:
        number = scene.ids[name]
        yield f"{plural}/{number}", {"Id": number, "Name": "Mine", **values}

    return asks


def _new(plural: str, **values: object) -> Case:
    def asks(_: Scene) -> Iterator[Asked]:
        yield plural, {"Name": "Mine", **values}

    return asks


MINE = {"Email": "mine@scope.example"}
CASES: Mapping[str, Case] = {
    "GET Tickets": _lists("Tickets"),
    "GET Tickets/{id}": _of("Tickets", "theirs", "own"),
    "POST Tickets": _new_ticket,
    "PUT Tickets/{id}": _change_ticket,
    "DELETE Tickets/{id}": _of("Tickets", "theirs"),
    "GET Customers": _lists("Customers"),
    "GET Customers/{id}": _of("Customers", "they", "me"),
    "POST Customers": _new("Customers", **MINE),
    "PUT Customers/{id}": _change("Customers", "they", **MINE),
    "DELETE Customers/{id}": _of("Customers", "they"),
    "GET Services": _lists("Services"),
    "GET Services/{id}": _of("Services", "service"),
    "POST Services": _new("Services"),
    "PUT Services/{id}": _change("Services", "service"),
    "DELETE Services/{id}": _of("Services", "service"),
    "GET Operators": _lists("Operators"),
    "GET Operators/{id}": _of("Operators", "agent"),
    "POST Operators": _new("Operators", **MINE),
    "PUT Operators/{id}": _change("Operators", "agent", **MINE),
    "DELETE Operators/{id}": _of("Operators", "agent"),
}
"""By method and path, as they are written."""


def name_of(asked: Endpoint) -> str:
    plural, _, more = asked.resource.removeprefix("/api/").partition("/")
    return f"{asked.method} {plural.capitalize()}{'/' if more else ''}{more}"


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[Endpoint]:
    """Every endpoint that asks for a key."""
    return [one for one in endpoints(cloud) if one.family == "NotificApi" and one.permissions]


def asks(every: list[Endpoint], scene: Scene) -> Iterator[tuple[Endpoint, str, object]]:
    for one in every:
        plural = one.resource.split("/")[2]
        for path, body in CASES[name_of(one)](scene):
            _, slash, more = path.partition("/")
            _, question, query = path.partition("?")
            yield one, f"/api/{plural}{slash}{more}{'' if slash else question + query}", body


def test_every_endpoint_has_a_case(every: list[Endpoint]) -> None:
    assert {name_of(one) for one in every} == CASES.keys()


def told(answer: Answer) -> str:
    return answer.text.lower() + json.dumps(dict(answer.headers)).lower()


def hidden_from(who: str) -> list[str]:
    """The marks that one of the keys must not be told. People are known to every department."""
    return [THEIRS, INTERNAL, *([PERSON] if who == "customer" else [])]


@pytest.mark.parametrize("who", ["customer", "department", "department alone"])
def test_nothing_of_others_is_seen_or_changed(
    desk: Desk, every: list[Endpoint], scene: Scene, who: str
) -> None:
    stored, wrong = desk.stored(), {}
    for one, path, body in asks(every, scene):
        for kind in ("application/json", "application/xml"):
            answer = desk.call(
                one.method, path, body, key=scene.keys[who], headers={"Accept": kind}
            )
            found = [mark for mark in hidden_from(who) if mark in told(answer)]
            writes = one.method != "GET"
            if found or answer.status >= 500 or (writes and answer.status < 400):
                wrong[one.name, path, json.dumps(body)] = (answer.status, found, answer.text[:300])
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())
    assert desk.stored() == stored


def test_an_admin_sees_all_of_it(desk: Desk, every: list[Endpoint], scene: Scene) -> None:
    """So that what a bound key does not see is there to be seen."""
    said = {
        path: told(desk.call("GET", path)) for one, path, _ in asks(every, scene) if not one.refuses
    }
    for plural, mark in (("Tickets", THEIRS), ("tickets", THEIRS), ("Customers", PERSON)):
        assert mark in said[f"/api/{plural}"]
    assert THEIRS in said[f"/api/Tickets/{scene.ids['theirs']}"]
    assert PERSON in said[f"/api/Customers/{scene.ids['they']}"]
    assert (
        INTERNAL in desk.call("GET", f"/api/v1/ticket_articles/by_ticket/{scene.ids['own']}").text
    )


def test_who_is_bound_sees_their_own(desk: Desk, scene: Scene) -> None:
    for who in ("customer", "department", "department alone"):
        key, own = scene.keys[who], scene.ids["own"]
        assert [one["Id"] for one in desk.call("GET", "/api/Tickets", key=key).json] == [own]
        assert desk.call("GET", f"/api/Tickets/{own}", key=key).json["Title"] == "My printer"


def test_a_key_of_a_network_works_from_there_alone(
    desk: Desk, every: list[Endpoint], scene: Scene
) -> None:
    stored, key = desk.stored(), scene.keys["office"]
    for one, path, body in asks(every, scene):
        answer = desk.call(one.method, path, body, key=key, source=ELSEWHERE)
        assert answer.status == 401, one.name
        if one.method == "GET":
            assert desk.call("GET", path, key=key, source=OFFICE).status == 200
    assert desk.stored() == stored


def test_a_key_of_an_agent_writes_in_their_name(desk: Desk, scene: Scene) -> None:
    key, number = scene.keys["agent"], scene.ids["theirs"]
    before = desk.call("GET", f"/api/Tickets/{number}", key=key).json
    change = {**before, "Description": "Grace says so."}
    assert desk.call("PUT", f"/api/Tickets/{number}", change, key=key).status == 200
    entry = desk.show(before["Number"])["thread"][-1]
    assert (entry["body"], entry["poster"]) == ("Grace says so.", "Grace")
    made = desk.call("POST", "/api/Tickets", {"Title": "T", "Description": "D"}, key=key).json
    assert desk.show(made["Number"])["thread"][0]["body"] == "D"
