"""Keys, by the admin API and the authorizer: bounds, rotation, expiry, revocation, last manager."""

import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpdesk import clock
from helpdesk.errors import Conflict
from helpdesk.keys import authorize, finding, manage, permissions, usage_plan
from helpdesk.model.actor import Actor
from helpdesk.storage.attributes import unpack
from tests.gateway import Cloud, allowed, verdict
from tests.world import crowd, items, written

MANAGER = ["can_manage_keys", "can_read_tickets", "can_create_tickets"]
SHOWN = {
    "id",
    "name",
    "permissions",
    "networks",
    "active",
    "expires",
    "departments",
    "agent",
    "customer",
    "last_used",
    "secret_used",
    "hint",
    "created",
    "created_by",
    "old_secret",
    "counted",
    "last_managing",
    "dismissed",
    "advice",
}
GIVEN = SHOWN - {"id", "hint", "created", "created_by"}


def later(patch: pytest.MonkeyPatch, **by: float) -> None:
    """Moves the desk's clock."""
    moment = clock.now() + timedelta(**by)
    for module in (authorize, manage):
        patch.setattr(module, "now", lambda: moment)


def test_a_new_key_may_nothing_and_comes_from_anywhere(desk: Cloud) -> None:
    made = desk.key(name="plain")

    assert made.keys() == SHOWN | {"key"}
    assert len(made["key"]) == 64
    assert {name: made[name] for name in GIVEN} == {
        "name": "plain",
        "permissions": [],
        "networks": [],
        "active": True,
        "expires": None,
        "departments": [],
        "agent": None,
        "customer": None,
        "last_used": None,
        "secret_used": None,
        "old_secret": None,
        "counted": False,
        "last_managing": False,
        "dismissed": {},
        "advice": [],
    }


def test_a_key_is_given_back_as_it_was_given_without_its_secret(desk: Cloud) -> None:
    agent = desk.call(
        "POST", "/api/admin/agents", {"name": "A", "email": "a@example.com", "username": "a"}
    ).body["id"]
    facts = {
        "name": "whole",
        "permissions": ["can_create_tickets", "can_read_tickets"],
        "networks": ["10.0.0.0/8", "2001:db8::/32"],
        "active": False,
        "expires": "2099-01-31T12:00:00Z",
        "departments": [1, 2],
        "agent": agent,
        "customer": None,
        "dismissed": {"unused": "2099-01-31T12:00:00Z"},
    }
    made = desk.key(**facts)
    found = desk.call("GET", f"/api/admin/keys/{made['id']}")

    assert found.status == 200
    assert found.body == {name: made[name] for name in SHOWN}
    assert {name: found.body[name] for name in facts} == facts


def test_keys_are_listed_in_pages_by_id(desk: Cloud) -> None:
    made = [desk.key()["id"] for _ in range(3)]

    first = desk.call("GET", "/api/admin/keys", query={"limit": "2"}).body
    rest = desk.call("GET", "/api/admin/keys", query={"limit": "2", "next": first["next"]}).body

    assert [key["id"] for key in first["items"]] == [1, made[0]]
    assert [key["id"] for key in rest["items"]] == made[1:]
    assert rest["next"] is None
    assert all(key.keys() == SHOWN for key in first["items"])


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "x"}, {"next": "-1"}, {"limit": "101"}]
)
def test_a_page_that_cannot_be_is_refused(desk: Cloud, query: dict[str, str]) -> None:
    answer = desk.call("GET", "/api/admin/keys", query=query)
    assert (answer.status, answer.field) == (422, next(iter(query)))


def test_a_change_holds_at_the_gate_and_says_when(desk: Cloud) -> None:
    made = desk.key(permissions=["can_read_tickets"])
    path = f"/api/admin/keys/{made['id']}"

    changed = desk.call("PATCH", path, {"permissions": ["can_read_stats"], "departments": [2]})

    context = verdict(made["key"])["context"]
    assert (context["permissions"], context["departments"]) == ("can_read_stats", "2")
    assert changed.body["takes_effect"] == "within 60 seconds at the latest"
    assert changed.body["name"] == made["name"]


def test_switched_off_deleted_and_unknown_keys_are_denied(desk: Cloud) -> None:
    off, gone = desk.key(), desk.key()
    desk.call("PATCH", f"/api/admin/keys/{off['id']}", {"active": False})
    deleted = desk.call("DELETE", f"/api/admin/keys/{gone['id']}")

    assert deleted.status == 200
    assert not allowed(verdict(off["key"]))
    assert not allowed(verdict(gone["key"]))
    assert not allowed(verdict("no such key"))
    assert desk.call("GET", f"/api/admin/keys/{gone['id']}").status == 404
    assert desk.call("DELETE", f"/api/admin/keys/{gone['id']}").status == 404

    desk.call("PATCH", f"/api/admin/keys/{off['id']}", {"active": True})
    assert allowed(verdict(off["key"]))


