"""Users: listed, shown, made, changed and removed (docs/zammad.md 9.4)."""

from typing import Any

import pytest

from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key
from tests.dialects.zammad.conftest import EVERY, TIME, Desk

USERS = "/api/v1/users"
KEYS = (
    *("id", "organization_id", "login", "firstname", "lastname", "email", "image", "image_source"),
    *("web", "phone", "fax", "mobile", "department", "street", "zip", "city", "country"),
    *("address", "vip", "verified", "active", "note", "last_login", "source", "login_failed"),
    *("out_of_office", "out_of_office_start_at", "out_of_office_end_at"),
    *("out_of_office_replacement_id", "preferences", "updated_by_id", "created_by_id"),
    *("created_at", "updated_at", "role_ids", "two_factor_preference_ids", "organization_ids"),
    *("authorization_ids", "overview_sorting_ids", "group_ids"),
)
NOBODY = (
    "At least one identifier (firstname, lastname, phone, mobile or email) for user is required."
)
NEW = {"firstname": "Ada", "lastname": "Lovelace", "email": "Ada@Example.org", "mobile": "0170"}


def new(desk: Desk, **values: Any) -> Any:
    answer = desk.call("POST", USERS, NEW | values)
    assert answer.status == 201, answer.text
    return answer.json


def test_a_user_is_made_shown_changed_and_removed(desk: Desk) -> None:
    made = new(desk)
    assert list(made) == list(KEYS)
    assert (made["email"], made["login"]) == ("ada@example.org", "ada@example.org")
    assert (made["role_ids"], made["group_ids"], made["created_by_id"]) == ([3], {}, 2)
    assert TIME.fullmatch(made["created_at"])
    path = f"/api/v1/users/{made['id']}"
    assert desk.get(path) == made

    changed = desk.call("PUT", path, {"lastname": "King", "note": "A\nB", "vip": True, "web": None})
    assert changed.status == 200
    assert changed.json["firstname"] == "Ada"
    after = changed.json
    assert (after["lastname"], after["note"], after["vip"], after["web"]) == (
        "King",
        "A\nB",
        True,
        "",
    )
    assert desk.get(path) == after

    gone = desk.call("DELETE", path)
    assert (gone.status, gone.json) == (200, {})
    missing = desk.call("GET", path)
    assert (missing.status, missing.error) == (404, f"Couldn't find User with 'id'={made['id']}")


def test_shapes(desk: Desk) -> None:
    acme = desk.row("organizations", name="Acme")
    made = new(desk, organization="Acme", organization_ids=[acme])
    assert made["organization_id"] == acme
    wide = desk.get(f"/api/v1/users/{made['id']}", expand=True)
    assert wide["roles"] == ["Customer"]
    assert (wide["organization"], wide["organizations"]) == ("Acme", ["Acme"])
    assert (wide["created_by"], wide["updated_by"]) == ("desk", "desk")
    full = desk.get(f"/api/v1/users/{made['id']}", full=True)
    assert full["id"] == made["id"]
    assert full["assets"]["User"][str(made["id"])] == made
    assert full["assets"]["Organization"][str(acme)]["name"] == "Acme"
    listed = desk.get(USERS, full=True)
    assert listed["record_ids"] == [1, 2, made["id"]]
    assert set(listed["assets"]["User"]) == {"1", "2", str(made["id"])}


