"""A reply by API reaches the customer as an agent's mail does, on the same thread."""

from __future__ import annotations

from typing import Any

import pytest

from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk, send_form


@pytest.fixture(scope="module")
def agent(desk: Desk) -> int:
    return desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")


def reply(desk: Desk, number: str, **values: Any) -> Answer:
    return desk.call("POST", f"/api/tickets-reply.php/{number}.json", values)


def test_the_customer_gets_it_by_mail_on_the_thread(
    desk: Desk, cloud: LocalCloud, agent: int
) -> None:
    number = desk.open(email="carol@customer.example")
    cloud.drain(retry=True)
    place = desk.call("POST", "/api/uploads").json
    assert send_form(place, b"%PDF-") == 204
    files = [{"plan.pdf": f"upload:{place['id']}"}]
    answer = reply(
        desk, number, message="**Fixed.**", format="markdown", staffId="ann", attachments=files
    )
    assert answer.status == 201
    cloud.drain(retry=True)
    opened, replied = (m for m in cloud.mailbox.mails() if "carol@customer.example" in m.to)
    assert number in replied.subject
    assert "<strong>Fixed.</strong>" in (replied.html or "")
    assert opened.message_id.strip("<>") in replied.headers["References"]
    shown = desk.show(number)
    assert shown["thread"][-1]["id"] == answer.json["id"]
    assert shown["thread"][-1]["attachments"][0]["filename"] == "plan.pdf"
    assert shown["isAnswered"]


def test_other_staff_hears_of_it_unless_the_request_says_no(
    desk: Desk, cloud: LocalCloud, agent: int
) -> None:
    other = desk.make_row("agents", name="Max", username="max", email="max@desk.example")
    number = desk.open(email="dave@customer.example")
    desk.call("PATCH", f"/api/tickets-update.php/{number}.json", {"staffId": other})
    desk.set("settings", note_alert_active=True, note_alert_assigned=True)
    for alert, alerts in ((False, 0), (True, 1)):
        cloud.drain(retry=True)
        before = len(cloud.mailbox.mails())
        assert reply(desk, number, message="Yes.", staffId=agent, alert=alert).status == 201
        cloud.drain(retry=True)
        reached = [mail.to for mail in cloud.mailbox.mails()[before:]]
        assert sum("dave@customer.example" in to for to in reached) == 1
        assert sum("max@desk.example" in to for to in reached) == alerts