def test_a_key_ends_with_its_expiry(desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    made = desk.key(expires=ends)

    assert allowed(verdict(made["key"]))
    assert verdict(made["key"])["context"]["expires"]
    later(monkeypatch, hours=3)
    assert not allowed(verdict(made["key"]))


# --- rotation -------------------------------------------------------------------------------


def test_both_secrets_work_until_the_overlap_ends(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.key()
    turned = desk.call("POST", f"/api/admin/keys/{made['id']}/rotate", {"overlap_hours": 5})

    assert turned.status == 200
    assert turned.body.keys() == SHOWN | {"key", "takes_effect"}
    assert turned.body["key"] != made["key"]
    assert allowed(verdict(made["key"]))
    assert allowed(verdict(turned.body["key"]))
    # What API Gateway keeps of the old secret must end with the overlap as well.
    assert verdict(made["key"])["context"]["expires"]
    assert verdict(turned.body["key"])["context"]["expires"] == ""

    later(monkeypatch, hours=5)
    assert not allowed(verdict(made["key"]))
    assert allowed(verdict(turned.body["key"]))


@pytest.mark.parametrize("raw", ['{"overlap_hours": 0}', "{}", ""])
def test_without_an_overlap_the_old_secret_ends_at_once(desk: Cloud, raw: str) -> None:
    made = desk.key()
    turned = desk.call("POST", f"/api/admin/keys/{made['id']}/rotate", raw=raw)

    assert not allowed(verdict(made["key"]))
    assert allowed(verdict(turned.body["key"]))


def test_a_change_during_the_overlap_holds_for_both_secrets(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}"
    turned = desk.call("POST", f"{path}/rotate", {"overlap_hours": 5}).body

    desk.call("PATCH", path, {"permissions": ["can_read_stats"]})
    assert verdict(made["key"])["context"]["permissions"] == "can_read_stats"
    assert verdict(turned["key"])["context"]["permissions"] == "can_read_stats"

    desk.call("PATCH", path, {"active": False})
    assert not allowed(verdict(made["key"]))
    assert not allowed(verdict(turned["key"]))


def test_a_change_after_the_overlap_does_not_wake_the_old_secret(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}"
    desk.call("POST", f"{path}/rotate", {"overlap_hours": 1})
    later(monkeypatch, hours=2)

    assert desk.call("PATCH", path, {"name": "renamed"}).status == 200
    assert not allowed(verdict(made["key"]))


def test_a_second_rotation_leaves_the_last_two_secrets(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}/rotate"
    second = desk.call("POST", path, {"overlap_hours": 720}).body["key"]
    third = desk.call("POST", path, {"overlap_hours": 1}).body["key"]

    assert [allowed(verdict(secret)) for secret in (made["key"], second, third)] == [
        False,
        True,
        True,
    ]


def test_deleting_ends_both_secrets(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}"
    second = desk.call("POST", f"{path}/rotate", {"overlap_hours": 9}).body["key"]
    desk.call("DELETE", path)

    assert not allowed(verdict(made["key"]))
    assert not allowed(verdict(second))


@pytest.mark.parametrize("hours", [-1, 721, 1.5, "5", None, True])
def test_an_overlap_is_a_whole_number_of_hours_up_to_thirty_days(
    desk: Cloud, hours: object
) -> None:
    made = desk.key()
    before = written()
    answer = desk.call("POST", f"/api/admin/keys/{made['id']}/rotate", {"overlap_hours": hours})

    assert (answer.status, answer.code, answer.field) == (422, "invalid", "overlap_hours")
    assert written() == before


# --- what a key may give --------------------------------------------------------------------


def test_a_key_gives_only_permissions_that_it_has(desk: Cloud) -> None:
    small = desk.key(permissions=MANAGER)["key"]

    given = desk.call("POST", "/api/admin/keys", {"name": "x", "permissions": MANAGER}, key=small)
    beyond = desk.call(
        "POST", "/api/admin/keys", {"name": "x", "permissions": ["can_manage_desk"]}, key=small
    )

    assert given.status == 201
    assert (beyond.status, beyond.field) == (403, "permissions")


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("PATCH", "", {"name": "mine"}),
        ("PATCH", "", {"permissions": []}),
        ("PATCH", "", {"active": False}),
        ("POST", "/rotate", {}),
        ("DELETE", "", None),
    ],
)
def test_a_key_does_not_touch_one_that_may_more(
    desk: Cloud, method: str, tail: str, body: object
) -> None:
    small = desk.key(permissions=MANAGER)["key"]
    big = desk.key(permissions=[*MANAGER, "can_manage_desk"])
    before = desk.call("GET", f"/api/admin/keys/{big['id']}", key=small).body

    answer = desk.call(method, f"/api/admin/keys/{big['id']}{tail}", body, key=small)

    assert (answer.status, answer.code) == (403, "forbidden")
    assert desk.call("GET", f"/api/admin/keys/{big['id']}", key=small).body == before
    assert allowed(verdict(big["key"]))


