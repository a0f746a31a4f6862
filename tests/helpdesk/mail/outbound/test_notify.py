"""Outgoing mail: the recipients, the text, how replies work, and that it is sent once."""

import json
from email.message import EmailMessage
from typing import Any

import pytest

from helpdesk import mail_ids
from helpdesk.mail.outbound import send
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.actor import NOBODY
from helpdesk.model.entries import Body
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, mail_key, message_id_key, ticket_key
from tests.desk import Context, Desk, function
from tests.faults import How
from tests.world import ADMIN, crowd, html, later, plain


def notify(desk: Desk, **ticket: Any) -> list[EmailMessage]:
    event = desk.open(**ticket)
    assert desk.deliver("notify", event) == []
    assert desk.todo(event) == {"project"}
    return desk.mails()


def templates(desk: Desk) -> dict[str, list[str]]:
    subjects = {
        "Support Ticket Opened [#700001]": "confirmation",
        "New Ticket Alert": "alert",
        "Ticket Assigned to you": "assigned",
    }
    found: dict[str, list[str]] = {}
    for mail in desk.mails():
        to = mail["To"].addresses[0].addr_spec
        found.setdefault(subjects[mail["Subject"]], []).append(to)
    return {name: sorted(to) for name, to in found.items()}


def agent(desk: Desk, number: int, email: str, **values: Any) -> None:
    known = {"name": f"Agent {number}", "email": email, "username": f"agent{number}"}
    desk.change("agents", number, active=True, **known, **values)


# --- what it says ---------------------------------------------------------------------------


def test_a_new_ticket_is_confirmed_to_its_requester_and_told_to_the_admin(desk: Desk) -> None:
    confirmation, alert = notify(desk)
    assert confirmation["To"] == "Ann <ann1@example.org>"
    assert confirmation["From"] == "Support <support@desk.example>"
    assert confirmation["Subject"] == "Support Ticket Opened [#700001]"
    assert alert["To"] == f"Support <{ADMIN}>"
    assert alert["Subject"] == "New Ticket Alert"
    for mail in (confirmation, alert):
        assert "700001" in plain(mail)
        assert "700001" in html(mail)
        assert "%{" not in plain(mail) + html(mail)


