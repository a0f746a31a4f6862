"""Mail loops between automatic senders always end (RFC 3834; docs/decisions/0015)."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from helpdesk.mail.outbound import bounds
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.storage import transact
from helpdesk.storage.keys import automatic_key
from helpdesk.tickets import threads
from tests.faults import How
from tests.helpdesk.mail.inbound.conftest import SUPPORT, Post, answer_to, mail
from tests.world import later

ANN, MAX = "Ann <ann@example.org>", "Max Agent <max@desk.example>"

Robot = Callable[[EmailMessage], EmailMessage | None]
"""Answers a mail, or does not."""


def office(post: Post) -> None:
    """An agent, who hears of new tickets and has them."""
    post.desk.change("agents", 9, name="Max Agent", email="max@desk.example", username="max")
    post.desk.change("departments", 1, name="Support", manager=9)
    post.desk.change_settings(
        message_autoresponder=True, message_alert_dept_manager=True, ticket_alert_admin=False
    )


def play(post: Post, robots: dict[str, Robot], rounds: int = 20) -> int:
    """Lets robots answer what the desk has sent and sends to their addresses; gives in how many
    rounds they had something to answer.
    """
    seen = 0
    for number in range(rounds):
        mails = post.out()
        fresh, seen = mails[seen:], len(mails)
        answers = [
            reply
            for sent in fresh
            if (robot := robots.get(sent["To"].addresses[0].addr_spec)) and (reply := robot(sent))
        ]
        if not answers:
            return number
        for reply in answers:
            later(seconds=1)
            post.bring(reply)
            post.settle()
    return rounds


def threading(sender: str, text: str, **headers: str) -> Robot:
    return lambda sent: answer_to(sent, sender, text, **headers)


def plain_robot(sender: str) -> Robot:
    """One that knows no thread, and writes to the address that it knows."""
    return lambda sent: mail(sender, "Ticket received", f"We care. {sent['Message-ID']}")


AWAY = {"Auto_Submitted": "auto-replied"}


def to(post: Post, address: str) -> int:
    """How many mails somebody has got."""
    return [sent["To"].addresses[0].addr_spec for sent in post.out()].count(address)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Precedence": "list"},
    ],
    ids=str,
)
def test_whatever_says_that_it_is_automatic_is_answered_by_nobody(
    post: Post, headers: dict[str, str]
) -> None:
    office(post)
    post.bring(mail(ANN))
    assert play(post, {"ann@example.org": threading(ANN, "I am away.", **headers)}) == 1
    assert to(post, "ann@example.org") == 1
    assert len(post.only().entries) == 2


def test_what_came_by_a_list_is_not_confirmed(post: Post) -> None:
    office(post)
    post.bring(mail(ANN, List_Id="<users.example.org>"))
    (alert,) = post.out()
    post.bring(answer_to(alert, ANN, "And this.", List_Id="<users.example.org>"))
    assert (to(post, "ann@example.org"), to(post, "max@desk.example")) == (0, 2)


def test_an_agent_who_is_away_and_a_customer_who_is_away_end_after_one_round(post: Post) -> None:
    office(post)
    post.bring(mail(ANN))
    robots = {
        "ann@example.org": threading(ANN, "Away.", **AWAY),
        "max@desk.example": threading(MAX, "Away, too.", **AWAY),
    }
    # Staff is told of the customer's, and that alert is answered, too; then it is over.
    assert play(post, robots) == 2
    kinds = [entry.kind for entry in post.only().entries]
    assert sorted(kinds) == ["message", "message", "note", "note"]
    assert to(post, "ann@example.org") == 1


def test_a_bounce_of_a_reply_ends_there(post: Post) -> None:
    office(post)
    post.bring(mail(ANN))
    post.out()
    later(seconds=1)
    threads.add_response(SYSTEM, 1, NewEntry(Body("Done."), agent=9, poster="Max"))
    sent = post.out()
    assert sent[-1]["Subject"].startswith("Re: Printer")
    daemon = "Mail Delivery System <MAILER-DAEMON@example.org>"
    post.bring(answer_to(sent[-1], daemon, "No such user."), sender="")
    assert len(post.out()) == len(sent)
    assert len(post.only().entries) == 3


@pytest.mark.parametrize("way", [threading(ANN, "Received."), plain_robot(ANN)], ids=["old", "new"])
def test_a_robot_that_hides_what_it_is_gets_no_more_than_so_many_answers(
    post: Post, monkeypatch: pytest.MonkeyPatch, way: Robot
) -> None:
    monkeypatch.setattr(bounds, "MOST_CONFIRMATIONS", 4)
    office(post)
    post.bring(mail(ANN))
    assert play(post, {"ann@example.org": way}) == 4
    assert to(post, "ann@example.org") == 4
    assert to(post, "max@desk.example") == 5  # staff hears of everything that came
    refused = [item for item in post.items("MAIL#") if item["state"] == "refused"]
    assert [(item["to"], item["error"]) for item in refused] == [("ann@example.org", "loop")]
    (told,) = post.events("undelivered")
    assert told["data"]["reason"] == "loop"


def test_the_next_day_they_are_answered_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_CONFIRMATIONS", 1)
    for day in range(2):
        for number in range(3):
            post.bring(mail(ANN, body=f"{day} {number}"))
        assert to(post, "ann@example.org") == day + 1
        later(days=1)


def test_others_are_answered_meanwhile_and_the_api_is_not_counted(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_CONFIRMATIONS", 1)
    for sender in (ANN, "Bob <bob@example.org>"):
        post.bring(mail(sender, body=sender))
        post.bring(mail(sender, body=f"{sender} again"))
    for number in (11, 12, 13):
        post.desk.open(number, email="cid@example.org", new_person=number == 11)
    assert [to(post, f"{name}@example.org") for name in ("ann", "bob", "cid")] == [1, 1, 3]


def test_two_robots_that_hide_end_too(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer's and the agent's answer each other through the desk: what each of them sets off
    for the other is counted as well.
    """
    monkeypatch.setattr(bounds, "MOST_OTHERS", 3)
    office(post)
    post.desk.change_settings(
        ticket_autoresponder=False, ticket_alert_admin=False, message_alert_dept_manager=True
    )
    post.bring(mail(ANN))
    robots = {
        "ann@example.org": threading(ANN, "Thank you for your mail."),
        "max@desk.example": threading(MAX, "Thank you for the alert."),
    }
    assert play(post, robots) == 6
    assert [to(post, address) for address in robots] == [3, 3]
    assert {len(item["mails"]) for item in post.items("LOOP#")} == {3}