def test_a_key_does_not_raise_itself(desk: Cloud) -> None:
    small = desk.key(permissions=MANAGER)
    answer = desk.call(
        "PATCH",
        f"/api/admin/keys/{small['id']}",
        {"permissions": [*MANAGER, "can_manage_desk"]},
        key=small["key"],
    )
    assert (answer.status, answer.field) == (403, "permissions")


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"departments": [2]}, 201),
        ({"departments": [1, 2]}, 201),
        ({"departments": [3]}, 403),
        ({"departments": [2, 3]}, 403),
        ({"departments": []}, 403),
        ({}, 403),
    ],
)
def test_a_key_of_departments_gives_only_these(
    desk: Cloud, facts: dict[str, Any], status: int
) -> None:
    bound = desk.key(permissions=MANAGER, departments=[1, 2])["key"]
    answer = desk.call("POST", "/api/admin/keys", {"name": "x", **facts}, key=bound)

    assert answer.status == status
    assert status == 201 or answer.field == "departments"


def test_a_customers_key_gives_only_keys_of_this_customer(desk: Cloud) -> None:
    jane, john = desk.person(500), desk.person(501)
    bound = desk.key(permissions=MANAGER, customer=jane)["key"]

    def status(**facts: int) -> int:
        return desk.call("POST", "/api/admin/keys", {"name": "x", **facts}, key=bound).status

    assert status(customer=jane) == 201
    assert status(customer=john) == 403
    assert status() == 403


def test_a_bound_key_knows_of_no_key_outside_its_bounds(desk: Cloud) -> None:
    inside = desk.key(departments=[2])
    outside = desk.key(departments=[3])
    bound = desk.key(permissions=MANAGER, departments=[1, 2])

    listed = desk.call("GET", "/api/admin/keys", key=bound["key"]).body["items"]
    path = f"/api/admin/keys/{outside['id']}"

    assert [key["id"] for key in listed] == [inside["id"], bound["id"]]
    assert desk.call("GET", path, key=bound["key"]).status == 404
    assert desk.call("PATCH", path, {"name": "x"}, key=bound["key"]).status == 404
    assert desk.call("POST", f"{path}/rotate", {}, key=bound["key"]).status == 404
    assert desk.call("DELETE", path, key=bound["key"]).status == 404
    assert allowed(verdict(outside["key"]))


def test_an_agents_key_gives_another_agent_only_if_it_may_act_for_others(desk: Cloud) -> None:
    def agent(name: str) -> int:
        body = {"name": name, "email": f"{name}@example.com", "username": name}
        number: int = desk.call("POST", "/api/admin/agents", body).body["id"]
        return number

    ann, bob = agent("ann"), agent("bob")
    bound = desk.key(permissions=MANAGER, agent=ann)["key"]
    trusted = desk.key(permissions=[*MANAGER, "can_act_for_others"], agent=ann)["key"]

    def status(key: str, **facts: int) -> int:
        return desk.call("POST", "/api/admin/keys", {"name": "x", **facts}, key=key).status

    assert status(bound, agent=ann) == 201
    assert status(bound, agent=bob) == 403
    assert status(bound) == 403
    assert status(trusted, agent=bob) == 201


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"departments": [1, 999]}, "departments"),
        ({"agent": 999}, "agent"),
        ({"customer": 999}, "customer"),
        ({"customer": 1}, "customer"),
        ({"customer": 2}, "customer"),
    ],
)
def test_what_a_key_names_must_exist(desk: Cloud, facts: dict[str, Any], field: str) -> None:
    before = written()
    made = desk.call("POST", "/api/admin/keys", {"name": "x", **facts})
    changed = desk.call("PATCH", "/api/admin/keys/1", facts)

    assert (made.status, made.field) == (422, field)
    assert changed.status == 422
    assert written() == before


