"""POST /api/v1/tickets (docs/zammad.md 7.3)."""

from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.catalogue import cache
from helpdesk.errors import Outdated
from tests.dialects.zammad.conftest import ARTICLE, TIME, Desk


def test_the_smallest_ticket_has_no_article(desk: Desk) -> None:
    made = desk.open()
    assert made["article_ids"] == []
    assert made["article_count"] is None
    assert (made["state_id"], made["priority_id"], made["owner_id"]) == (1, 2, 1)
    assert made["created_by_id"] == made["updated_by_id"] == 2
    assert made["number"].isdigit()
    assert TIME.fullmatch(made["created_at"])


def test_a_number_may_be_chosen(desk: Desk) -> None:
    made = desk.open(number="220017")
    assert made["number"] == "220017"
    assert desk.refused(number="220017") == (422, "This object already exists.")


def test_a_ticket_with_an_article_is_found_by_id(desk: Desk) -> None:
    made = desk.open(article=ARTICLE)
    found = desk.get(f"/api/v1/tickets/{made['id']}")
    ids = {"article_ids", "referencing_checklist_ids", "ticket_time_accounting_ids"}
    assert found == {name: value for name, value in made.items() if name not in ids}
    assert len(made["article_ids"]) == found["article_count"] == 1


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        ({"group": None}, 422, "The required value 'group_id' is missing."),
        (
            {"group": "not_existing"},
            422,
            "No lookup value found for 'group': \"not_existing\"",
        ),
        ({"group_id": 99}, 422, "Invalid value for param 'group_id': 99"),
        ({"article": {}}, 422, "Need at least an 'article body' field."),
        ({"article": {"body": " \n"}}, 422, "Need at least an 'article body' field."),
        ({"article": {"subject": "x"}}, 422, "Need at least an 'article body' field."),
        ({"owner_id": 0}, 422, "Invalid value for param 'owner_id': 0"),
        ({"owner_id": 99999}, 422, "Invalid value for param 'owner_id': 99999"),
        ({"owner_id": "abc"}, 422, "Invalid value for param 'owner_id': \"abc\""),
        ({"customer_id": 1}, 422, "Invalid value for param 'customer_id': 1"),
        ({"customer_id": 99999}, 422, "Invalid value for param 'customer_id': 99999"),
        ({"customer_id": None}, 422, "Attribute 'customer_id' required!"),
        ({"customer_id": "guess:nonsense"}, 422, "Invalid email 'nonsense' of customer"),
        ({"title": None}, 422, "Attribute 'title' required!"),
        ({"number": "12345"}, 422, "Invalid value for field 'number'!"),
        ({"number": "1" * 101}, 422, "Invalid value for field 'number'!"),
        ({"number": "a\x01b"}, 422, "Invalid value for field 'number'!"),
        ({"state": "merged"}, 422, "Invalid value '5' for field 'state_id'!"),
        (
            {"state": "pending reminder"},
            422,
            "Missing required value for field 'pending_time'!",
        ),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    desk: Desk, values: dict[str, Any], status: int, text: str
) -> None:
    assert desk.refused(**values) == (status, text)


def test_a_guess_that_is_no_address_has_no_human_words(desk: Desk) -> None:
    answer = desk.create(customer_id="guess:nonsense")
    assert answer.json == {"error": "Invalid email 'nonsense' of customer"}


@pytest.mark.parametrize("owner", ["", None])
def test_no_owner_is_nobody(desk: Desk, owner: object) -> None:
    assert desk.open(owner_id=owner)["owner_id"] == 1


def test_a_guessed_customer_is_made_once(desk: Desk) -> None:
    first = desk.open(customer_id="guess:New.One@Example.com")
    again = desk.open(customer_id="guess:new.one@example.com")
    by_name = desk.open(customer_id=None, customer="NEW.ONE@EXAMPLE.COM")
    assert first["customer_id"] == again["customer_id"] == by_name["customer_id"]
    full = desk.get(f"/api/v1/tickets/{first['id']}", full=True)
    user = full["assets"]["User"][str(first["customer_id"])]
    assert (user["firstname"], user["lastname"]) == ("New", "One")
    assert (user["email"], user["login"]) == ("new.one@example.com", "new.one@example.com")
    assert user["role_ids"] == [3]


def test_an_agent_opens_by_phone_and_the_ticket_is_open(desk: Desk) -> None:
    number, key = desk.agent()
    made = desk.open(key=key, article=ARTICLE | {"type": "phone"})
    assert made["state_id"] == 2
    assert made["first_response_at"] == made["last_contact_agent_at"] == made["created_at"]
    assert made["created_by_id"] == number


