"""Organizations: listed, shown, made, changed and removed (docs/zammad.md 9.5)."""

from typing import Any

import pytest

from tests.dialects.zammad.conftest import EVERY, Desk

ORGANIZATIONS = "/api/v1/organizations"


def new(desk: Desk, name: str = "Acme", **values: Any) -> Any:
    answer = desk.call("POST", ORGANIZATIONS, {"name": name} | values)
    assert answer.status == 201, answer.text
    return answer.json


def person(desk: Desk, email: str, **values: Any) -> Any:
    answer = desk.call("POST", "/api/v1/users", {"email": email} | values)
    assert answer.status == 201, answer.text
    return answer.json


def test_an_organization_is_made_shown_changed_and_removed(desk: Desk) -> None:
    made = new(desk, domain="acme.example", note="N", vip=True)
    assert list(made) == [
        *("id", "name", "shared", "domain", "domain_assignment", "active", "vip", "note"),
        *("updated_by_id", "created_by_id", "created_at", "updated_at"),
        *("member_ids", "secondary_member_ids"),
    ]
    assert (made["shared"], made["active"], made["vip"], made["created_by_id"]) == (
        True,
        True,
        True,
        2,
    )
    path = f"/api/v1/organizations/{made['id']}"
    assert desk.get(path) == made
    after = desk.call("PUT", path, {"name": "Acme Inc", "shared": False}).json
    assert (after["name"], after["shared"], after["note"]) == ("Acme Inc", False, "N")
    assert desk.call("DELETE", path).json == {}
    missing = desk.call("GET", path)
    assert missing.status == 404
    assert missing.error == f"Couldn't find Organization with 'id'={made['id']}"


def test_members(desk: Desk) -> None:
    first, second, third = (person(desk, f"p{at}@example.org")["id"] for at in range(3))
    made = new(desk, members=["P0@example.org", "p1@example.org"])
    assert made["member_ids"] == [first, second]
    path = f"/api/v1/organizations/{made['id']}"
    desk.call("PUT", f"/api/v1/users/{third}", {"organizations": ["ACME"]})
    after = desk.call("PUT", path, {"member_ids": [second]}).json
    assert (after["member_ids"], after["secondary_member_ids"]) == ([second], [third])
    wide = desk.get(path, expand=True)
    assert (wide["members"], wide["secondary_members"]) == (["p1@example.org"], ["p2@example.org"])
    full = desk.get(path, full=True)
    assert set(full["assets"]["User"]) == {"2", str(second), str(third)}
    assert desk.call("GET", f"/api/v1/users/{first}").json["organization_id"] is None
    assert desk.denied("DELETE", path) == (422, "Can't delete, object has references.")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Missing required value for field 'name'!"),
        ({"name": " "}, "Missing required value for field 'name'!"),
        (
            {"name": "x" * 129},
            "Invalid value for field 'name': at most 128 characters are allowed.",
        ),
        ({"name": "ACME"}, "This object already exists."),
        ({"name": "x", "members": ["nobody"]}, "No lookup value found for 'members': \"nobody\""),
        ({"name": "x", "member_ids": [3]}, "No value found for 'members' with id 3"),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(desk: Desk, body: Any, text: str) -> None:
    new(desk)
    assert desk.denied("POST", ORGANIZATIONS, body) == (422, text)


def test_the_list(desk: Desk) -> None:
    made = [new(desk, name)["id"] for name in ("Beta", "alpha", "Gamma")]
    assert [row["id"] for row in desk.get(ORGANIZATIONS)] == made
    assert [row["id"] for row in desk.get(ORGANIZATIONS, page=2, per_page=2)] == made[2:]
    by_name = desk.get(ORGANIZATIONS, sort_by="name", order_by="desc")
    assert [row["name"] for row in by_name] == ["Gamma", "Beta", "alpha"]
    assert desk.get(ORGANIZATIONS, page=2) == []
    full = desk.get(ORGANIZATIONS, full=True, per_page=1)
    assert (full["record_ids"], full["total_count"]) == (made[:1], 3)
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"sort_by": "foo"}, "Found invalid column 'foo' for sorting."),
        ({"order_by": "foo"}, "Found invalid order by value foo. Please use 'asc' or 'desc'."),
    )
    for query, text in refusals:
        answer = desk.call("GET", ORGANIZATIONS, **query)
        assert (answer.status, answer.error) == (422, text)


def test_who_may(desk: Desk) -> None:
    _, agent = desk.agent()
    made = desk.call("POST", ORGANIZATIONS, {"name": "Acme"}, key=agent)
    assert made.status == 201
    path = f"/api/v1/organizations/{made.json['id']}"
    assert desk.call("PUT", path, {"note": "x"}, key=agent).status == 200
    assert desk.denied("DELETE", path, key=agent) == (403, "Not authorized (token)!")
    nothing = desk.cloud.key(permissions=[])["key"]
    assert desk.denied("GET", ORGANIZATIONS, key=nothing) == (403, "Not authorized (token)!")
    department = desk.cloud.key(departments=[2], permissions=EVERY)["key"]
    assert desk.denied("PUT", path, {"note": "y"}, key=department)[0] == 403


def test_a_customer_sees_their_own(desk: Desk) -> None:
    own, other = new(desk)["id"], new(desk, "Other")["id"]
    who, key = desk.customer()
    assert desk.get(ORGANIZATIONS, key=key) == []
    assert desk.get(f"/api/v1/organizations/{own}", key=key) == {}
    desk.call("PUT", f"/api/v1/users/{who}", {"organization_id": own})
    assert [row["id"] for row in desk.get(ORGANIZATIONS, key=key)] == [own]
    assert desk.get(f"/api/v1/organizations/{own}", key=key)["member_ids"] == [who]
    assert desk.denied("GET", f"/api/v1/organizations/{other}", key=key) == (403, "Not authorized")
    for method, path in (("POST", ORGANIZATIONS), ("PUT", f"/api/v1/organizations/{own}")):
        assert desk.denied(method, path, {"name": "x"}, key=key) == (403, "Not authorized (user)!")


def test_colleagues_see_each_others_tickets(desk: Desk) -> None:
    own = new(desk)["id"]
    _, key = desk.customer("one@example.org")
    two = person(desk, "two@example.org")["id"]
    ticket = desk.open(customer_id=two)["id"]
    assert desk.call("GET", f"/api/v1/tickets/{ticket}", key=key).status == 403
    one = desk.get("/api/v1/users/me", key=key)["id"]
    desk.call("PUT", f"/api/v1/organizations/{own}", {"member_ids": [one, two]})
    desk.settle_all()
    assert desk.call("GET", f"/api/v1/tickets/{ticket}", key=key).status == 200
    desk.call("PUT", f"/api/v1/organizations/{own}", {"shared": False})
    assert desk.call("GET", f"/api/v1/tickets/{ticket}", key=key).status == 403


def test_a_repeated_post_is_one_organization(desk: Desk) -> None:
    who = person(desk, "one@example.org")["id"]
    headers = {"Idempotency-Key": "once"}
    body = {"name": "Acme", "member_ids": [who]}
    first, again = (desk.call("POST", ORGANIZATIONS, body, headers=headers) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert first.json["member_ids"] == [who]