def test_automatic_mail_says_so(desk: Desk) -> None:
    confirmation, alert = notify(desk)
    assert confirmation["Precedence"] == "auto_reply"
    assert confirmation["X-Autoreply"] == "yes"
    assert confirmation["X-Auto-Response-Suppress"] == "DR, RN, OOF, AutoReply"
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert alert["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert alert["Auto-Submitted"] == "auto-generated"
    assert alert["Precedence"] is None


def test_an_answer_finds_its_way_back_by_our_signed_id(desk: Desk) -> None:
    for mail, about in zip(
        notify(desk), (MailIdentity(1, 1, 101, "U"), MailIdentity(1, 1, 0, "S")), strict=True
    ):
        signed = mail_ids.sign(about, "mail-secret")
        assert mail["Reply-To"] == f"support+{signed}@desk.example"
        assert mail["References"] == f"<{signed}@desk.example>"


def test_a_support_address_without_room_for_the_id_stays_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{'s' * 30}@desk.example"
    monkeypatch.setenv("SUPPORT_ADDRESS", address)
    for mail in notify(desk):
        assert mail["Reply-To"] == address
        assert mail["References"].endswith("@desk.example>")


def test_the_message_id_that_ses_gave_leads_to_the_ticket(desk: Desk) -> None:
    notify(desk)
    tag, given = desk.sent[0]
    event, _, name = tag.partition("-")
    mail = table.get(mail_key(event, name))
    assert mail is not None
    assert mail["message_id"] == f"{given}@eu-west-1.amazonses.com"
    assert mail["state"] == "done"
    assert mail["intent"] == mail["done"] == "2026-03-02T09:00:00.000Z"
    digest = mail_ids.digest(f" <{given}@eu-west-1.amazonses.com>\r\n")
    found = table.get(message_id_key(digest))
    assert found is not None
    assert (found["ticket"], found["entry"]) == (1, 1)


@pytest.mark.parametrize("format_", ["text", "html"])
def test_what_was_written_is_safe_and_readable_in_the_alert(desk: Desk, format_: Any) -> None:
    text = "a < b\nsecond" if format_ == "text" else "<p>a &lt; b</p><p>second</p>"
    _, alert = notify(desk, body=Body(text, format_), name="<b>Eve</b>")
    assert "a &lt; b" in html(alert)
    assert {"a < b", "second"} <= set(plain(alert).splitlines())
    assert "<b>Eve" not in html(alert)
    assert "<b>Eve</b>" in plain(alert)


def test_text_keeps_its_indents_in_mail(desk: Desk) -> None:
    written = "Traceback:\n  File a, line 1\n\tx = 1\nname   count"
    _, alert = notify(desk, body=Body(written, "text"))
    lines = ["Traceback:", "  File a, line 1", "    x = 1", "name   count"]
    assert plain(alert).splitlines()[-4:] == lines
    assert "<br>&nbsp;&nbsp;File a, line 1<br>&nbsp;&nbsp;&nbsp;&nbsp;x = 1<br>" in html(alert)


def test_mail_to_a_person_tells_nothing_of_the_desk_s_own(desk: Desk) -> None:
    agent(desk, 7, "joe@desk.example")
    words = "%{ticket.priority} %{assignee.name} %{ticket.dept.name} %{ticket.due_date}"
    desk.change("templates", 1, body=words, subject=words)
    desk.change("departments", 3, name="Cellar", public=False, active=True)
    confirmation = notify(desk, department=3, agent=7)[0]
    assert plain(confirmation).strip().endswith(words)
    for secret in ("Agent 7", "Cellar", "Normal"):
        assert secret not in confirmation.as_string()


def test_the_line_above_which_people_answer_is_hidden_and_optional(desk: Desk) -> None:
    line = "-- reply above this line --"
    confirmation = notify(desk)[0]
    assert plain(confirmation).startswith(line)
    assert f'<div style="display:none">{line}</div>' in html(confirmation)
    desk.change_settings(strip_quoted_reply=False)
    assert line not in notify(desk, number=2)[2].as_string()


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: eve@example.net", "a\nX: y", "a\x0b\x85\u2028b", "a\0b"]
)
def test_a_line_break_cannot_become_a_header(desk: Desk, evil: str) -> None:
    desk.change("templates", 1, subject="%{ticket.subject} %{ticket.name}")
    desk.change_settings(helpdesk_title=evil)
    for mail in notify(desk, subject=evil, name=evil):
        assert set(mail.keys()) <= {
            "From", "To", "Reply-To", "Subject", "Date", "X-Mailer", "Precedence", "X-Autoreply",
            "X-Auto-Response-Suppress", "Auto-Submitted", "References", "MIME-Version",
            "Content-Type", "X-Mail-Proof",
        }  # fmt: skip
        assert len(mail["To"].addresses) == 1


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("o'hara+x@example.org", "o'hara+x@example.org"),
    ],
)
def test_a_domain_of_any_script_gets_its_mail(desk: Desk, address: str, to: str) -> None:
    confirmation = notify(desk, email=address, name='Jürgen, Dr. "J" 日本')[0]
    assert confirmation["To"].addresses[0].addr_spec == to
    assert confirmation["To"].addresses[0].display_name == 'Jürgen, Dr. "J" 日本'


@pytest.mark.parametrize("address", ["jürgen@example.org", "no address", "a@b@c", "@example.org"])
def test_an_address_that_no_mail_reaches_holds_nothing_up(desk: Desk, address: str) -> None:
    event = desk.open(email=address)
    assert desk.deliver("notify", event) == []
    assert desk.addressees() == [ADMIN]
    (left,) = [m for m in table.query(f"MAIL#{event.sk[2:]}") if m["to"] == address.lower()]
    assert (left["state"], left["error"]) == ("refused", "address")