def test_an_agent_opens_by_a_note_and_the_ticket_is_new(desk: Desk) -> None:
    _, key = desk.agent()
    made = desk.open(key=key, article=ARTICLE)
    assert made["state_id"] == 1
    assert made["first_response_at"] is made["last_contact_at"] is None


def test_names_are_told_when_asked_for(desk: Desk) -> None:
    number, key = desk.agent()
    made = desk.open(key=key, owner_id=number)
    shown = desk.get(f"/api/v1/tickets/{made['id']}", expand=True)
    assert shown["group"] == "Users"
    assert (shown["state"], shown["priority"]) == ("new", "2 normal")
    assert (shown["owner"], shown["customer"]) == ("ann", "jane@example.com")
    assert "organization" not in shown


# --- rows that an admin has changed since this container has read them ----------------------


def test_a_row_that_is_new_is_known_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old = cache.seen()
    number = desk.row("departments", name="Shipping")
    monkeypatch.setattr(cache, "_kept", old)
    assert desk.open(group="Shipping")["group_id"] == number
    ticket = desk.open()["id"]
    new = desk.row("departments", name="Receiving")
    monkeypatch.setattr(cache, "_kept", old)
    assert desk.change(ticket, group="Receiving")["group_id"] == new


def test_a_name_is_that_of_the_row_that_has_it_now(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.row("departments", name="Shipping")
    old = cache.current()
    answer = desk.cloud.call("PATCH", f"/api/admin/departments/{before}", {"name": "Old"})
    assert answer.status == 200, answer.body
    number = desk.row("departments", name="Shipping")
    monkeypatch.setattr(cache, "_kept", old)
    made = desk.open(group="Shipping", article={"body": "Files are put anew", "type": "note"})
    assert made["group_id"] == number
    monkeypatch.setattr(cache, "_kept", old)
    assert desk.change(made["id"], group="Old")["group_id"] == before
    assert [one["id"] for one in desk.get("/api/v1/tickets")] == [made["id"]]


def test_a_catalogue_that_keeps_changing_is_a_conflict(desk: Desk) -> None:
    with patch.object(cache, "still", side_effect=Outdated):
        assert desk.refused()[0] == 409


def test_all_that_belongs_to_a_ticket(desk: Desk) -> None:
    ann, key = desk.agent()
    other = desk.open(title="Other")
    made = desk.open(
        tags="a, b",
        mentions=[ann],
        links={"Ticket": {"normal": [other["id"]]}},
        article=ARTICLE | {"time_unit": "3", "internal": True},
        key=key,
    )
    path = f"/api/v1/tickets/{made['id']}"
    whole = desk.get(path, all=True)
    assert (whole["ticket_id"], whole["ticket_article_ids"]) == (made["id"], made["article_ids"])
    link = {"link_type": "normal", "link_object": "Ticket", "link_object_value": other["id"]}
    assert whole["links"] == [link]
    assert (whole["tags"], whole["form_meta"]) == (["a", "b"], {})
    (mention,) = whole["mentions"]
    assets = whole["assets"]
    assert assets["Mention"][str(mention)]["user_id"] == ann
    assert whole["time_accountings"][0]["time_unit"] == "3.0"
    assert set(assets["Ticket"]) == {str(made["id"]), str(other["id"])}
    assert {str(ann), str(made["customer_id"])} <= set(assets["User"])
    (article,) = made["article_ids"]
    assert assets["TicketArticle"][str(article)]["body"] == ARTICLE["body"]
    # `expand` and `full` go before it.
    assert "title" in desk.get(path, all=True, expand=True)
    assert "id" in desk.get(path, all=True, full=True)
    permissions = ["can_read_tickets"]
    hers = desk.cloud.key(customer=made["customer_id"], permissions=permissions)["key"]
    seen = desk.get(path, all=True, key=hers)
    assert (seen["tags"], seen["ticket_article_ids"]) == (["a", "b"], [])
    assert (seen["links"], seen["mentions"], seen["time_accountings"]) == ([], [], [])
    assert set(seen["assets"]["Ticket"]) == {str(made["id"])}
    bob = desk.open(customer_id="guess:bob@example.com")["customer_id"]
    his = desk.cloud.key(customer=bob, permissions=permissions)["key"]
    assert desk.call("GET", path, key=his, all=True).status == 403
