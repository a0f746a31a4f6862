"""Groups, roles, states, priorities, and what is the same for everybody (docs/zammad.md 9, 10)."""

from typing import Any

import pytest

from tests.dialects.zammad.conftest import EVERY, Desk

KINDS = ("groups", "roles", "ticket_states", "ticket_priorities")


def names(desk: Desk, kind: str, **query: Any) -> dict[int, str]:
    return {row["id"]: row["name"] for row in desk.get(f"/api/v1/{kind}", **query)}


def test_stock_rows_are_those_of_a_fresh_zammad(desk: Desk) -> None:
    assert names(desk, "ticket_states") == {
        1: "new",
        2: "open",
        3: "pending reminder",
        4: "closed",
        5: "merged",
        6: "removed",
        7: "pending close",
    }
    assert names(desk, "ticket_priorities") == {1: "1 low", 2: "2 normal", 3: "3 high"}
    assert names(desk, "roles") == {1: "Admin", 2: "Agent", 3: "Customer"}
    assert names(desk, "groups") == {1: "Users", 2: "Sales", 3: "Maintenance"}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_all_shapes(desk: Desk, kind: str) -> None:
    rows = desk.get(f"/api/v1/{kind}")
    assert [desk.get(f"/api/v1/{kind}/{row['id']}") for row in rows] == rows
    wide = desk.get(f"/api/v1/{kind}/1", expand=True)
    assert wide == rows[0] | {name: wide[name] for name in wide.keys() - rows[0].keys()}
    assert (wide["created_by"], wide["updated_by"]) == ("-", "-")
    full = desk.get(f"/api/v1/{kind}", full=True, per_page=2)
    assert (full["record_ids"], full["total_count"]) == ([1, 2], len(rows))
    (class_name,) = full["assets"].keys() - {"User"}
    assert full["assets"][class_name]["1"] == rows[0]
    assert desk.get(f"/api/v1/{kind}", page=2) == []
    descending = names(desk, kind, sort_by="id", order_by="desc")
    assert list(descending) == sorted(descending, reverse=True)
    missing = desk.call("GET", f"/api/v1/{kind}/99")
    assert missing.status == 404
    assert missing.error.endswith("with 'id'=99")
    assert desk.call("GET", f"/api/v1/{kind}", sort_by="foo").status == 422


def test_states_say_what_follows(desk: Desk) -> None:
    rows = {row["name"]: row for row in desk.get("/api/v1/ticket_states", expand=True)}
    assert rows["new"]["default_create"]
    assert rows["open"]["default_follow_up"]
    assert rows["pending close"]["next_state"] == "closed"
    assert rows["pending close"]["state_type"] == "pending action"
    assert "next_state" not in rows["open"]
    assert not rows["removed"]["active"]


def test_a_group_is_a_department(desk: Desk) -> None:
    made = desk.call("POST", "/api/v1/groups", {"name": "Sales::EU", "note": "N"})
    assert made.status == 201, made.text
    row = made.json
    assert (row["name"], row["name_last"], row["parent_id"]) == ("Sales::EU", "EU", 2)
    assert (row["follow_up_possible"], row["active"], row["note"]) == ("yes", True, "N")
    path = f"/api/v1/groups/{row['id']}"
    values = {
        "follow_up_possible": "new_ticket_after_certain_time",
        "reopen_time_in_days": "7",
        "active": False,
        "name": "Sales::EU",
    }
    after = desk.call("PUT", path, values).json
    assert (after["follow_up_possible"], after["reopen_time_in_days"]) == (
        "new_ticket_after_certain_time",
        7,
    )
    assert not after["active"]
    seen = desk.cloud.call("GET", f"/api/admin/departments/{row['id']}").body
    assert (seen["name"], seen["parent"], seen["reopen_days"]) == ("EU", 2, 7)
    assert desk.call("DELETE", path).json == {}
    assert desk.denied("DELETE", "/api/v1/groups/1")[1] == "Can't delete, object has references."


