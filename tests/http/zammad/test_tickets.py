"""Tickets over HTTP: the conformance cases 1 to 14, 16, 17, 32 to 47, 66, 69 to 73, 76 and 78 to
80 of docs/zammad.md 14.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from zammad_py import ZammadAPI  # type: ignore[import-untyped]

from dialects import endpoint
from helpdesk import clock
from helpdesk.keys import authorize
from helpdesk.tickets import pending
from tests.http.desk import Desk
from tests.http.zammad.asking import (
    ARTICLE,
    Somebody,
    added,
    articles,
    ask,
    body_of,
    bound,
    changed,
    denied,
    file,
    found,
    made,
    opened,
    refused,
    said,
)

CREATE = pytest.mark.contract("POST /api/v1/tickets")
SHOW = pytest.mark.contract("GET /api/v1/tickets/{id}")
LIST = pytest.mark.contract("GET /api/v1/tickets")
CHANGE = pytest.mark.contract("PUT /api/v1/tickets/{id}")
DELETE = pytest.mark.contract("DELETE /api/v1/tickets/{id}")

NAMES = {"group", "priority", "state", "owner", "customer", "organization", "created_by"}
"""What only `expand` adds to a ticket."""

NO_ADMIN = (403, "Not authorized (admin permission required)!")

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def yard(desk: Desk) -> int:
    """A group of which customers and Xaver's key see nothing."""
    return int(made(desk, "groups", {"name": "Yard"})["id"])


# --- creating -------------------------------------------------------------------------------


@CREATE
def test_case_1_a_ticket_without_a_group(desk: Desk, ann: Somebody) -> None:
    text = "The required value 'group_id' is missing."
    assert refused(desk, key=ann.key, group=None) == (422, text)


@CREATE
def test_case_2_a_group_that_there_is_not(desk: Desk, ann: Somebody) -> None:
    text = "No lookup value found for 'group': \"not_existing\""
    assert refused(desk, key=ann.key, group="not_existing") == (422, text)


@CREATE
def test_case_3_an_agent_who_may_not_create(desk: Desk, ann: Somebody) -> None:
    key = bound(desk, agent=ann.id, permissions=("can_read_tickets", "can_update_tickets"))
    assert refused(desk, key=key) == (403, "Not authorized")


NO_BODY = (422, "Need at least an 'article body' field.")


@CREATE
def test_case_4_an_article_without_anything(desk: Desk, ann: Somebody) -> None:
    assert refused(desk, key=ann.key, article={}) == NO_BODY


@CREATE
def test_case_5_an_article_of_blanks(desk: Desk, ann: Somebody) -> None:
    assert refused(desk, key=ann.key, article={"body": "   \n"}) == NO_BODY


@CREATE
def test_case_6_an_article_with_a_subject_only(desk: Desk, ann: Somebody) -> None:
    assert refused(desk, key=ann.key, article={"subject": "some subject"}) == NO_BODY


@CREATE
def test_case_7_a_ticket_without_an_article(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)
    assert (ticket["article_ids"], ticket["article_count"]) == ([], None)
    assert articles(desk, ticket["id"]) == []


@CREATE
def test_case_8_a_ticket_with_the_smallest_article(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, article={"body": "some body"})
    assert found(desk, f"tickets/{ticket['id']}?expand=true")["state"] == "new"
    assert ticket["state_id"] == 1
    assert ticket["created_by_id"] == ticket["updated_by_id"] == ann.id
    assert len(ticket["article_ids"]) == ticket["article_count"] == 1