def test_a_mail_is_counted_once_however_often_its_event_comes(post: Post) -> None:
    post.bring(mail(ANN))
    events = post.waiting()
    for nth in (1, 2, 3):
        with post.desk.injector.fault(How.REFUSED, nth, only="SendEmail", code="RequestExpired"):
            post.desk.deliver("notify", *events)
        later(minutes=10)
    assert post.desk.deliver("notify", *events) == []
    assert [len(item["mails"]) for item in post.items("LOOP#")] == [1, 1]


# --- forged senders, and floods -------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "envelope", "confirmed"),
    [
        ({"dmarc": "GRAY", "spf": "FAIL", "dkim": "GRAY"}, "ann@example.org", False),
        ({"dmarc": "GRAY", "spf": "GRAY", "dkim": "GRAY"}, "ann@example.org", False),
        ({"dmarc": "FAIL", "spf": "PASS", "dkim": "GRAY"}, "eve@evil.example", False),
        # SPF passed for somebody else's domain.
        ({"dmarc": "GRAY", "spf": "PASS", "dkim": "GRAY"}, "eve@evil.example", False),
        ({"dmarc": "GRAY", "spf": "PASS", "dkim": "GRAY"}, "ann@example.org", True),
        ({"dmarc": "PASS", "spf": "FAIL", "dkim": "PASS"}, "list@lists.example", True),
    ],
    ids=str,
)
def test_only_who_is_surely_the_sender_gets_a_confirmation(
    post: Post, verdicts: dict[str, str], envelope: str, confirmed: bool
) -> None:
    office(post)
    post.bring(mail(ANN), sender=envelope, **verdicts)
    assert len(post.only().entries) == 1
    # Staff hears of it all the same.
    assert (to(post, "ann@example.org"), to(post, "max@desk.example")) == (int(confirmed), 1)


def test_mail_of_a_server_of_ones_own_is_confirmed(post: Post) -> None:
    assert post.send(mail(ANN))[0] == 201
    assert to(post, "ann@example.org") == 1


def test_a_flood_of_new_senders_ends_at_the_desks_own_limit(post: Post) -> None:
    office(post)
    post.desk.change_settings(
        max_automatic_mails=5, ticket_alert_dept_manager=True, ticket_alert_admin=False
    )
    for number in range(6):
        post.bring(mail(f"s{number}@example.org", body=f"No. {number}"))
        later(seconds=1)
    assert len(post.out()) == 5
    assert len(post.tickets()) == 6
    refused = [item for item in post.items("MAIL#") if item["state"] == "refused"]
    assert {item["error"] for item in refused} == {"limit"}
    assert len(refused) == 7
    # What an agent writes goes out all the same, and a new day begins anew.
    threads.add_response(SYSTEM, 1, NewEntry(Body("Done."), agent=9, poster="Max"))
    assert len(post.out()) == 6
    later(days=1)
    post.bring(mail("new@example.org"))
    assert len(post.out()) == 8


def test_a_count_that_cannot_be_read_begins_anew_and_none_is_no_limit(post: Post) -> None:
    post.desk.change_settings(max_automatic_mails=1, ticket_alert_active=False)
    transact.write(transact.put(automatic_key("2026-03-02"), {"n": "many"}))
    post.bring(mail(ANN))
    post.bring(mail("bob@example.org"))
    assert len(post.out()) == 1
    post.desk.change_settings(max_automatic_mails=0, ticket_alert_active=False)
    post.bring(mail("cid@example.org"))
    assert len(post.out()) == 2
    assert bounds.automatic_mails(datetime(2026, 3, 2, tzinfo=UTC)) == 1


def test_mail_of_the_desks_own_address_starts_nothing(post: Post) -> None:
    office(post)
    own = f"Support <{SUPPORT}>"
    post.bring(mail(own))
    assert play(post, {SUPPORT: threading(own, "x")}) == 0
    assert to(post, SUPPORT) == 0


def test_a_mail_of_the_desks_that_comes_back_is_known_by_its_id_alone(post: Post) -> None:
    post.bring(mail(ANN))
    (sent, *_) = post.out()
    post.bring(mail(ANN, "Undeliverable", message_id=sent["Message-ID"]))
    assert len(post.only().entries) == 1


def test_what_comes_from_the_desks_own_address_is_no_answer(post: Post) -> None:
    post.bring(mail(ANN, message_id="<first@example.org>"))
    own = mail(SUPPORT, "Re: Printer", In_Reply_To="<first@example.org>")
    post.bring(own, sender=SUPPORT)
    assert len(post.thread(1).entries) == 1


def test_who_answers_their_own_mail_gets_no_confirmation(post: Post) -> None:
    post.desk.change_settings(message_autoresponder=True)
    post.bring(mail(ANN, message_id="<first@example.org>"))
    post.bring(mail(ANN, "Printer", In_Reply_To="<first@example.org>"))
    (event,) = post.events("message")
    assert event["data"]["autorespond"] is False
