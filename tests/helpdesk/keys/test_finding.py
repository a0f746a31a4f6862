"""What admins can find out about keys: their origin, filtered lists, and checking a key."""

from datetime import timedelta
from typing import Any

import pytest

from dialects.admin import show
from helpdesk import clock
from helpdesk.keys import authorize, finding, manage
from tests.gateway import Cloud, allowed, verdict


def at(patch: pytest.MonkeyPatch, **by: float) -> None:
    moment = clock.now() + timedelta(**by)
    for module in (authorize, manage, finding, show):
        patch.setattr(module, "now", lambda: moment)


def names(desk: Cloud, **query: str) -> list[str]:
    answer = desk.call("GET", "/api/admin/keys", query=query)
    assert answer.status == 200, answer.body
    return [key["name"] for key in answer.body["items"]]


def test_a_key_says_what_its_secret_begins_with_and_who_has_made_it(desk: Cloud) -> None:
    made = desk.key(name="Shop")
    shown = desk.call("GET", f"/api/admin/keys/{made['id']}").body
    assert shown["hint"] == made["key"][:6]
    assert shown["created"].endswith("Z")
    assert shown["created_by"] == {"key": 1, "name": "First admin key"}
    assert (shown["old_secret"], shown["dismissed"]) == (None, {})
    assert desk.call("GET", "/api/admin/keys/1").body["created_by"] is None


def test_an_overlap_shows_both_secrets_and_ends_when_told_to(desk: Cloud) -> None:
    made = desk.key(name="Shop")
    path = f"/api/admin/keys/{made['id']}"
    assert desk.call("DELETE", f"{path}/old-secret").status == 404
    verdict(made["key"])
    turned = desk.call("POST", f"{path}/rotate", {"overlap_hours": 24}).body
    assert turned["hint"] == turned["key"][:6]
    assert turned["secret_used"] is None
    old = desk.call("GET", path).body["old_secret"]
    assert old["hint"] == made["key"][:6]
    assert old["last_used"] == desk.call("GET", path).body["last_used"]
    ended = desk.call("DELETE", f"{path}/old-secret")
    assert (ended.status, ended.body["old_secret"]) == (200, None)
    assert ended.body["last_used"] == old["last_used"]
    assert not allowed(verdict(made["key"]))
    assert allowed(verdict(turned["key"]))
    assert desk.call("DELETE", f"{path}/old-secret").status == 404


def test_lists_find_keys_by_words_and_beginnings(desk: Cloud) -> None:
    shop, zabbix = desk.key(name="Shop form"), desk.key(name="Zabbix")
    path = f"/api/admin/keys/{shop['id']}/rotate"
    turned = desk.call("POST", path, {"overlap_hours": 1}).body
    assert names(desk, q="SHOP") == ["Shop form"]
    for secret in (turned["key"], turned["key"][:4], shop["key"]):
        assert names(desk, q=secret) == ["Shop form"]
    assert names(desk, q=zabbix["key"][:6]) == ["Zabbix"]
    assert names(desk, q="nothing") == []


def test_lists_find_keys_by_what_they_may_and_whose_they_are(desk: Cloud) -> None:
    person = desk.person()
    desk.key(name="Reader", permissions=["can_read_tickets"])
    desk.key(name="Ann", customer=person)
    assert names(desk, permission="can_read_tickets") == ["First admin key", "Reader"]
    assert names(desk, customer=str(person)) == ["Ann"]