def test_an_agent_is_no_customer(desk: Cloud) -> None:
    agent = desk.call(
        "POST", "/api/admin/agents", {"name": "A", "email": "a@example.com", "username": "a"}
    ).body["id"]
    answer = desk.call("POST", "/api/admin/keys", {"name": "x", "customer": agent})
    assert (answer.status, answer.field) == (422, "customer")


# --- the last managing key ------------------------------------------------------------------


def last_managing(desk: Cloud) -> list[int]:
    """Which key is said to be the last managing one, in the list and by itself alike."""
    listed = desk.call("GET", "/api/admin/keys").body["items"]
    for key in listed:
        one = desk.call("GET", f"/api/admin/keys/{key['id']}").body
        assert one["last_managing"] == key["last_managing"]
    return [key["id"] for key in listed if key["last_managing"]]


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("DELETE", None),
        ("PATCH", {"active": False}),
        ("PATCH", {"permissions": ["can_manage_desk"]}),
        ("PATCH", {"expires": "2099-01-01T00:00:00Z"}),
        ("PATCH", {"departments": [1]}),
    ],
)
def test_the_last_managing_key_stays(desk: Cloud, method: str, body: object) -> None:
    # None of these can take its place: it is off, ends, is bound, or may not.
    desk.key(permissions=MANAGER, active=False)
    desk.key(permissions=MANAGER, expires="2099-01-01T00:00:00Z")
    desk.key(permissions=MANAGER, departments=[1])
    desk.key(permissions=["can_read_tickets"])
    before = written()

    answer = desk.call(method, "/api/admin/keys/1", body)
    assert (answer.status, answer.code) == (409, "last_managing_key")
    assert written() == before
    assert last_managing(desk) == [1]

    desk.key(permissions=[*permissions.PERMISSIONS])
    assert last_managing(desk) == []
    assert desk.call(method, "/api/admin/keys/1", body).status == 200


def test_the_last_managing_key_may_rotate_and_be_renamed(desk: Cloud) -> None:
    assert desk.call("PATCH", "/api/admin/keys/1", {"name": "Root"}).status == 200
    assert desk.call("POST", "/api/admin/keys/1/rotate", {"overlap_hours": 1}).status == 200


def test_of_many_managers_that_go_at_once_one_stays(desk: Cloud) -> None:
    ids = [1, *(desk.key(permissions=[*permissions.PERMISSIONS])["id"] for _ in range(4))]
    root = Actor(key=0, permissions=frozenset(permissions.PERMISSIONS))
    start = threading.Barrier(len(ids))

    def go(number: int) -> bool:
        start.wait()
        try:
            manage.delete_key(root, number)
        except Conflict:
            return False
        return True

    with crowd(len(ids)) as pool:
        gone = list(pool.map(go, ids))

    (left,) = finding.find_keys(root, finding.Wanted())[0]
    assert gone.count(False) == 1
    assert left.id == ids[gone.index(False)]


def test_there_is_never_a_second_first_key(desk: Cloud) -> None:
    before = written()
    assert manage.first_admin_key("the-first-admin-secret") is False
    assert manage.first_admin_key("another secret") is False
    assert written() == before

    desk.key(permissions=[*permissions.PERMISSIONS])
    desk.call("DELETE", "/api/admin/keys/1")
    assert manage.first_admin_key("the-first-admin-secret") is False
    assert not allowed(verdict("the-first-admin-secret"))


# --- what is stored and said ----------------------------------------------------------------


