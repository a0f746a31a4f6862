"""PUT and DELETE /api/v1/tickets/{id} (docs/zammad.md 7.4 and 7.5)."""

from typing import Any

import pytest

from helpdesk.tickets import pending
from tests import world
from tests.dialects.osticket.conftest import Desk as Osticket
from tests.dialects.zammad.conftest import ARTICLE, Desk


def test_only_what_is_given_changes(desk: Desk) -> None:
    made = desk.open(preferences={"k1": 1})
    number, key = desk.agent()
    changed = desk.change(
        made["id"], key=key, title="Another", preferences={"k2": {"deep": 0.5}}, number="77777"
    )
    assert changed["title"] == "Another"
    assert changed["preferences"] == {"k1": 1, "k2": {"deep": 0.5}}
    assert changed["number"] == made["number"]
    assert (changed["created_by_id"], changed["updated_by_id"]) == (2, number)


def test_what_changes_nothing_writes_nothing(desk: Desk) -> None:
    made = desk.open(state="open", priority="3 high")
    before = world.written()
    changed = desk.change(made["id"], state="open", priority_id=3, title="Printer", article={})
    assert changed == made
    assert world.written() == before


def test_an_emergency_reads_as_high_and_stays_one(desk: Desk) -> None:
    made = desk.open(priority="3 high")
    number = made["number"]
    osticket = Osticket(desk.cloud)
    osticket.update(number, priority="Emergency")
    assert desk.change(made["id"], priority="3 high")["priority_id"] == 3
    assert osticket.get(number)["priority"] == "Emergency"


def test_an_article_is_added_with_the_change_or_neither(desk: Desk) -> None:
    made = desk.open(article=ARTICLE)
    changed = desk.change(made["id"], state="closed", article={"body": "Done."})
    assert len(changed["article_ids"]) == 2
    assert changed["state_id"] == 4
    before = world.written()
    bad = {"body": "x", "attachments": [{"filename": "a", "data": "?", "mime-type": "text/plain"}]}
    answer = desk.call("PUT", f"/api/v1/tickets/{made['id']}", {"title": "No", "article": bad})
    assert (answer.status, answer.error) == (
        422,
        "Invalid base64 for attachment with index '0'",
    )
    assert world.written() == before


def test_a_pending_ticket_wakes_with_another_state(desk: Desk) -> None:
    made = desk.open()
    path = f"/api/v1/tickets/{made['id']}"
    answer = desk.call("PUT", path, {"state": "pending reminder"})
    assert (answer.status, answer.error) == (
        422,
        "Missing required value for field 'pending_time'!",
    )
    asleep = desk.change(made["id"], state="pending reminder", pending_time="2099-01-01T00:00:00Z")
    assert (asleep["state_id"], asleep["pending_time"]) == (3, "2099-01-01T00:00:00.000Z")
    awake = desk.change(made["id"], state="open")
    assert (awake["state_id"], awake["pending_time"]) == (2, None)


def test_closing_again_moves_only_the_last_close(desk: Desk, timed: None) -> None:
    made = desk.open()
    first = desk.change(made["id"], state="closed")
    assert first["close_at"] == first["last_close_at"] is not None
    world.later(hours=1)
    assert desk.change(made["id"], state="open")["state_id"] == 2
    world.later(hours=1)
    again = desk.change(made["id"], state="closed")
    assert again["close_at"] == first["close_at"] < again["last_close_at"]


def test_an_owner_who_is_none_is_nobody(desk: Desk) -> None:
    number, _ = desk.agent()
    made = desk.open(owner_id=number)
    assert made["owner_id"] == number
    desk.cloud.call("PATCH", f"/api/admin/agents/{number}", {"active": False})
    assert desk.change(made["id"], owner_id=number, title="x")["owner_id"] == 1
    assert desk.change(made["id"], owner_id=1)["owner_id"] == 1


# --- whose ticket it is ---------------------------------------------------------------------


def test_a_customer_changes_little_of_their_own(desk: Desk) -> None:
    person, key = desk.customer()
    other = desk.open(customer_id="guess:other@example.com")
    own = desk.open(key=key, customer_id=other["customer_id"], owner_id=99)
    assert own["customer_id"] == own["created_by_id"] == person
    values = {"title": "Mine", "customer_id": other["customer_id"], "owner_id": 1}
    changed = desk.change(own["id"], key=key, **values)
    assert (changed["title"], changed["customer_id"]) == ("Mine", person)
    for method in ("GET", "PUT", "DELETE"):
        body: Any = {} if method == "PUT" else None
        answer = desk.call(method, f"/api/v1/tickets/{other['id']}", body, key=key)
        assert (answer.status, answer.error) == (403, "Not authorized")


