"""The desk's mails as admins see them: listed, read, sent again; and lifted suppressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.broadcasts import mails
from local.aws import partitions
from local.aws.faults import Fault, How
from tests.http.desk import Desk, Item

PATH, SUPPRESSED = "/api/admin/mail", "/api/admin/suppressed"
BOUNCES = "bounce@simulator.amazonses.com"


def listed(desk: Desk, query: str = "") -> list[Item]:
    answer = desk.call("GET", f"{PATH}{query}")
    assert answer.status == 200, answer.text
    items: list[Item] = answer.json["items"]
    return items


def opened(desk: Desk, email: str, **values: Any) -> str:
    number = desk.open(email=email, **values)
    desk.cloud.drain(retry=True)
    return number


@pytest.fixture(autouse=True)
def prompt_indexes(desk: Desk) -> Iterator[None]:
    """Indexes that say at once what the table says."""
    partitions.set_lag(0)
    yield
    partitions.set_lag(desk.cloud.options.index_lag)


def test_a_mail_is_listed_and_read(desk: Desk) -> None:
    file = {"a.txt": "data:text/plain,hello"}
    number = opened(desk, "ann@customer.example", subject="Toner", attachments=[file])
    (mail,) = (one for one in listed(desk, f"?ticket={number}") if "ann@" in one["to"])
    assert mail["to"] == "ann@customer.example"
    assert (mail["state"], mail["reason"], mail["template"]) == ("sent", "", "ticket.autoresp")
    assert mail["ticket"] == {"id": desk.show(number)["id"], "number": number}
    assert mail["subject"] == f"Support Ticket Opened [#{number}]"
    assert mail["size"] > 500
    shown = desk.call("GET", f"{PATH}/{mail['id']}").json
    assert {name: shown[name] for name in mail} == mail
    assert number in shown["text"]
    assert number in shown["html"]
    assert shown["made_anew"] is True
    told = next(one for one in desk.cloud.mailbox.mails() if one.to == mail["to"])
    headers = dict(shown["headers"])
    assert headers["Subject"] == told.subject
    assert headers["Message-ID"].strip("<>") == told.message_id.strip("<>")


def test_the_files_of_an_answer_are_named_with_their_sizes(desk: Desk) -> None:
    desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
    number = opened(desk, "files@customer.example")
    answer = {"message": "Here", "staffId": "ann", "attachments": [{"a.txt": "data:,hello"}]}
    assert desk.call("POST", f"/api/tickets-reply.php/{number}.json", answer).status == 201
    desk.cloud.drain(retry=True)
    reply = next(
        one for one in listed(desk, f"?ticket={number}") if one["template"] == "ticket.reply"
    )
    assert reply["files"] == 1
    shown = desk.call("GET", f"{PATH}/{reply['id']}").json
    assert shown["attachments"] == [{"name": "a.txt", "type": "text/plain", "size": 5}]


def test_lists_by_day_address_ticket_and_state_agree(desk: Desk) -> None:
    numbers = [opened(desk, "many@customer.example") for _ in range(3)]
    opened(desk, BOUNCES)
    opened(desk, BOUNCES)  # suppressed by now
    opened(desk, "ann@customer.example")
    whole = listed(desk)
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    filters: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("?to=Many@customer.example", lambda one: one["to"] == "many@customer.example"),
        ("?state=bounced", lambda one: one["state"] == "bounced"),
        ("?state=refused", lambda one: one["state"] == "refused"),
        ("?state=sent", lambda one: one["state"] == "sent"),
        (f"?ticket={numbers[0]}", lambda one: (one["ticket"] or {}).get("number") == numbers[0]),
        (f"?to={BOUNCES}&state=refused", lambda one: one["reason"] == "suppressed"),
    )
    for query, fits in filters:
        wanted = {one["id"] for one in whole if fits(one)}
        assert wanted, query
        assert {one["id"] for one in listed(desk, query)} == wanted, query
        # The same a page at a time.
        found, following = [], ""
        with patch.object(mails, "MOST_LOOKED_AT", 2):
            for _ in range(100):
                page = desk.call("GET", f"{PATH}{query}&limit=1{following}").json
                found += [one["id"] for one in page["items"]]
                if page["next"] is None:
                    break
                following = f"&next={page['next']}"
        assert len(found) == len(wanted), query
        assert set(found) == wanted, query
    (bounced,) = listed(desk, "?state=bounced")
    assert (bounced["to"], bounced["reason"]) == (BOUNCES, "bounce")


def test_a_refused_mail_is_sent_once_more(desk: Desk) -> None:
    address = "bounce@simulator.amazonses.com"
    desk.call("DELETE", f"{SUPPRESSED}/{address}")
    answer = desk.call("POST", SUPPRESSED, {"address": "Later@customer.example"})
    assert (answer.status, answer.json["reason"]) == (201, "admin")
    number = opened(desk, "later@customer.example")
    (mail,) = (one for one in listed(desk, f"?ticket={number}") if one["state"] == "refused")
    assert mail["reason"] == "suppressed"
    place = f"{PATH}/{mail['id']}/send-again"
    # Still suppressed: refused again.
    assert desk.call("POST", place, {}).json == {"mail": mail["id"]}
    desk.cloud.drain(retry=True)
    assert desk.call("GET", f"{PATH}/{mail['id']}").json["state"] == "refused"
    assert desk.call("DELETE", f"{SUPPRESSED}/later@customer.example").status == 200
    before = len(desk.cloud.mailbox.mails())
    once = {"Idempotency-Key": "again"}
    for _ in range(2):
        assert desk.call("POST", place, {}, headers=once).status == 202
    desk.cloud.drain(retry=True)
    (sent,) = desk.cloud.mailbox.mails()[before:]
    assert (sent.to, number in (sent.text or "")) == ("later@customer.example", True)
    assert desk.call("GET", f"{PATH}/{mail['id']}").json["state"] == "sent"
    answer = desk.call("POST", place, {})
    assert (answer.status, answer.json["error"]["code"]) == (409, "not_refused")
    assert [one["id"] for one in listed(desk, "?state=refused")].count(mail["id"]) == 0


def test_what_nothing_causes_any_more_is_refused_as_gone(desk: Desk) -> None:
    desk.call("POST", SUPPRESSED, {"address": "gone@customer.example"})
    number = opened(desk, "gone@customer.example")
    (mail,) = (one for one in listed(desk, f"?ticket={number}") if one["state"] == "refused")
    desk.set("settings", ticket_autoresponder=False)
    try:
        assert desk.call("POST", f"{PATH}/{mail['id']}/send-again", {}).status == 202
        desk.cloud.drain(retry=True)
        shown = desk.call("GET", f"{PATH}/{mail['id']}").json
        assert (shown["state"], shown["reason"]) == ("refused", "gone")
        assert (shown["made_anew"], shown["text"]) == (False, "")
    finally:
        desk.set("settings", ticket_autoresponder=True)


def test_a_lifted_address_is_put_back_as_it_was(desk: Desk) -> None:
    opened(desk, BOUNCES)
    (before,) = (
        one
        for one in desk.call("GET", f"{SUPPRESSED}?q=SIMULATOR").json["items"]
        if one["address"] == BOUNCES
    )
    assert before["reason"] == "bounce"
    assert desk.call("DELETE", f"{SUPPRESSED}/{BOUNCES}").status == 200
    assert desk.call("GET", f"{SUPPRESSED}?q=simulator").json["items"] == []
    for _ in range(2):
        answer = desk.call("POST", SUPPRESSED, {"address": BOUNCES})
        assert (answer.status, answer.json) == (201, before)
    assert desk.call("GET", f"{SUPPRESSED}?q=simulator").json["items"] == [before]


def test_where_ses_does_not_answer_nothing_is_said_to_be_lifted(desk: Desk) -> None:
    address = "ses@customer.example"
    assert desk.call("POST", SUPPRESSED, {"address": address}).status == 201
    with desk.cloud.aws.faults.plan(Fault(How.BEFORE, operation="DeleteSuppressedDestination")):
        answer = desk.call("DELETE", f"{SUPPRESSED}/{address}")
    assert (answer.status, answer.json["error"]["code"]) == (503, "unavailable")
    assert desk.call("DELETE", f"{SUPPRESSED}/{address}").status == 200


REFUSED: tuple[tuple[str, str, object, int, str | None], ...] = (
    ("GET", f"{PATH}?state=lost", None, 422, "state"),
    ("GET", f"{PATH}?colour=red", None, 422, "colour"),
    ("GET", f"{PATH}?next=zz", None, 422, "next"),
    ("GET", f"{PATH}?next={b'2026-13-41T00:00Z#V#00'.hex()}", None, 422, "next"),
    ("GET", f"{PATH}?limit=0", None, 422, "limit"),
    ("GET", f"{PATH}?ticket=99999999", None, 404, None),
    ("GET", f"{PATH}?ticket=%00", None, 404, None),
    ("GET", f"{PATH}/nowhere", None, 404, None),
    ("GET", f"{PATH}/a-b", None, 404, None),
    ("GET", f"{PATH}/{'x' * 3000}-b", None, 404, None),
    ("POST", f"{PATH}/a-b/send-again", {}, 404, None),
    ("POST", f"{PATH}/a-b/send-again", {"to": "me"}, 422, "to"),
    ("POST", SUPPRESSED, {"address": "nobody"}, 422, "address"),
    ("POST", SUPPRESSED, {}, 422, "address"),
    ("GET", f"{SUPPRESSED}?q={'x' * 400}", None, 422, "q"),
)


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    for method, path, body, status, field in REFUSED:
        answer = desk.call(method, path, body)
        told = (answer.status, answer.json["error"]["field"])
        assert told == (status, field), (method, path, answer.text)


def test_who_may_not_sees_and_changes_nothing(desk: Desk) -> None:
    low = desk.make_key("can_manage_keys", "can_manage_directory", "can_read_tickets")["key"]
    bound = desk.make_key("can_manage_desk", departments=[1])["key"]
    mail = listed(desk)[0]["id"] if listed(desk) else "a-b"
    before = desk.stored()
    for method, path, body in (
        ("GET", PATH, None),
        ("GET", f"{PATH}/{mail}", None),
        ("POST", f"{PATH}/{mail}/send-again", {}),
        ("GET", SUPPRESSED, None),
        ("POST", SUPPRESSED, {"address": "x@customer.example"}),
    ):
        for key in (low, bound):
            assert desk.call(method, path, body, key=key).status == 403, (method, path)
    assert desk.stored() == before
