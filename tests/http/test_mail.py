"""The mail that creating a ticket causes, and every switch that suppresses it.

Rules: docs/osticket.md, row 10 and 4.5. Through the admin API and over HTTP, with queues that
deliver twice and transactions that conflict: each mail is still sent once.
"""

from typing import Any

import pytest

from helpdesk.model.settings import Settings
from tests.http.desk import Desk

ADMIN = "admin@desk.example"

CUSTOMER = "jane@customer.example"


def sent(desk: Desk, **values: Any) -> list[Any]:
    """The mails that a new ticket causes."""
    before = len(desk.cloud.mailbox.mails())
    answer = desk.call(
        "POST",
        "/api/tickets.json",
        {"name": "Jane", "email": CUSTOMER, "subject": "Printer", "message": "It burns.", **values},
    )
    assert answer.status in {201, 403}, answer.text
    desk.cloud.drain(retry=True)
    return desk.cloud.mailbox.mails()[before:]


def receivers(desk: Desk, **values: Any) -> list[str]:
    return sorted(mail.to for mail in sent(desk, **values))


def test_the_requester_and_the_admin_get_one_mail_each_that_says_it_is_automatic(
    desk: Desk,
) -> None:
    response, alert = sorted(sent(desk), key=lambda mail: mail.to, reverse=True)
    assert (response.to, alert.to) == (CUSTOMER, ADMIN)
    assert response.headers["Auto-Submitted"] == "auto-replied"
    assert response.headers["Precedence"] == "auto_reply"
    assert alert.headers["Auto-Submitted"] == "auto-generated"
    for mail in (response, alert):
        assert "support@desk.example" in mail.headers["From"]
        assert mail.headers["Reply-To"].startswith("support+")
        assert mail.headers["References"].endswith("@desk.example>")
        assert mail.text
        assert mail.html
    assert "It burns." in (alert.text or "")


@pytest.mark.parametrize(
    ("values", "to"),
    [
        ({"alert": False}, [CUSTOMER]),
        ({"autorespond": False}, [ADMIN]),
        ({"alert": "0", "autorespond": "0"}, []),
        ({"email": "test@example.com"}, []),  # banned in a stock desk
        ({"email": "support@desk.example"}, [ADMIN]),
        ({"email": "Support+x@desk.example"}, [ADMIN]),
    ],
)
def test_what_the_request_says(desk: Desk, values: dict[str, Any], to: list[str]) -> None:
    assert receivers(desk, **values) == to


@pytest.mark.parametrize(
    ("setting", "to"),
    [
        ("ticket_autoresponder", [ADMIN]),
        ("ticket_alert_active", [CUSTOMER]),
        ("ticket_alert_admin", [CUSTOMER]),
    ],
)
def test_what_the_desk_is_set_to(desk: Desk, setting: str, to: list[str]) -> None:
    desk.set("settings", **{setting: False})
    try:
        assert receivers(desk) == to
    finally:
        desk.set("settings", **{setting: getattr(Settings(), setting)})


def test_a_department_and_a_topic_can_keep_quiet(desk: Desk) -> None:
    quiet = desk.make_row("departments", name="Quiet", autorespond=False)
    topic = desk.make_row("topics", name="Quiet", autorespond=False)
    assert receivers(desk, departmentId=quiet) == [ADMIN]
    assert receivers(desk, topicId=topic) == [ADMIN]


def test_who_is_banned_gets_nothing_and_no_ticket(desk: Desk) -> None:
    desk.set("settings", ban_list=["banned@customer.example"])
    stored = desk.stored()
    assert receivers(desk, email="Banned@customer.example") == []
    assert desk.stored() == stored


def test_what_would_become_a_header_stays_one_line(desk: Desk) -> None:
    evil = "x\r\nBcc: all@customer.example\r\n\r\nbody"
    mails = sent(desk, name=evil, subject=evil, ip=evil)
    assert sorted(mail.to for mail in mails) == [ADMIN, CUSTOMER]
    for mail in mails:
        assert "Bcc" not in mail.headers
        assert not any("\n" in value for name, value in mail.headers.items() if name != "Received")
        assert "\n" not in mail.subject


@pytest.mark.parametrize(
    "email",
    [
        "a@customer.example\r\nBcc: b@customer.example",
        "a@customer.example, b@customer.example",
        "a@customer.example\nb@customer.example",
        "<a@customer.example> <b@customer.example>",
    ],
)
def test_an_address_that_is_more_than_one_is_refused(desk: Desk, email: str) -> None:
    before = len(desk.cloud.mailbox.mails())
    answer = desk.call(
        "POST", "/api/tickets.json", {"name": "E", "email": email, "subject": "S", "message": "M"}
    )
    assert answer.status == 400
    desk.cloud.drain(retry=True)
    assert len(desk.cloud.mailbox.mails()) == before


def test_what_becomes_of_a_ticket_is_told_to_staff(desk: Desk) -> None:
    agents = {
        name: desk.make_row("agents", name=name, username=name, email=f"{name}@desk.example")
        for name in ("joe", "mia")
    }
    department = desk.make_row("departments", name="Second", manager=agents["mia"])
    number = desk.open(departmentId=department)
    desk.cloud.drain(retry=True)

    def told(method: str, path: str, body: object = None) -> list[tuple[str, str]]:
        before = len(desk.cloud.mailbox.mails())
        answer = desk.call(method, path, body)
        assert answer.status == 200, answer.text
        desk.cloud.drain(retry=True)
        mails = desk.cloud.mailbox.mails()[before:]
        return sorted((mail.subject, mail.to.partition("@")[0]) for mail in mails)

    def update(**values: object) -> list[tuple[str, str]]:
        return told("PATCH", f"/api/tickets-update.php/{number}.json", values)

    desk.set("settings", transfer_alert_active=True, note_alert_active=True)
    try:
        assert update(staffId=agents["joe"]) == [("Ticket Assigned to you", "joe")]
        assert update(staffId=agents["joe"]) == []
        assert update(departmentId=1) == []  # nobody manages that one
        transfer = f"Ticket #{number} transfer - Second"
        assert update(departmentId=department) == [(transfer, "mia")]
        update(dueDate="2020-01-01")
        late = told("POST", "/api/tasks/cron")
        assert ("Stale Ticket Alert", "joe") in late
        assert ("Stale Ticket Alert", "mia") in late
        assert told("POST", "/api/tasks/cron") == []
    finally:
        desk.set("settings", transfer_alert_active=False, note_alert_active=False)
