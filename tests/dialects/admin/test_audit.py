"""Who has changed what: by day, by object, by key; with both values, and never a secret."""

import json
from datetime import timedelta
from typing import Any

import pytest

from helpdesk.clock import now
from helpdesk.events import history
from helpdesk.model.actor import Actor
from helpdesk.storage import transact
from helpdesk.storage.attributes import Item
from tests.gateway import Cloud

PATH = "/api/admin/audit"


def changes(desk: Cloud, key: str | None = None, **query: str) -> list[dict[str, Any]]:
    answer = desk.call("GET", PATH, query=query, key=key)
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def test_a_change_of_a_key_is_told_with_both_values(desk: Cloud) -> None:
    made = desk.key(name="Shop", permissions=["can_read_tickets"])
    path = f"/api/admin/keys/{made['id']}"
    desk.call("PATCH", path, {"networks": ["10.0.0.0/8"], "name": "Till"})
    turned = desk.call("POST", f"{path}/rotate", {"overlap_hours": 1}).body
    desk.call("DELETE", f"{path}/old-secret")
    desk.call("DELETE", path)
    told = changes(desk, kind="keys", id=str(made["id"]))
    assert [one["what"] for one in told] == [
        "key_deleted",
        "key_changed",
        "key_rotated",
        "key_changed",
        "key_created",
    ]
    changed = told[3]
    assert changed["object"] == {"kind": "keys", "id": made["id"], "name": "Till"}
    assert changed["by"] == {
        "key": 1,
        "name": "First admin key",
        "agent": None,
        "user": None,
    }
    assert changed["at"].endswith("Z")
    assert changed["changes"] == [
        {"field": "name", "before": "Shop", "after": "Till"},
        {"field": "networks", "before": [], "after": ["10.0.0.0/8"]},
    ]
    created = {one["field"]: one["after"] for one in told[-1]["changes"]}
    assert created == {"name": "Shop", "permissions": ["can_read_tickets"], "active": True}
    whole = json.dumps(changes(desk))
    for secret in (made["key"], turned["key"]):
        assert secret not in whole
        assert secret[:6] not in whole


def test_a_change_of_rows_and_settings_is_told_with_both_values(desk: Cloud) -> None:
    desk.call("PATCH", "/api/admin/topics/1", {"name": "Other"})
    desk.call("PATCH", "/api/admin/settings", {"helpdesk_title": "Help"})
    number = desk.call("POST", "/api/admin/organizations", {"name": "Acme"}).body["id"]
    desk.call("PATCH", f"/api/admin/organizations/{number}", {"vip": True})
    (topic,) = changes(desk, kind="topics", id="1")
    assert [one["field"] for one in topic["changes"]] == ["name"]
    assert topic["changes"][0]["after"] == "Other"
    (setting,) = changes(desk, kind="settings")
    assert setting["changes"] == [{"field": "helpdesk_title", "before": "Support", "after": "Help"}]
    assert setting["object"] == {"kind": "settings", "id": 0, "name": None}
    assert setting == changes(desk, kind="settings", id="0")[0]
    vip, _ = changes(desk, kind="organizations", id=str(number))
    assert vip["changes"] == [{"field": "vip", "before": False, "after": True}]


def test_what_others_do_is_told_under_what_it_is_about(desk: Cloud) -> None:
    told: dict[str, tuple[Item, str, int | str | None]] = {
        "person_deleted": ({"person": 7, "gone": ["Ann"]}, "people", 7),
        "tag_created": ({"tag": 3, "name": "vip"}, "tags", 3),
        "suppressed": ({"address": "a@b.example"}, "suppressed", "a@b.example"),
        "suppression_lifted": ({"address": "a@b.example"}, "suppressed", "a@b.example"),
        "mail_taken_in": ({"mail": "m"}, "held-mail", "m"),
        "queue_redriven": ({"queue": "notify", "count": 2}, "queues", "notify"),
        "something_new": ({}, "something", None),
    }
    for kind, (data, *_) in told.items():
        transact.write(history.audit_event(kind, Actor(key=1), now(), data=data))
    found = {one["what"]: (one["kind"], one["object"]["id"]) for one in changes(desk)}
    assert {kind: found[kind] for kind in told} == {k: (of, n) for k, (_, of, n) in told.items()}
    (redriven,) = changes(desk, kind="queues")
    assert redriven["changes"] == [{"field": "count", "before": None, "after": 2}]
    assert [one["what"] for one in changes(desk, kind="people", id="7")] == ["person_deleted"]
    assert "Ann" not in json.dumps(changes(desk))