def test_no_secret_is_stored_or_logged(desk: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = desk.key(permissions=MANAGER, networks=["192.0.2.0/24"])
    path = f"/api/admin/keys/{made['id']}"
    turned = desk.call("POST", f"{path}/rotate", {"overlap_hours": 9}, headers=again("a")).body
    desk.call("GET", "/api/admin/keys", key=turned["key"])  # refused: wrong network
    desk.call("GET", path, key=turned["key"], source="192.0.2.1")
    desk.call("PATCH", path, {"nonsense": made["key"]}, key=made["key"], source="192.0.2.1")
    secrets = [desk.admin, made["key"], turned["key"]]

    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "refused" in logged
    assert "key_rotated" in (stored := json.dumps(items()))
    assert not [secret for secret in secrets if secret in logged + stored]


def again(header: str) -> dict[str, str]:
    return {"Idempotency-Key": header}


def test_a_repeated_create_is_one_key_and_the_secret_is_not_shown_again(desk: Cloud) -> None:
    body = {"name": "once", "permissions": ["can_read_tickets"]}
    first = desk.call("POST", "/api/admin/keys", body, headers=again("a"))
    second = desk.call("POST", "/api/admin/keys", body, headers=again("a"))
    other = desk.call("POST", "/api/admin/keys", body | {"name": "x"}, headers=again("a"))

    assert (first.status, second.status) == (201, 201)
    assert second.body == {name: first.body[name] for name in SHOWN}
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert len(desk.call("GET", "/api/admin/keys").body["items"]) == 2


def test_a_repeated_rotation_turns_once(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}/rotate"
    first = desk.call("POST", path, {"overlap_hours": 1}, headers=again("r"))
    second = desk.call("POST", path, {"overlap_hours": 1}, headers=again("r"))

    assert second.status == 200
    assert "key" not in second.body
    assert allowed(verdict(made["key"]))
    assert allowed(verdict(first.body["key"]))


def test_the_same_create_at_once_is_one_key(desk: Cloud) -> None:
    body = {"name": "once"}
    with crowd(8) as pool:
        answers = list(
            pool.map(
                lambda _: desk.call("POST", "/api/admin/keys", body, headers=again("p")), range(8)
            )
        )

    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sum("key" in answer.body for answer in answers) == 1
    assert len(desk.call("GET", "/api/admin/keys").body["items"]) == 2


def test_an_idempotency_key_has_255_characters_at_most(desk: Cloud) -> None:
    answer = desk.call("POST", "/api/admin/keys", {"name": "x"}, headers=again("k" * 256))
    assert (answer.status, answer.field) == (400, "Idempotency-Key")
    assert (
        desk.call("POST", "/api/admin/keys", {"name": "x"}, headers=again("k" * 255)).status == 201
    )


def test_every_change_is_an_event_that_the_background_must_hear_of(desk: Cloud) -> None:
    made = desk.key()
    path = f"/api/admin/keys/{made['id']}"
    desk.call("PATCH", path, {"name": "x"})
    desk.call("POST", f"{path}/rotate", {})
    desk.call("DELETE", path)

    waiting = [unpack(item) for item in items() if item["sk"]["S"].startswith("V#")]
    mine = sorted(
        (event for event in waiting if event["data"].get("key") == made["id"]),
        key=lambda event: event["at"],
    )
    assert [event["kind"] for event in mine] == [
        "key_created",
        "key_changed",
        "key_rotated",
        "key_deleted",
    ]
    assert all(event["todo"] == {"project"} and event["by_key"] == 1 for event in mine)


# --- counting requests ----------------------------------------------------------------------


def test_a_key_is_counted_apart_once_its_gateway_key_works(
    desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "usageIdentifierKey" not in verdict(desk.admin)
    usage_plan.share_gateway_key("shared-gateway-key-value", "plan")
    made = desk.key()
    assert verdict(made["key"])["usageIdentifierKey"] == "shared-gateway-key-value"

    value = usage_plan.gateway_value(made["id"])
    assert value == usage_plan.gateway_value(made["id"])
    assert usage_plan.count_separately(made["id"], "gw1") is True

    turned = desk.call("POST", f"/api/admin/keys/{made['id']}/rotate", {"overlap_hours": 1}).body
    # API Gateway refuses a key that it has only just been told of.
    for secret in (made["key"], turned["key"]):
        assert verdict(secret)["usageIdentifierKey"] == "shared-gateway-key-value"
    later(monkeypatch, minutes=6)
    assert verdict(made["key"])["usageIdentifierKey"] == value
    assert verdict(turned["key"])["usageIdentifierKey"] == value
    assert usage_plan.gateway_value(made["id"]) is None


def test_a_deleted_key_gets_no_gateway_key(desk: Cloud) -> None:
    made = desk.key()
    desk.call("DELETE", f"/api/admin/keys/{made['id']}")
    assert usage_plan.gateway_value(made["id"]) is None
    assert usage_plan.count_separately(made["id"], "gw1") is False


# --- when somebody else is faster -----------------------------------------------------------


def test_changes_at_once_all_hold(desk: Cloud) -> None:
    made = desk.key()
    root = Actor(key=1, permissions=frozenset(permissions.PERMISSIONS))
    changes: list[permissions.KeyFacts] = [
        {"name": "renamed"},
        {"networks": ("10.0.0.0/8",)},
        {"departments": frozenset({1})},
        {"permissions": frozenset({"can_read_stats"})},
    ]
    with crowd(len(changes)) as pool:
        list(pool.map(lambda facts: manage.change_key(root, made["id"], facts), changes))

    found = finding.find_key(root, made["id"])
    assert (found.name, found.networks) == ("renamed", ("10.0.0.0/8",))
    assert sorted(found.departments) == [1]
    assert sorted(found.permissions) == ["can_read_stats"]
    assert found.version == 5
