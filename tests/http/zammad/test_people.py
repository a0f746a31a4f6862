"""Users, organizations, groups, roles, states and priorities over HTTP: conformance cases
(docs/zammad.md).
"""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.http.desk import Desk
from tests.http.zammad.asking import ask, bound, made

# --- conformance cases ----------------------------------------------------------------------


@pytest.mark.contract("POST /api/v1/tickets")
def test_case_15_a_guessed_customer_has_the_role_customer(desk: Desk) -> None:
    body = {"title": "x", "group": "Users", "customer_id": "guess:first.last@guess.example"}
    first, again = (made(desk, "tickets", body)["customer_id"] for _ in range(2))
    assert first == again
    user = ask(desk, "GET", f"users/{first}?expand=true").json
    assert (user["roles"], user["email"]) == (["Customer"], "first.last@guess.example")


@pytest.mark.contract("POST /api/v1/tickets")
def test_case_18_a_described_customer_has_the_names(desk: Desk) -> None:
    who = {"firstname": "Ada", "lastname": "King", "email": "ada.king@case.example"}
    body = {"title": "x", "group": "Users", "customer": who}
    user = ask(desk, "GET", f"users/{made(desk, 'tickets', body)['customer_id']}").json
    assert {name: user[name] for name in who} == who


@pytest.mark.contract("PUT /api/v1/tickets/{id}")
def test_case_48_a_customer_follows_up_as_the_group_allows(desk: Desk) -> None:
    group = made(desk, "groups", {"name": "Strict", "follow_up_possible": "new_ticket"})["id"]
    body = {"title": "x", "group_id": group, "customer_id": "guess:cu@case48.example"}
    opened = made(desk, "tickets", {**body, "article": {"body": "Hello"}})
    ticket, path = opened["id"], f"tickets/{opened['id']}"
    customer = bound(desk, customer=opened["customer_id"])
    assert ask(desk, "PUT", path, {"state": "closed"}).status == 200
    refused = ask(desk, "PUT", path, {"state": "open"}, key=customer)
    text = "Cannot follow-up on a closed ticket. Please create a new ticket."
    assert (refused.status, refused.json["error"]) == (422, text)
    assert ask(desk, "PUT", path, {"state": "open"}).status == 200
    assert ask(desk, "PUT", path, {"state": "closed"}).status == 200
    assert ask(desk, "PUT", f"groups/{group}", {"follow_up_possible": "yes"}).status == 200
    assert ask(desk, "PUT", path, {"state": "open"}, key=customer).json["id"] == ticket


@pytest.mark.contract("GET /api/v1/organizations")
def test_case_65_without_credentials_nothing_is_told(desk: Desk) -> None:
    nobody = desk.call("GET", "/api/v1/organizations", key=None)
    assert (nobody.status, nobody.json["error"]) == (403, "Authentication required")
    wrong = {"Authorization": f"Basic {b64encode(b'jane@x.org:wrong').decode()}"}
    answer = desk.call("GET", "/api/v1/organizations", key=None, headers=wrong)
    assert (answer.status, answer.json["error"]) == (401, "Invalid BasicAuth credentials")


@pytest.mark.contract("GET /api/v1/users")
def test_case_67_a_token_without_the_permission_is_refused(desk: Desk) -> None:
    key = bound(desk, permissions=())
    for path in ("users", "organizations", "groups", "roles", "ticket_states"):
        answer = ask(desk, "GET", path, key=key)
        assert (answer.status, answer.json["error"]) == (403, "Not authorized (token)!")
        assert answer.headers["x-failure"] == "Not authorized (token)!"


@pytest.mark.contract("GET /api/v1/users/me")
def test_case_68_who_is_acted_for_is_me(desk: Desk) -> None:
    user = made(desk, "users", {"email": "acted@case68.example", "login": "acted"})
    for name in (str(user["id"]), "ACTED", "acted@case68.example"):
        assert ask(desk, "GET", "users/me", headers={"From": name}).json == user
        body = {"title": "x", "group": "Users"}
        ticket = made(desk, "tickets", body, headers={"From": name})
        assert (ticket["customer_id"], ticket["created_by_id"]) == (user["id"], user["id"])


# --- one desk in all dialects ---------------------------------------------------------------


@pytest.mark.contract("PUT /api/v1/users/{id}")
def test_osticket_sees_the_same_person(desk: Desk) -> None:
    number = desk.open(name="Jane Doe", email="jane@both.example", phone="3185558634")
    person = desk.show(number)["userId"]
    user = ask(desk, "GET", f"users/{person}").json
    assert (user["firstname"], user["lastname"]) == ("Jane", "Doe")
    assert user["phone"] == "3185558634"
    acme = made(desk, "organizations", {"name": "Both Inc"})["id"]
    change = {"lastname": "Roe", "email": "roe@both.example", "organization_id": acme}
    assert ask(desk, "PUT", f"users/{person}", change).status == 200
    desk.cloud.drain()
    assert desk.show(number)["user"] == {"name": "Jane Roe", "email": "roe@both.example"}
    again = desk.open(name="Somebody", email="ROE@both.example")
    assert desk.show(again)["userId"] == person
    ticket = ask(desk, "GET", f"tickets/{desk.show(again)['id']}?expand=true").json
    assert (ticket["organization"], ticket["customer"]) == ("Both Inc", "roe@both.example")


@pytest.mark.contract("PUT /api/v1/organizations/{id}")
def test_colleagues_of_a_shared_organization_see_each_others_tickets(desk: Desk) -> None:
    one = made(desk, "users", {"email": "one@shared.example"})["id"]
    two = made(desk, "users", {"email": "two@shared.example"})["id"]
    acme = made(desk, "organizations", {"name": "Shared", "member_ids": [one, two]})["id"]
    ticket = made(desk, "tickets", {"title": "x", "group": "Users", "customer_id": two})
    key, other = bound(desk, customer=one), bound(desk, customer=one)
    assert ask(desk, "GET", f"tickets/{ticket['id']}", key=key).status == 200
    seen = desk.call("GET", f"/api/tickets-get.php/{ticket['number']}.json", key=key)
    assert seen.status == 200
    assert set(ask(desk, "GET", f"users/{two}", key=key).json) == {
        *("id", "firstname", "lastname", "image", "active")
    }
    assert ask(desk, "PUT", f"organizations/{acme}", {"shared": False}).status == 200
    # Of the first key the gateway still has the verdict of before, for a minute at most.
    answer = ask(desk, "GET", f"tickets/{ticket['id']}", key=other)
    assert (answer.status, answer.json["error"]) == (403, "Not authorized")
