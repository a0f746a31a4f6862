"""Templates as admins test them: rendered for a ticket, mailed to somebody, reset."""

from __future__ import annotations

import pytest

from helpdesk.catalogue.mail_templates import TEMPLATES
from tests.http.desk import Desk, Item

PATH = "/api/admin/templates"


@pytest.fixture(scope="module")
def rows(desk: Desk) -> dict[str, Item]:
    return {row["name"]: row for row in desk.call("GET", PATH).json["items"]}


def preview(desk: Desk, row: Item, **values: object) -> Item:
    body = {"subject": row["subject"], "body": row["body"], **values}
    answer = desk.call("POST", f"{PATH}/{row['id']}/preview", body)
    assert answer.status == 200, answer.text
    shown: Item = answer.json
    return shown


def test_every_template_is_shown_before_there_is_a_ticket_and_after(
    desk: Desk, rows: dict[str, Item]
) -> None:
    assert rows.keys() == TEMPLATES.keys()
    for row in rows.values():
        shown = preview(desk, row)
        assert "%{" not in shown["subject"] + shown["html"], row["name"]
        assert shown["unknown"] == []
    assert "123456" in preview(desk, rows["ticket.autoresp"])["subject"]
    number = desk.open(subject="Toner", message="It is <empty>.")
    before = len(desk.cloud.mailbox.mails())
    for row in rows.values():
        assert "%{" not in str(preview(desk, row, ticket=number))
    shown = preview(desk, rows["ticket.autoresp"])
    assert number in shown["subject"]
    assert "It is &lt;empty&gt;." in preview(desk, rows["ticket.alert"], body="%{message}")["html"]
    assert "It is <empty>." in preview(desk, rows["ticket.alert"], body="%{message}")["text"]
    desk.cloud.drain(retry=True)
    # The confirmation of the ticket and the alert, and nothing by the previews.
    assert len(desk.cloud.mailbox.mails()) - before <= 2


def test_what_is_no_value_is_named_and_stays_as_it_is(desk: Desk, rows: dict[str, Item]) -> None:
    row = rows["ticket.autoresp"]
    shown = preview(desk, row, subject="%{ticket.nmae} %{ticket.nmae}", body="%{X} %{message}")
    assert shown["unknown"] == ["ticket.nmae", "X"]
    assert shown["subject"] == "%{ticket.nmae} %{ticket.nmae}"


def test_a_test_goes_to_who_is_named_and_to_nobody_else(desk: Desk, rows: dict[str, Item]) -> None:
    number = desk.open(email="owner@customer.example")
    desk.cloud.drain(retry=True)
    before, thread = len(desk.cloud.mailbox.mails()), desk.show(number)["thread"]
    path = f"{PATH}/{rows['ticket.reply']['id']}/test"
    once = {"Idempotency-Key": "test"}
    for _ in range(2):
        body = {"to": "Boss@desk.example", "ticket": number}
        answer = desk.call("POST", path, body, headers=once)
        assert answer.status == 202, answer.text
    desk.cloud.drain(retry=True)
    (mail,) = desk.cloud.mailbox.mails()[before:]
    assert (mail.to, number in mail.subject) == ("boss@desk.example", True)
    assert "References" not in mail.headers
    assert "+" not in mail.headers["Reply-To"]
    shown = desk.call("GET", f"/api/admin/mail/{answer.json['mail']}").json
    assert (shown["state"], shown["template"], shown["to"]) == ("sent", "ticket.reply", mail.to)
    assert (shown["subject"], shown["made_anew"]) == (mail.subject, True)
    assert desk.show(number)["thread"] == thread


def test_a_test_to_an_address_that_gets_no_mail_is_refused_and_can_be_sent_again(
    desk: Desk, rows: dict[str, Item]
) -> None:
    address = "never@customer.example"
    assert desk.call("POST", "/api/admin/suppressed", {"address": address}).status == 201
    path = f"{PATH}/{rows['ticket.alert']['id']}/test"
    mail = desk.call("POST", path, {"to": address}).json["mail"]
    desk.cloud.drain(retry=True)
    shown = desk.call("GET", f"/api/admin/mail/{mail}").json
    assert (shown["state"], shown["reason"]) == ("refused", "suppressed")
    assert desk.call("DELETE", f"/api/admin/suppressed/{address}").status == 200
    assert desk.call("POST", f"/api/admin/mail/{mail}/send-again", {}).status == 202
    desk.cloud.drain(retry=True)
    assert desk.call("GET", f"/api/admin/mail/{mail}").json["state"] == "sent"


def test_a_template_gets_its_first_words_back(desk: Desk, rows: dict[str, Item]) -> None:
    row = rows["note.alert"]
    desk.set(f"templates/{row['id']}", subject="Changed", body="<p>Changed</p>")
    answer = desk.call("POST", f"{PATH}/{row['id']}/reset", {})
    assert (answer.status, answer.json) == (200, row)
    assert desk.call("GET", f"{PATH}/{row['id']}").json == row


def test_who_may_not_and_what_cannot_be(desk: Desk, rows: dict[str, Item]) -> None:
    number = desk.open(subject="Secret")
    row = rows["ticket.alert"]
    draft = {"subject": "%{ticket.subject}", "body": "%{message}"}
    blind = desk.make_key("can_manage_directory")["key"]
    low = desk.make_key("can_manage_desk", "can_read_tickets")["key"]
    bound = desk.make_key("can_manage_directory", "can_read_tickets", departments=[1])["key"]
    place = f"{PATH}/{row['id']}"
    shown = desk.call("POST", f"{place}/preview", draft, key=blind)
    assert (shown.status, "Secret" in shown.text) == (200, False)
    before = desk.stored()
    for path, body in (
        (f"{place}/preview", draft),
        (f"{place}/test", {"to": "a@desk.example"}),
        (f"{place}/reset", {}),
    ):
        for key in (low, bound):
            assert desk.call("POST", path, body, key=key).status == 403, path
        if "reset" not in path:
            told = desk.call("POST", path, {**body, "ticket": number}, key=blind)
            assert (told.status, "can_read_tickets" in told.text) == (403, True)
            told = desk.call("POST", path, {**body, "ticket": "99999999"})
            assert told.status == 404
        assert desk.call("POST", path.replace(place, f"{PATH}/99999"), body).status == 404
    wrong: tuple[tuple[str, object, str], ...] = (
        (f"{place}/preview", {"subject": "x"}, "body"),
        (f"{place}/preview", {**draft, "ticket": 1.5}, "ticket"),
        (f"{place}/test", {"to": "nobody"}, "to"),
        (f"{place}/test", {}, "to"),
        (f"{place}/reset", {"subject": "x"}, "subject"),
    )
    for path, sent, field in wrong:
        told = desk.call("POST", path, sent)
        assert (told.status, told.json["error"]["field"]) == (422, field), told.text
    assert desk.stored() == before