def test_the_list_is_by_id_in_pages_with_nobody_and_the_desk(desk: Desk) -> None:
    agent, _ = desk.agent()
    made = [new(desk, email=f"p{at}@example.org")["id"] for at in range(4)]
    ids = [1, 2, agent, *made]
    assert [row["id"] for row in desk.get(USERS)] == ids
    assert [row["id"] for row in desk.get(USERS, page=2, per_page=3, limit=50)] == ids[3:6]
    assert [row["id"] for row in desk.get(USERS, page=2, per_page=1, expand=True)] == [2]
    assert desk.get(USERS, page=9) == []
    rows = {row["id"]: row for row in desk.get(USERS, expand=True)}
    assert (rows[1]["login"], rows[1]["active"]) == ("-", False)
    assert rows[2]["roles"] == ["Admin", "Agent"]
    assert (rows[agent]["login"], rows[agent]["roles"]) == ("ann", ["Agent"])
    assert rows[agent]["groups"]["Users"] == ["full"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"web": "x"},
            NOBODY,
        ),
        ({"email": "nonsense"}, "Invalid email 'nonsense'"),
        (
            {"email": "Ann@desk.example"},
            "Email address 'ann@desk.example' is already used for another user.",
        ),
        (
            {"firstname": "x" * 101},
            "Invalid value for field 'firstname': at most 100 characters are allowed.",
        ),
        ({"login": "a", "organization_id": 99}, "Invalid value for param 'organization_id': 99"),
        ({"login": "a", "organization": "x"}, "No lookup value found for 'organization': \"x\""),
        ({"login": "a", "organization_ids": [9]}, "No value found for 'organizations' with id 9"),
        ({"login": "a", "roles": ["Boss"]}, "No lookup value found for 'roles': \"Boss\""),
        ({"login": "a", "role_ids": [99]}, "No value found for 'roles' with id 99"),
        (
            {"email": "a@b.example", "roles": ["Agent"], "group_ids": {"99": ["full"]}},
            "No value found for 'groups' with id 99",
        ),
        (
            {"email": "a@b.example", "roles": ["Agent"], "groups": {"x": "full"}},
            "No lookup value found for 'groups': \"x\"",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(desk: Desk, body: Any, text: str) -> None:
    desk.agent()
    assert desk.denied("POST", USERS, body) == (422, text)


def test_an_address_is_one_users(desk: Desk) -> None:
    new(desk)
    text = "Email address 'ada@example.org' is already used for another user."
    assert desk.denied("POST", USERS, NEW) == (422, text)


def test_without_login_one_is_drawn_and_a_taken_one_counted(desk: Desk) -> None:
    assert new(desk, email="", login="")["login"].startswith("auto-")
    assert [new(desk, email="", login="x")["login"] for _ in range(2)] == ["x", "x1"]
    assert new(desk, email="", firstname="Agnes First", lastname="")["lastname"] == "First"


def test_a_requester_of_a_ticket_is_the_same_person_in_all_dialects(desk: Desk) -> None:
    ticket = desk.open()
    person = ticket["customer_id"]
    desk.call(
        "PUT", f"/api/v1/users/{person}", {"firstname": "Jane", "lastname": "Doe", "phone": "12"}
    )
    shown = desk.get(f"/api/v1/users/{person}")
    assert (shown["firstname"], shown["email"]) == ("Jane", "jane@example.com")
    desk.settle_all()
    stored = table.get(ticket_key(ticket["id"])) or {}
    assert stored["person_name"] == "Jane Doe"
    assert desk.denied("DELETE", f"/api/v1/users/{person}") == (
        422,
        "Can't delete, object has references.",
    )


def test_preferences_are_merged(desk: Desk) -> None:
    made = new(desk, preferences={"a": 1.5})
    after = desk.call("PUT", f"/api/v1/users/{made['id']}", {"preferences": {"b": [None]}}).json
    assert after["preferences"] == {"a": 1.5, "b": [None]}


def test_fields_of_the_desk_are_attributes(desk: Desk) -> None:
    desk.row("fields", name="badge", label="Badge", form="contact", kind="number")
    made = new(desk, badge="7")
    assert made["badge"] == 7
    status, text = desk.denied("PUT", f"/api/v1/users/{made['id']}", {"badge": "seven"})
    assert (status, text) == (422, "Invalid value for field 'badge'!")
    assert desk.get(f"/api/v1/users/{made['id']}")["badge"] == 7


def test_a_repeated_post_is_one_user(desk: Desk) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [desk.call("POST", USERS, NEW, headers=headers) for _ in range(2)]
    assert answers[0].status == 201
    assert answers[0].json == answers[1].json


# --- agents ---------------------------------------------------------------------------------


def test_an_admin_makes_and_changes_agents(desk: Desk) -> None:
    made = new(desk, roles=["Agent"], group_ids={"2": ["full"]})
    assert (made["role_ids"], made["group_ids"]) == ([2], {"2": ["full"]})
    assert made["login"] == "ada@example.org"
    path = f"/api/v1/users/{made['id']}"
    after = desk.call(
        "PUT", path, {"lastname": "King", "active": False, "groups": ["Users", "Sales"]}
    )
    assert after.status == 200, after.text
    assert (after.json["lastname"], after.json["active"]) == ("King", False)
    assert set(after.json["group_ids"]) == {"1", "2"}
    assert desk.call("PUT", path, {"role_ids": [3]}).status == 422
    assert desk.call("DELETE", path).json == {}
    person = new(desk)
    assert desk.call("PUT", f"/api/v1/users/{person['id']}", {"roles": ["Agent"]}).status == 422


def test_nobody_and_the_desk_never_change(desk: Desk) -> None:
    for number in (1, 2):
        assert desk.get(f"/api/v1/users/{number}")["id"] == number
        for method in ("PUT", "DELETE"):
            assert desk.denied(method, f"/api/v1/users/{number}", {"firstname": "x"})[0] == 403


def test_an_agents_key_changes_customers_only_and_gives_no_roles(desk: Desk) -> None:
    agent, key = desk.agent()
    made = desk.call("POST", USERS, NEW | {"roles": ["Agent"], "password": "x"}, key=key)
    assert (made.status, made.json["role_ids"], made.json["created_by_id"]) == (201, [3], agent)
    assert "password" not in made.json
    path = f"/api/v1/users/{made.json['id']}"
    assert desk.call("PUT", path, {"city": "Bonn", "role_ids": [1]}, key=key).json["city"] == "Bonn"
    assert desk.denied("PUT", f"/api/v1/users/{agent}", {"city": "x"}, key=key) == (
        403,
        "Not authorized",
    )
    assert desk.denied("DELETE", path, key=key) == (403, "Not authorized (token)!")


# --- customers and bounds -------------------------------------------------------------------


def test_a_customer_sees_themselves_only(desk: Desk) -> None:
    other = new(desk)["id"]
    person, key = desk.customer()
    assert [row["id"] for row in desk.get(USERS, key=key)] == [person]
    assert desk.get(f"/api/v1/users/{person}", key=key)["email"] == "jane@example.com"
    for number in (1, 2, other):
        assert desk.denied("GET", f"/api/v1/users/{number}", key=key) == (403, "Not authorized")
    for method, path in (
        ("POST", USERS),
        ("PUT", f"/api/v1/users/{person}"),
        ("DELETE", f"/api/v1/users/{other}"),
    ):
        assert desk.denied(method, path, NEW, key=key) == (403, "Not authorized (user)!")


def test_colleagues_see_each_others_names(desk: Desk) -> None:
    acme = desk.row("organizations", name="Acme")
    colleague = new(desk, organization_id=acme)
    person, key = desk.customer()
    desk.call("PUT", f"/api/v1/users/{person}", {"organization_id": acme})
    shown = {"id": colleague["id"], "firstname": "Ada", "lastname": "Lovelace", "image": None}
    for flags in ({}, {"expand": True}):
        seen = desk.get(f"/api/v1/users/{colleague['id']}", key=key, **flags)
        assert seen == shown | {"active": True}


def test_a_key_without_the_permission_is_refused(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_create_tickets"])["key"]
    assert desk.denied("GET", USERS, key=key) == (403, "Not authorized (token)!")
    assert desk.call("POST", USERS, NEW, key=key).status == 201


def test_a_departments_key_makes_people_and_changes_none(desk: Desk) -> None:
    key = desk.cloud.key(departments=[2], permissions=EVERY)["key"]
    made = desk.call("POST", USERS, NEW, key=key)
    assert made.status == 201
    assert (
        desk.denied("PUT", f"/api/v1/users/{made.json['id']}", {"email": "x@y.example"}, key=key)[0]
        == 403
    )


def test_who_is_acted_for_by_login_address_and_id(desk: Desk) -> None:
    made = new(desk, login="countess")
    for name in ("COUNTESS", "ADA@example.org", str(made["id"])):
        headers = {"From": name}
        assert desk.get("/api/v1/users/me", headers=headers)["id"] == made["id"]
        assert [row["id"] for row in desk.get(USERS, headers=headers)] == [made["id"]]


def test_a_picture_is_a_pixel(desk: Desk) -> None:
    answer = desk.call("GET", "/api/v1/users/image/abc")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