@CREATE
def test_case_9_a_customer_by_address(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    ticket = opened(desk, key=ann.key, customer_id=None, customer="jane@cases.example")
    assert ticket["customer_id"] == jane.id


@CREATE
def test_case_10_a_customer_by_address_in_upper_case(
    desk: Desk, ann: Somebody, jane: Somebody
) -> None:
    ticket = opened(desk, key=ann.key, customer_id=None, customer="JANE@CASES.EXAMPLE")
    assert ticket["customer_id"] == jane.id


@CREATE
def test_case_11_an_owner_of_id_0(desk: Desk, ann: Somebody) -> None:
    assert refused(desk, key=ann.key, owner_id=0) == (
        422,
        "Invalid value for param 'owner_id': 0",
    )


@CREATE
def test_case_12_an_owner_whom_there_is_not(desk: Desk, ann: Somebody) -> None:
    text = "Invalid value for param 'owner_id': 99999"
    assert refused(desk, key=ann.key, owner_id=99999) == (422, text)


@CREATE
def test_case_13_an_owner_without_an_id(desk: Desk, ann: Somebody) -> None:
    assert opened(desk, key=ann.key, owner_id="")["owner_id"] == 1


@CREATE
def test_case_14_an_owner_of_null(desk: Desk, ann: Somebody) -> None:
    body = {**body_of(), "owner_id": None}
    assert made(desk, "tickets", body, key=ann.key)["owner_id"] == 1


@CREATE
def test_case_16_a_guess_without_state_and_priority(desk: Desk, ann: Somebody) -> None:
    guess = "guess:some.guess@cases.example"
    shown = opened(desk, key=ann.key, query="?expand=true", customer_id=guess, article=ARTICLE)
    assert (shown["state"], shown["priority"]) == ("new", "2 normal")
    assert shown["customer"] == "some.guess@cases.example"


@CREATE
def test_case_17_a_guess_that_is_no_address(desk: Desk, ann: Somebody) -> None:
    before = desk.stored()
    answer = ask(desk, "POST", "tickets", body_of(customer_id="guess:nonsense"), key=ann.key)
    assert desk.stored() == before
    assert answer.status == 422
    assert answer.json == {"error": "Invalid email 'nonsense' of customer"}


# --- showing --------------------------------------------------------------------------------


@SHOW
def test_case_32_a_ticket_of_another_group(desk: Desk, ann: Somebody, xaver: Somebody) -> None:
    path = f"tickets/{opened(desk, key=ann.key)['id']}"
    for method, body in (("GET", None), ("PUT", {"title": "x"}), ("DELETE", None)):
        assert denied(desk, method, path, body, key=xaver.key) == (403, "Not authorized")


@SHOW
def test_case_33_a_ticket_as_it_is(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, article=ARTICLE)
    for query in ("", "?expand=false"):
        shown = found(desk, f"tickets/{ticket['id']}{query}", key=ann.key)
        assert not NAMES & shown.keys()
        assert (shown["id"], shown["title"]) == (ticket["id"], "a new ticket")
        assert "article_ids" not in shown


@SHOW
def test_case_34_a_ticket_with_names(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, owner_id=ann.id)
    shown = found(desk, f"tickets/{ticket['id']}?expand=true", key=ann.key)
    assert (shown["group"], shown["priority"], shown["owner"]) == ("Users", "2 normal", "ann")
    assert (shown["created_by"], shown["customer"]) == ("ann", "nina.new@cases.example")


@SHOW
def test_case_35_a_ticket_with_assets(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, owner_id=ann.id)
    full = found(desk, f"tickets/{ticket['id']}?full=true", key=ann.key)
    assert full["id"] == ticket["id"]
    assert full["assets"]["Ticket"] == {str(ticket["id"]): ticket}
    users = full["assets"]["User"]
    assert users.keys() >= {str(ann.id), str(ticket["customer_id"])}
    assert all(str(user["id"]) == number for number, user in users.items())


@LIST
def test_case_36_tickets_in_all_shapes(desk: Desk, ann: Somebody) -> None:
    new = [opened(desk, key=ann.key)["id"] for _ in range(3)]
    desk.cloud.drain()
    rows = found(desk, "tickets", key=ann.key)
    ids = [row["id"] for row in rows]
    assert ids == sorted(ids)
    assert set(new) <= set(ids)
    assert not NAMES & rows[0].keys()
    expanded = found(desk, "tickets?expand=true", key=ann.key)
    assert [row["id"] for row in expanded] == ids
    assert {"group", "state", "owner"} <= expanded[0].keys()
    full = found(desk, "tickets?full=true", key=ann.key)
    assert full["record_ids"] == ids
    assert set(full["assets"]["Ticket"]) == set(map(str, ids))


@LIST
def test_case_37_a_page_of_tickets(desk: Desk, ann: Somebody) -> None:
    for _ in range(10):
        opened(desk, key=ann.key)
    desk.cloud.drain()
    ids = [row["id"] for row in found(desk, "tickets", key=ann.key)]
    page = found(desk, "tickets?limit=40&page=2&per_page=5", key=ann.key)
    assert [row["id"] for row in page] == ids[5:10]


# --- changing -------------------------------------------------------------------------------


@CHANGE
def test_case_38_a_change_of_some_values(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    ticket = opened(desk, preferences={"k1": "v1"})
    values: dict[str, Any] = {"title": "renamed", "customer_id": jane.id}
    shown = changed(desk, ticket["id"], key=ann.key, **values, preferences={"k2": "v2"})
    assert {name: shown[name] for name in values} == values
    assert shown["preferences"] == {"k1": "v1", "k2": "v2"}
    assert (shown["updated_by_id"], shown["created_by_id"]) == (ann.id, ticket["created_by_id"])


@CHANGE
def test_case_39_a_number_stays(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)
    assert changed(desk, ticket["id"], key=ann.key, number="77777")["number"] == ticket["number"]


@CHANGE
def test_case_40_an_empty_article_is_none(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, article=ARTICLE)
    shown = changed(desk, ticket["id"], key=ann.key, article={})
    assert shown["article_ids"] == ticket["article_ids"]
    assert shown["updated_at"] == ticket["updated_at"]


@CHANGE
def test_case_41_answers_in_all_shapes(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, article=ARTICLE)["id"]

    def create(query: str) -> Any:
        return opened(desk, key=ann.key, query=query, article=ARTICLE)

    def change(query: str) -> Any:
        return changed(desk, ticket, key=ann.key, query=query, title=f"new {query}")

    for write in (create, change):
        plain = write("")
        assert plain["article_ids"]
        assert not NAMES & plain.keys()
        expanded = write("?expand=true")
        assert (expanded["group"], expanded["owner"]) == ("Users", "-")
        assert expanded["article_ids"]
        full = write("?full=true")
        assert full.keys() == {"id", "assets"}
        assert full["assets"]["Ticket"].keys() == {str(full["id"])}


@CHANGE
def test_a_bad_article_leaves_the_ticket_as_it_is(desk: Desk, ann: Somebody) -> None:
    """Decided: docs/zammad.md 17.28."""
    ticket = opened(desk, key=ann.key)["id"]
    values = {"title": "x", "article": {"subject": "no body"}}
    assert denied(desk, "PUT", f"tickets/{ticket}", values, key=ann.key) == NO_BODY


@DELETE
def test_case_42_who_may_delete(desk: Desk, ann: Somebody) -> None:
    path = f"tickets/{opened(desk, key=ann.key, article=ARTICLE)['id']}"
    assert denied(desk, "DELETE", path, key=ann.key) == NO_ADMIN
    gone = ask(desk, "DELETE", path)
    assert (gone.status, gone.json) == (200, {})
    missing = ask(desk, "GET", path)
    assert said(missing) == (404, f"Couldn't find Ticket with 'id'={path.removeprefix('tickets/')}")
    assert ask(desk, "DELETE", path).status == 404


# --- customers ------------------------------------------------------------------------------


@CREATE
def test_case_43_a_customer_asks_for_themselves(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    other = opened(desk, key=ann.key)["customer_id"]
    for named in (
        {"customer_id": None},
        {"customer_id": other},
        {"customer_id": None, "customer": {"firstname": "A", "email": "other@cases.example"}},
    ):
        ticket = opened(desk, key=jane.key, article=ARTICLE, **named)
        assert ticket["customer_id"] == ticket["created_by_id"] == jane.id


@CREATE
@pytest.mark.parametrize("asked", [{"origin_by": "ann"}, {"sender": "Agent"}])
def test_case_44_a_customer_speaks_as_one(
    desk: Desk, ann: Somebody, jane: Somebody, asked: dict[str, Any]
) -> None:
    ticket = opened(desk, key=jane.key, customer_id=None, article=ARTICLE | asked)
    (article,) = articles(desk, ticket["id"], key=ann.key)
    assert (article["origin_by_id"], article["sender"]) == (jane.id, "Customer")
    assert article["created_by_id"] == jane.id


@SHOW
def test_case_45_somebody_else_s_ticket(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    path = f"tickets/{opened(desk, key=ann.key)['id']}"
    for method, body in (("GET", None), ("PUT", {"title": "x"}), ("DELETE", None)):
        assert denied(desk, method, path, body, key=jane.key) == (403, "Not authorized")


@CHANGE
def test_case_46_a_customer_stays_the_customer(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    ticket = opened(desk, key=jane.key, customer_id=None)["id"]
    shown = changed(desk, ticket, key=jane.key, title="mine", customer_id=ann.id)
    assert (shown["title"], shown["customer_id"]) == ("mine", jane.id)


@DELETE
def test_case_47_a_customer_deletes_nothing(desk: Desk, jane: Somebody) -> None:
    path = f"tickets/{opened(desk, key=jane.key, customer_id=None)['id']}"
    assert denied(desk, "DELETE", path, key=jane.key) == NO_ADMIN


# --- credentials ----------------------------------------------------------------------------


@SHOW
def test_case_66_tokens_that_are_none_any_more(
    desk: Desk, jane: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Differs: no setting turns all tokens off, and a key that is off is an inactive user's."""
    day = (clock.now() + timedelta(days=1)).isoformat()
    for facts, text in (
        ({"expires": "2001-01-01T00:00:00Z"}, "Not authorized (token expired)!"),
        ({"active": False}, INACTIVE),
    ):
        answer = ask(desk, "GET", "tickets", key=bound(desk, **facts))
        assert said(answer) == (401, text)
    later = bound(desk, expires=day)
    assert ask(desk, "GET", "tickets", key=later).status == 200
    for module in (authorize, endpoint):
        monkeypatch.setattr(module, "now", lambda: clock.now() + timedelta(days=2))
    answer = ask(desk, "GET", "tickets", key=later)
    assert said(answer) == (401, "Not authorized (token expired)!")
    monkeypatch.undo()
    hers = bound(desk, customer=jane.id)
    assert ask(desk, "PUT", f"users/{jane.id}", {"active": False}).status == 200
    answer = ask(desk, "GET", "tickets", key=hers)
    assert ask(desk, "PUT", f"users/{jane.id}", {"active": True}).status == 200
    assert said(answer) == (401, INACTIVE)


INACTIVE = (
    "Login failed. Have you double-checked your credentials and completed the email "
    "verification step?"
)


@SHOW
def test_case_69_who_may_not_act_for_others(desk: Desk, jane: Somebody) -> None:
    unknown = ask(desk, "GET", "tickets", headers={"From": "99449494949"})
    assert said(unknown) == (403, "No such user '99449494949'")
    text = "Current user has no permission to use 'From'/'X-On-Behalf-Of'!"
    forbidden = ask(desk, "GET", "tickets", key=jane.key, headers={"From": str(jane.id)})
    assert said(forbidden) == (403, text)


@SHOW
def test_case_70_what_there_is_not(desk: Desk) -> None:
    """Differs: what stands beside `/api/v1` is another API's."""
    nowhere = ask(desk, "GET", "not_existing_url")
    assert nowhere.status == 404
    assert re.fullmatch(
        r"No route matches \[GET\] (/desk)?/api/v1/not_existing_url", nowhere.json["error"]
    )
    assert nowhere.json["error"] == nowhere.json["error_human"]
    assert said(ask(desk, "GET", "tickets/0")) == (404, "Couldn't find Ticket with 'id'=0")
    assert said(ask(desk, "GET", "tickets/x")) == (404, "Couldn't find Ticket with 'id'=x")


# --- states and times -----------------------------------------------------------------------


@CHANGE
def test_case_71_a_pending_ticket_needs_its_time(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    text = "Missing required value for field 'pending_time'!"
    asleep = {"state": "pending reminder"}
    assert denied(desk, "PUT", f"tickets/{ticket}", asleep, key=ann.key) == (422, text)
    assert refused(desk, key=ann.key, **asleep) == (422, text)
    shown = changed(desk, ticket, key=ann.key, **asleep, pending_time="2099-01-01T00:00:00+01:00")
    assert (shown["state_id"], shown["pending_time"]) == (3, "2098-12-31T23:00:00.000Z")
    assert changed(desk, ticket, key=ann.key, state="open")["pending_time"] is None


@CREATE
@pytest.mark.parametrize("kind", ["phone", "email"])
def test_case_72_an_agent_who_answers_opens_the_ticket(
    desk: Desk, ann: Somebody, kind: str
) -> None:
    ticket = opened(desk, key=ann.key, article=ARTICLE)
    assert ticket["state_id"] == 1
    assert ticket["first_response_at"] is ticket["last_contact_agent_at"] is None
    ticket = opened(desk, key=ann.key, article=ARTICLE | {"type": kind})
    assert ticket["state_id"] == 2
    assert ticket["first_response_at"] == ticket["last_contact_agent_at"] == ticket["created_at"]
    later = opened(desk, key=ann.key)
    added(desk, later["id"], key=ann.key)
    assert found(desk, f"tickets/{later['id']}")["state_id"] == 1
    article = added(desk, later["id"], key=ann.key, type=kind)
    shown = found(desk, f"tickets/{later['id']}")
    assert (shown["state_id"], shown["first_response_at"]) == (2, article["created_at"])
    assert shown["last_contact_at"] == shown["last_contact_agent_at"] == article["created_at"]


@CHANGE
def test_case_73_a_ticket_closed_twice(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    first = changed(desk, ticket, key=ann.key, state="closed")
    assert first["close_at"] == first["last_close_at"] == first["updated_at"]
    assert changed(desk, ticket, key=ann.key, state="open")["close_at"] == first["close_at"]
    again = changed(desk, ticket, key=ann.key, state="closed")
    assert again["close_at"] == first["close_at"] < again["last_close_at"]


# --- zammad-py ------------------------------------------------------------------------------


@LIST
def test_case_76_zammad_py_goes_through_all_pages(desk: Desk, yard: int) -> None:
    key = bound(desk, departments=[yard])
    ids = {opened(desk, group="Yard", title=f"{n}")["id"] for n in range(25)}
    desk.cloud.drain()
    page = ZammadAPI(url=f"{desk.cloud.url}/api/v1/", http_token=key).ticket.all()
    sizes, seen = [], list[int]()
    for _ in range(4):
        items = list(page)
        sizes.append(len(items))
        seen += [item["id"] for item in items]
        assert all(item["group"] == "Yard" for item in items)
        page = page.next_page()
    assert sizes == [10, 10, 5, 0]
    assert seen == sorted(ids)


@DELETE
def test_case_78_zammad_py_destroys_and_downloads(client: Any) -> None:
    data, text = bytes(range(256)), "Grüße\r\n".encode()
    files = [file(text), file(data, "b.pdf", "application/pdf")]
    ticket = client.ticket.create(params=body_of(article=ARTICLE | {"attachments": files}))["id"]
    (article,) = client.ticket.articles(ticket)
    for one, sent in zip(article["attachments"], (text, data), strict=True):
        got = client.ticket_article_attachment.download(one["id"], article["id"], ticket)
        assert got == sent
    assert client.ticket.destroy(ticket) == {}
    with pytest.raises(Exception, match="Couldn't find Ticket with 'id'"):
        client.ticket.find(ticket)


@CREATE
def test_case_79_zammad_py_on_behalf_of_somebody(desk: Desk, jane: Somebody) -> None:
    url = f"{desk.cloud.url}/api/v1/"
    behalf = ZammadAPI(url=url, http_token=desk.key, on_behalf_of="jane@cases.example")
    ticket = behalf.ticket.create(params=body_of(customer_id=None))
    assert ticket["created_by_id"] == ticket["customer_id"] == jane.id
    with behalf.request_on_behalf_of(str(jane.id)) as acting:
        assert acting.user.me()["email"] == "jane@cases.example"
    headers = {"X-On-Behalf-Of": "nobody@cases.example", "From": "JANE@cases.example"}
    assert found(desk, "users/me", headers=headers)["id"] == jane.id


# --- formats --------------------------------------------------------------------------------


@SHOW
def test_case_80_times_and_numbers(desk: Desk, ann: Somebody) -> None:
    """Decided: docs/zammad.md 16. A number is the desk's, a text of digits."""
    ticket = opened(desk, key=ann.key, owner_id=ann.id, article=ARTICLE | {"type": "phone"})["id"]
    later = "2099-01-01T00:00:00Z"
    changed(desk, ticket, key=ann.key, state="pending close", pending_time=later)
    pending = found(desk, f"tickets/{ticket}")
    closed = changed(desk, ticket, key=ann.key, state="closed")
    for shown in (pending, closed):
        times = {name: value for name, value in shown.items() if name.endswith(("_at", "_time"))}
        told = [value for value in times.values() if value is not None]
        assert all(TIME.fullmatch(value) for value in told)
        assert len(told) >= 6
        assert re.fullmatch(r"\d+", shown["number"])


@LIST
@pytest.mark.parametrize("path", ["tickets", "tickets/search", "ticket_articles"])
def test_a_key_that_may_not_read_is_refused_at_lists_too(desk: Desk, path: str) -> None:
    """Decided: docs/zammad.md 3."""
    answer = ask(desk, "GET", path, key=bound(desk, permissions=()))
    assert said(answer) == (403, "Not authorized (token)!")


@CHANGE
def test_who_has_a_pending_ticket_is_reminded_once(desk: Desk, ann: Somebody) -> None:
    until = (clock.now() + timedelta(hours=1)).isoformat()
    asleep = {"state": "pending reminder", "pending_time": until}
    ticket = opened(desk, key=ann.key, owner_id=ann.id, title="Wake me", **asleep)
    desk.cloud.drain()
    before = len(desk.cloud.mailbox.mails())
    with patch.object(pending, "now", lambda: clock.now() + timedelta(hours=2)):
        for _ in range(2):
            desk.cloud.run_schedule("BackgroundMarkOverdue")
            desk.cloud.drain()
    (mail,) = desk.cloud.mailbox.mails()[before:]
    assert (mail.subject, mail.to) == ("Ticket Reminder", "ann@desk.example")
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert mail.headers["References"].endswith("@desk.example>")
    assert f"Number: {ticket['number']}" in (mail.text or "")