# --- who gets it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "off",
    [
        lambda desk: desk.change_settings(ticket_autoresponder=False),
        lambda desk: desk.change("departments", 1, autorespond=False),
        lambda desk: desk.change("topics", 2, autorespond=False),
    ],
    ids=["desk", "department", "topic"],
)
def test_each_switch_turns_the_confirmation_off(desk: Desk, off: Any) -> None:
    off(desk)
    notify(desk, topic=2)
    assert templates(desk) == {"alert": [ADMIN]}


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        ({"data": {"autorespond": False}}, {"alert": [ADMIN]}),
        ({"data": {"alert": False}}, {"confirmation": ["ann1@example.org"]}),
        ({"data": {"alert": False, "autorespond": False}}, {}),
        ({"person": NOBODY}, {"alert": [ADMIN]}),
        ({"email": "support@desk.example"}, {"alert": [ADMIN]}),
        ({"email": "Support+abc@Desk.example"}, {"alert": [ADMIN]}),
    ],
)
def test_a_request_can_be_quiet_and_the_desk_never_writes_to_itself(
    desk: Desk, ticket: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    notify(desk, **ticket)
    assert templates(desk) == expected


def test_alerts_go_to_those_whom_the_settings_name(desk: Desk) -> None:
    agent(desk, 7, "manager@desk.example")
    agent(desk, 8, "member@desk.example", department=1)
    agent(desk, 9, "helper@desk.example", department=2, departments=[1])
    agent(desk, 10, "gone@desk.example", department=1)
    desk.change("agents", 10, active=False)
    agent(desk, 11, "other@desk.example", department=2)
    desk.change("departments", 1, manager=7)
    notify(desk, data={"autorespond": False})
    assert templates(desk) == {"alert": [ADMIN, "manager@desk.example"]}


def test_members_are_told_of_what_is_nobody_s_yet(desk: Desk) -> None:
    agent(desk, 7, ADMIN.upper(), department=1)
    agent(desk, 8, "member@desk.example", department=1)
    agent(desk, 9, "helper@desk.example", department=2, departments=[1])
    desk.change_settings(ticket_alert_dept_members=True)
    event = desk.open(data={"autorespond": False})
    assert desk.deliver("notify", event) == []
    everyone = [ADMIN, "helper@desk.example", "member@desk.example"]
    assert [to.lower() for to in templates(desk)["alert"]] == everyone


def test_who_is_given_a_ticket_hears_of_it(desk: Desk) -> None:
    agent(desk, 7, "joe@desk.example", department=1)
    desk.change_settings(ticket_alert_dept_members=True, ticket_alert_admin=False)
    notify(desk, agent=7, data={"autorespond": False})
    assert templates(desk) == {"assigned": ["joe@desk.example"]}


def test_no_alert_at_all_where_they_are_switched_off(desk: Desk) -> None:
    desk.change_settings(ticket_alert_active=False)
    notify(desk)
    assert templates(desk) == {"confirmation": ["ann1@example.org"]}


def test_of_a_ticket_that_is_gone_nobody_hears(desk: Desk) -> None:
    event = desk.open()
    transact.write(transact.delete(ticket_key(1)))
    assert desk.deliver("notify", event) == []
    assert desk.mails() == []
    assert desk.todo(event) == {"project"}


# --- once -----------------------------------------------------------------------------------


def test_an_event_delivered_often_and_at_once_is_mailed_once(desk: Desk) -> None:
    event = desk.open()
    with crowd(8) as threads:
        list(threads.map(lambda _: desk.deliver("notify", event, event), range(8)))
    # Runs that met another's lease have put the event off until its end.
    later(minutes=11)
    assert desk.deliver("notify", event, event) == []
    assert desk.addressees() == ["ann1@example.org", ADMIN]


def test_a_message_for_an_event_that_is_no_more_is_dropped(desk: Desk) -> None:
    gone = Key("T#0000000009", "V#nothing")
    assert desk.deliver("notify", gone) == desk.deliver("project", gone) == []


def test_one_bad_message_leaves_the_others_alone(desk: Desk) -> None:
    bad, good = desk.open(1), desk.open(2)
    transact.write(transact.update(bad, "REMOVE kind"))
    # It would be as damaged when it came again, and is set aside.
    assert desk.deliver("notify", bad, good) == []
    assert desk.addressees() == ["ann2@example.org", ADMIN]


def test_a_refusal_of_ses_gives_the_mail_free_at_once(desk: Desk) -> None:
    event = desk.open()
    with desk.injector.fault(How.REFUSED, only="SendEmail", code="RequestExpired"):
        assert desk.deliver("notify", event) == [event]
    assert desk.addressees() == [ADMIN]
    assert {m["state"] for m in table.query(f"MAIL#{event.sk[2:]}")} == {"done", "intent"}
    later(minutes=1)
    assert desk.deliver("notify", event) == []
    assert desk.addressees() == ["ann1@example.org", ADMIN]


def test_what_ses_refuses_for_four_days_is_left(desk: Desk) -> None:
    event = desk.open()
    for waited in ({"hours": 0}, {"days": 3}):
        later(**waited)
        with desk.injector.fault(How.REFUSED, only="SendEmail", code="RequestExpired"):
            assert desk.deliver("notify", event) == [event]
    later(hours=25)
    with desk.injector.fault(How.REFUSED, only="SendEmail", code="RequestExpired"):
        assert desk.deliver("notify", event) == []
    assert desk.addressees() == [ADMIN]
    assert desk.todo(event) == {"project"}
    left = [m for m in table.query(f"MAIL#{event.sk[2:]}") if m["state"] == "refused"]
    assert [m["error"] for m in left] == ["RequestExpired"]


def test_other_notices_of_ses_and_its_greeting_change_nothing(desk: Desk) -> None:
    event = desk.open()
    with desk.injector.fault(How.AFTER, only="SendEmail"):
        desk.deliver("notify", event)
    tag, given = desk.sent[0]
    delivery = {"eventType": "Delivery", "mail": {"messageId": given, "tags": {"mail": [tag]}}}
    for notice in ("Successfully validated SNS topic for SES.", json.dumps(delivery)):
        function("record_mail_events")({"Records": [{"Sns": {"Message": notice}}]}, Context())
    assert {m["state"] for m in table.query(f"MAIL#{event.sk[2:]}")} == {"done", "leased"}


def test_a_notice_of_a_mail_that_is_not_ours_is_passed_over(desk: Desk) -> None:
    desk.sent.append(("0123-4567", "x"))
    desk.hear_of_sending()
    assert table.get(mail_key("0123", "4567")) is None


def test_a_notice_of_a_mail_that_is_removed_at_that_moment_makes_no_new_item(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = desk.open()
    with desk.injector.fault(How.AFTER, only="SendEmail"):
        desk.deliver("notify", event)
    real, removed = send.record_sent, list[Key]()

    def after_removal(mail: Key, message_id: str, about: Item) -> None:
        transact.write(transact.delete(mail))
        removed.append(mail)
        real(mail, message_id, about)

    monkeypatch.setattr(send, "record_sent", after_removal)
    desk.hear_of_sending()
    (mail,) = removed
    assert table.get(mail) is None


def test_a_notice_of_a_second_copy_leaves_when_and_how_the_first_went_out(desk: Desk) -> None:
    event = desk.open()
    assert desk.deliver("notify", event) == []
    before = [*table.query(f"MAIL#{event.sk[2:]}")]
    assert len(before) == 2
    later(minutes=3)
    desk.sent[:] = [(tag, f"second-{at}") for at, (tag, _) in enumerate(desk.sent)]
    desk.hear_of_sending()
    assert [*table.query(f"MAIL#{event.sk[2:]}")] == before


def test_no_log_line_holds_an_address_or_a_body(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    event = desk.open(body=Body("very private"))
    with desk.injector.fault(How.REFUSED, only="SendEmail", code="RequestExpired"):
        desk.deliver("notify", event)
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "put off" in logged
    for private in ("ann1", "example.org", "very private", "Printer", "mail-secret"):
        assert private not in logged