def test_a_group_has_the_agents_who_work_in_it(desk: Desk) -> None:
    ann, _ = desk.agent()
    bob = desk.row("agents", name="Bob", username="bob", email="bob@desk.example", department=2)
    users = {row["name"]: row["user_ids"] for row in desk.get("/api/v1/groups")}
    assert users == {"Users": [ann], "Sales": [ann, bob], "Maintenance": [ann]}
    assert "bob" in desk.get("/api/v1/groups/2", expand=True)["users"]


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        ("POST", "groups", {}, "Missing required value for field 'name'!"),
        ("POST", "groups", {"name": "sales"}, "This object already exists."),
        ("POST", "groups", {"name": "x::y"}, "No lookup value found for 'parent': \"x\""),
        ("POST", "groups", {"name": "x", "parent_id": 9}, "Invalid value for param 'parent_id': 9"),
        ("PUT", "groups/1", {"name": "x"}, "Invalid value 'x' for field 'name'!"),
        (
            "PUT",
            "groups/2",
            {"follow_up_possible": "x"},
            "Invalid value 'x' for field 'follow_up_possible'!",
        ),
        (
            "PUT",
            "groups/2",
            {"reopen_time_in_days": -1},
            "Invalid value '-1' for field 'reopen_time_in_days'!",
        ),
        ("PUT", "groups/9", {"name": "x"}, "Couldn't find Group with 'id'=9"),
        ("POST", "roles", {"name": "x"}, "Roles are built in and cannot be changed."),
        ("DELETE", "roles/1", None, "Roles are built in and cannot be changed."),
        ("PUT", "ticket_states/4", {"name": "x"}, "This is built in and cannot be changed."),
        ("DELETE", "ticket_priorities/1", None, "This is built in and cannot be changed."),
        (
            "POST",
            "ticket_states",
            {"name": "x"},
            "Missing required value for field 'state_type_id'!",
        ),
        (
            "POST",
            "ticket_states",
            {"name": "x", "state_type_id": 6},
            "Invalid value for param 'state_type_id': 6",
        ),
        (
            "POST",
            "ticket_states",
            {"name": "New", "state_type_id": 2},
            "This object already exists.",
        ),
        (
            "POST",
            "ticket_priorities",
            {"name": "x", "active": False},
            "Invalid value 'false' for field 'active'!",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(
    desk: Desk, method: str, path: str, body: object, text: str
) -> None:
    status, said = desk.denied(method, f"/api/v1/{path}", body)
    assert (status, said) == (404 if text.startswith("Couldn't") else 422, text)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ticket_states", {"name": "waiting", "state_type": "open"}),
        ("ticket_states", {"name": "done", "state_type_id": 5}),
        ("ticket_priorities", {"name": "4 very high"}),
    ],
)
def test_a_state_or_priority_of_ones_own(desk: Desk, kind: str, body: dict[str, Any]) -> None:
    made = desk.call("POST", f"/api/v1/{kind}", body)
    assert made.status == 201, made.text
    number = made.json["id"]
    assert number > 100
    name = kind.removeprefix("ticket_").replace("ies", "y").removesuffix("s")
    assert desk.open(**{f"{name}_id": number})[f"{name}_id"] == number
    path = f"/api/v1/{kind}/{number}"
    assert desk.call("PUT", path, {"name": "other"}).json["name"] == "other"
    free = desk.call("POST", f"/api/v1/{kind}", body | {"name": "free"}).json["id"]
    assert desk.call("DELETE", f"/api/v1/{kind}/{free}").json == {}
    desk.settle()
    if kind == "ticket_states":
        assert (
            desk.denied("DELETE", f"/api/v1/{kind}/{number}")[1]
            == "Can't delete, object has references."
        )


def test_who_may(desk: Desk) -> None:
    _, agent = desk.agent()
    _, customer = desk.customer()
    for kind in ("groups", "roles"):
        assert desk.denied("GET", f"/api/v1/{kind}", key=agent) == (403, "Not authorized (token)!")
        assert desk.denied("GET", f"/api/v1/{kind}", key=customer) == (
            403,
            "Not authorized (user)!",
        )
    for kind in ("ticket_states", "ticket_priorities"):
        for key in (agent, customer):
            assert desk.get(f"/api/v1/{kind}/1", key=key)["id"] == 1
        assert desk.denied("POST", f"/api/v1/{kind}", {"name": "x"}, key=agent) == (
            403,
            "Not authorized (token)!",
        )
        assert desk.denied("DELETE", f"/api/v1/{kind}/1", key=customer) == (
            403,
            "Not authorized (user)!",
        )
    bound = desk.cloud.key(departments=[2], permissions=EVERY)["key"]
    assert names(desk, "groups", key=bound) == {2: "Sales"}
    assert desk.call("GET", "/api/v1/groups/1", key=bound).status == 404
    assert desk.denied("PUT", "/api/v1/groups/2", {"note": "x"}, key=bound)[0] == 403


def test_fields_of_the_desk_are_attributes(desk: Desk) -> None:
    assert desk.get("/api/v1/object_manager_attributes") == []
    desk.row("fields", name="size", label="Size", kind="choice", choices={"s": "Small"})
    desk.row("fields", name="badge", label="Badge", form="contact", kind="number", required=True)
    rows = {row["name"]: row for row in desk.get("/api/v1/object_manager_attributes")}
    size, badge = rows["size"], rows["badge"]
    assert (size["object"], size["display"], size["data_type"]) == ("Ticket", "Size", "select")
    assert size["data_option"]["options"] == {"s": "Small"}
    assert (badge["object"], badge["data_type"]) == ("User", "integer")
    assert not badge["data_option"]["null"]
    assert (size["created_by_id"], size["active"], size["editable"]) == (2, True, True)
    _, customer = desk.customer()
    path = "object_manager_attributes"
    assert desk.denied("GET", f"/api/v1/{path}", key=customer) == (403, "Not authorized (user)!")


def test_what_everybody_hears(desk: Desk) -> None:
    _, key = desk.customer()
    assert desk.get("/api/v1/version", key=key) == {"version": "6.5.0"}
    assert desk.get("/api/v1/online_notifications", key=key) == []
    nothing = desk.cloud.key(permissions=[])["key"]
    denied = desk.denied("GET", "/api/v1/version", key=nothing)
    assert denied == (403, "Not authorized (token)!")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("groups", {"name": "Billing"}),
        ("ticket_states", {"name": "waiting", "state_type_id": 2}),
        ("ticket_priorities", {"name": "later"}),
    ],
)
def test_a_repeated_post_is_one_row(desk: Desk, kind: str, body: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": "once"}
    first, again = (desk.call("POST", f"/api/v1/{kind}", body, headers=headers) for _ in range(2))
    assert (first.status, first.json) == (201, again.json)
    assert len([name for name in names(desk, kind).values() if name == body["name"]]) == 1