def test_what_is_long_is_told_in_part(desk: Cloud) -> None:
    addresses = [f"a{number}@spam.example" for number in range(1000)]
    desk.call("PATCH", "/api/admin/settings", {"ban_list": addresses})
    answer = desk.call("PATCH", "/api/admin/settings", {"ban_list": addresses[1:]})
    assert answer.status == 200
    latest = changes(desk, kind="settings")[0]["changes"]
    assert latest == [{"field": "ban_list", "before": addresses[:1], "after": []}]
    subject = {"body": "<p>" + "x" * 60_000}
    assert desk.call("PATCH", "/api/admin/templates/1", subject).status == 200
    (body,) = changes(desk, kind="templates")[0]["changes"]
    assert len(body["after"]) == 4001


def test_each_part_is_for_its_own_permission(desk: Cloud) -> None:
    desk.call("PATCH", "/api/admin/topics/1", {"name": "Other"})
    desk.call("PATCH", "/api/admin/settings", {"helpdesk_title": "Help"})
    kinds = {}
    for permission in ("can_manage_keys", "can_manage_directory", "can_manage_desk"):
        secret = desk.key(permissions=[permission])["key"]
        kinds[permission] = {one["kind"] for one in changes(desk, key=secret)}
    assert kinds["can_manage_keys"] == {"keys"}
    assert kinds["can_manage_directory"] - {"catalogue"} == {"topics"}
    assert kinds["can_manage_desk"] == {"settings"}
    bound = desk.key(permissions=["can_manage_keys"], departments=[1])["key"]
    assert desk.call("GET", PATH, key=bound).status == 403


def test_it_is_found_by_key_and_day_a_page_at_a_time(desk: Cloud) -> None:
    other = desk.key(permissions=["can_manage_desk"])
    for title in "abc":
        desk.call("PATCH", "/api/admin/settings", {"helpdesk_title": title}, key=other["key"])
    query = {"key": str(other["id"]), "day": f"{now():%Y-%m-%d}", "limit": "2"}
    first = desk.call("GET", PATH, query=query).body
    assert [one["changes"][0]["after"] for one in first["items"]] == ["c", "b"]
    rest = desk.call("GET", PATH, query=query | {"next": first["next"]}).body
    assert [one["changes"][0]["after"] for one in rest["items"]] == ["a"]
    assert rest["next"] is None
    assert changes(desk, day="2020-01-01") == []


def test_days_before_are_reached_and_what_was_written_before_is_read(desk: Cloud) -> None:
    then = now() - timedelta(days=40)
    old: Item = {"fields": ["name"], "kind": "topics", "row": 1}
    transact.write(history.audit_event("row_changed", Actor(key=1), then, data=old))
    first = desk.call("GET", PATH).body
    assert first["next"]
    rest = desk.call("GET", PATH, query={"next": first["next"]}).body
    (told,) = rest["items"]
    assert told["object"] == {"kind": "topics", "id": 1, "name": None}
    assert told["changes"] == [{"field": "name", "before": None, "after": None}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"day": "yesterday"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"id": "1"}, "kind"),
        ({"id": "x", "kind": "keys"}, "id"),
        ({"key": "-1"}, "key"),
        ({"next": "z"}, "next"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_filter_that_is_none_is_refused(desk: Cloud, query: dict[str, str], field: str) -> None:
    answer = desk.call("GET", PATH, query=query)
    assert (answer.status, answer.field) == (422, field)