@pytest.mark.parametrize("who", ["agent", "customer"])
def test_who_may_not_delete_hears_why(desk: Desk, who: str) -> None:
    _, key = desk.agent() if who == "agent" else desk.customer()
    made = desk.open(key=key)
    answer = desk.call("DELETE", f"/api/v1/tickets/{made['id']}", key=key)
    assert (answer.status, answer.error) == (
        403,
        "Not authorized (admin permission required)!",
    )
    assert desk.call("DELETE", f"/api/v1/tickets/{made['id']}").json == {}
    gone = desk.call("GET", f"/api/v1/tickets/{made['id']}")
    assert (gone.status, gone.error) == (404, f"Couldn't find Ticket with 'id'={made['id']}")


def test_another_department_s_ticket_is_refused(desk: Desk) -> None:
    group = desk.row("departments", name="Billing")
    _, key = desk.agent(departments=[group])
    made = desk.open()
    for method in ("GET", "PUT", "DELETE"):
        body: Any = {} if method == "PUT" else None
        answer = desk.call(method, f"/api/v1/tickets/{made['id']}", body, key=key)
        assert (answer.status, answer.error) == (403, "Not authorized")


# --- lists ----------------------------------------------------------------------------------


def test_a_list_is_by_id_and_in_pages(desk: Desk) -> None:
    ids = [desk.open()["id"] for _ in range(7)]
    desk.settle()
    assert [one["id"] for one in desk.get("/api/v1/tickets")] == ids
    page = desk.get("/api/v1/tickets", limit=40, page=2, per_page=3, sort_by="title")
    assert [one["id"] for one in page] == ids[3:6]
    assert desk.get("/api/v1/tickets", page=9) == []
    full = desk.get("/api/v1/tickets", full="true")
    assert full["record_ids"] == ids
    assert set(full["assets"]["Ticket"]) == set(map(str, ids))
    assert desk.get("/api/v1/tickets", expand="1")[0]["group"] == "Users"


def test_who_the_key_is(desk: Desk) -> None:
    assert desk.get("/api/v1/users/me")["id"] == 2
    number, key = desk.agent()
    me = desk.get("/api/v1/users/me", key=key)
    assert (me["id"], me["login"], me["firstname"], me["role_ids"]) == (number, "ann", "Ann", [2])
    person, key = desk.customer()
    assert desk.get("/api/v1/users/me", key=key)["id"] == person


@pytest.mark.parametrize("by", ["id", "JANE@example.com"])
def test_from_acts_for_somebody_else(desk: Desk, by: str) -> None:
    person, key = desk.customer()
    named = {"From": str(person) if by == "id" else by}
    assert desk.get("/api/v1/users/me", headers=named)["id"] == person
    body = {"title": "x", "group": "Users"}
    made = desk.call("POST", "/api/v1/tickets", body, headers=named).json
    assert (made["created_by_id"], made["customer_id"]) == (person, person)
    unknown = desk.call("GET", "/api/v1/users/me", headers={"From": "99449494949"})
    assert (unknown.status, unknown.error) == (403, "No such user '99449494949'")
    refused = desk.call("GET", "/api/v1/users/me", headers=named, key=key)
    assert refused.error == "Current user has no permission to use 'From'/'X-On-Behalf-Of'!"


# --- pending tickets ------------------------------------------------------------------------


def test_pending_tickets_wake_when_their_time_comes(desk: Desk, timed: None) -> None:
    until = "2026-03-02T10:00:00Z"
    closes = desk.open(state="pending close", pending_time=until)["id"]
    reminds = desk.open(state="pending reminder", pending_time=until)["id"]
    assert pending.wake_pending() == 0
    world.later(hours=1, seconds=1)
    assert pending.wake_pending() == 2
    assert pending.wake_pending() == 0
    closed = desk.get(f"/api/v1/tickets/{closes}")
    assert (closed["state_id"], closed["pending_time"]) == (4, None)
    assert closed["close_at"] is not None
    reminded = desk.get(f"/api/v1/tickets/{reminds}")
    assert (reminded["state_id"], reminded["pending_time"]) == (3, "2026-03-02T10:00:00.000Z")
    # A later change does not let it sleep again.
    desk.change(reminds, title="x")
    assert pending.wake_pending() == 0