def test_lists_find_keys_by_their_state(desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = (clock.now() + timedelta(days=20)).isoformat()
    desk.key(name="Off", active=False)
    desk.key(name="Ending", expires=soon)
    used = desk.key(name="Used")["key"]
    found = {state: names(desk, state=state) for state in finding.STATES}
    assert found == {
        "active": ["First admin key", "Ending", "Used"],
        "off": ["Off"],
        "ended": [],
        "stopped": ["Off"],
        "ending": ["Ending"],
        "unused": [],
        "advised": ["First admin key", "Ending"],
    }
    at(monkeypatch, days=21)
    verdict(used)
    assert names(desk, state="ended") == ["Ending"]
    assert names(desk, state="stopped") == ["Off", "Ending"]
    assert "Used" not in names(desk, state="unused")
    at(monkeypatch, days=112)
    assert "Used" in names(desk, state="unused")


def test_what_admins_should_hear_of_a_key(desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule of `helpdesk.keys.advice`, as time goes by."""

    def advice() -> dict[str, list[str]]:
        shown = desk.call("GET", "/api/admin/keys").body["items"]
        return {key["name"]: key["advice"] for key in shown if key["advice"]}

    used = desk.key(name="Used")["key"]
    desk.key(name="Off", active=False)
    desk.key(name="Ending", expires=(clock.now() + timedelta(days=35)).isoformat())
    assert advice() == {"First admin key": ["any_network"]}
    at(monkeypatch, days=6)
    verdict(used)
    assert advice() == {"First admin key": ["any_network"], "Ending": ["ending"]}
    at(monkeypatch, days=8)
    assert advice()["First admin key"] == ["first_key", "any_network"]
    at(monkeypatch, days=97)
    assert advice() == {"First admin key": ["first_key", "any_network"], "Used": ["unused"]}
    at(monkeypatch, days=366)
    assert advice()["Off"] == ["off"]
    dismissed = {"dismissed": {"first_key": "2099-01-01T00:00:00Z"}}
    tag = desk.call("GET", "/api/admin/keys/1").headers["ETag"]
    assert desk.call("PATCH", "/api/admin/keys/1", dismissed).status == 200
    assert advice()["First admin key"] == ["any_network"]
    assert desk.call("GET", "/api/admin/keys/1").headers["ETag"] != tag


def test_the_newest_come_first_a_page_at_a_time(desk: Cloud) -> None:
    for name in "abc":
        desk.key(name=name)
    query = {"order": "newest", "limit": "2"}
    first = desk.call("GET", "/api/admin/keys", query=query).body
    assert [key["name"] for key in first["items"]] == ["c", "b"]
    rest = desk.call("GET", "/api/admin/keys", query=query | {"next": first["next"]}).body
    assert [key["name"] for key in rest["items"]] == ["a", "First admin key"]
    assert rest["next"] is None
    assert names(desk, order="newest", next="1") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "asleep"}, "state"),
        ({"permission": "can_fly"}, "permission"),
        ({"customer": "ann"}, "customer"),
        ({"order": "name"}, "order"),
        ({"colour": "red"}, "colour"),
        ({"q": "x" * 201}, "q"),
    ],
)
def test_a_filter_that_is_none_is_refused(desk: Cloud, query: dict[str, str], field: str) -> None:
    answer = desk.call("GET", "/api/admin/keys", query=query)
    assert (answer.status, answer.body["error"]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("facts", "asked", "barrier"),
    [
        ({}, {}, (None, None)),
        ({"active": False}, {}, ("inactive", "active")),
        ({"expires": "2020-01-01T00:00:00Z"}, {}, ("expired", "expires")),
        ({"networks": ["10.0.0.0/8"]}, {}, ("network", "networks")),
        ({"networks": ["10.0.0.0/8"]}, {"address": "10.1.2.3"}, (None, None)),
        ({"networks": ["10.0.0.0/8"]}, {"address": "::ffff:10.1.2.3"}, (None, None)),
        ({}, {"permission": "can_read_tickets"}, ("permission", "permissions")),
        (
            {"permissions": ["can_read_tickets"]},
            {"permission": "can_read_tickets"},
            (None, None),
        ),
    ],
)
def test_a_check_says_what_the_gate_would(
    desk: Cloud, facts: dict[str, Any], asked: dict[str, str], barrier: tuple[str, str]
) -> None:
    made = desk.key(name="Shop", **facts)
    path = f"/api/admin/keys/{made['id']}"
    answer = desk.call("POST", f"{path}/check", asked)
    assert answer.status == 200, answer.body
    told = answer.body
    assert (told["reason"], told["field"]) == barrier
    assert told["allowed"] is (barrier[0] is None)
    if "permission" not in asked and "::" not in asked.get("address", ""):
        assert allowed(verdict(made["key"], source=told["address"])) is told["allowed"]
    assert desk.call("GET", path).body["last_used"] is None or told["allowed"]


def test_a_key_that_is_not_counted_on_its_own_yet_says_so(desk: Cloud) -> None:
    made = desk.key(name="Shop")
    told = desk.call("GET", f"/api/admin/keys/{made['id']}/usage").body
    assert (told["days"], told["shared"]) == ([], True)
    assert desk.call("GET", f"/api/admin/keys/{made['id']}").body["counted"] is False
    assert desk.call("GET", "/api/admin/keys/99/usage").status == 404


def test_an_address_that_is_none_is_refused(desk: Cloud) -> None:
    answer = desk.call("POST", "/api/admin/keys/1/check", {"address": "10.0.0.0/8"})
    assert (answer.status, answer.body["error"]["field"]) == (422, "address")


def test_what_others_have_changed_is_not_changed_unseen(desk: Cloud) -> None:
    made = desk.key(name="Shop")
    path = f"/api/admin/keys/{made['id']}"
    tag = desk.call("GET", path).headers["ETag"]
    verdict(made["key"])
    assert desk.call("GET", path).headers["ETag"] == tag
    first = desk.call("PATCH", path, {"name": "Till"}, headers={"If-Match": tag})
    assert first.status == 200
    late = desk.call("PATCH", path, {"active": False}, headers={"If-Match": tag})
    assert (late.status, late.body["error"]["code"]) == (409, "changed")
    assert desk.call("DELETE", path, headers={"If-Match": tag}).status == 409
    assert desk.call("GET", path).body["active"] is True
    seen = {"If-Match": first.headers["ETag"]}
    assert desk.call("PATCH", path, {"dismissed": {"unused": "2030-01-01"}}, headers=seen).body[
        "dismissed"
    ] == {"unused": "2030-01-01"}
    assert desk.call("DELETE", path, headers={"If-Match": "*"}).status == 200
