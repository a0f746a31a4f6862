"""SES's limits: permanent, temporary and account-wide refusals, and the mail that waits."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.events import outbox
from helpdesk.mail.outbound import sending
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MAIL_STOPPED, Key
from helpdesk.storage.ses import MailRefused, SendingStopped, SendingTooFast
from tests.desk import Context, Desk, function
from tests.faults import How
from tests.world import ADMIN, later

ANN = "ann1@example.org"
IN_SANDBOX = (
    "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
)


@pytest.fixture(autouse=True)
def fresh_container() -> Iterator[None]:
    sending.forget()
    yield
    sending.forget()


def mails(event: Key) -> dict[str, Item]:
    return {item["to"]: item for item in table.query(f"MAIL#{event.sk[2:]}")}


def requeue(desk: Desk) -> list[Key]:
    """What the job queues now for `notify`."""
    function("requeue_events")({}, Context())
    return desk.queued("notify")


def refusing(refusal: MailRefused) -> Any:
    """While this is open SES takes nothing."""
    return patch.object(ses, "send", side_effect=refusal)


# --- told apart -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said", "word"),
    [
        ("MessageRejected", IN_SANDBOX + ANN, "unverified"),
        ("MessageRejected", "Message contains invalid content", "MessageRejected"),
        ("BadRequestException", "Illegal address", "BadRequestException"),
    ],
)
def test_what_ses_never_takes_is_settled_at_once(
    desk: Desk, code: str, said: str, word: str
) -> None:
    event = desk.open()
    with desk.injector.fault(How.REFUSED, only="SendEmail", code=code, said=said) as fault:
        assert desk.deliver("notify", event) == []
    assert fault.calls == ["SendEmail"] * 2  # the other mail went out
    refused = mails(event)[ANN]
    assert (refused["state"], refused["error"], refused["p8"]) == ("refused", word, "mail#refused")
    assert desk.addressees() == [ADMIN]
    assert desk.todo(event) == {"project"}
    assert table.get(MAIL_STOPPED) is None
    (told,) = [one for one in table.query(event.pk) if one.get("kind") == "undelivered"]
    assert told["data"]["reason"] == word


@pytest.mark.parametrize(
    ("code", "said", "word"),
    [
        ("SendingPausedException", "Sending is paused", "paused"),
        ("AccountSuspendedException", "", "suspended"),
        ("MailFromDomainNotVerifiedException", "", "sender"),
        ("MessageRejected", IN_SANDBOX + "desk.example", "sender"),
        ("MessageRejected", IN_SANDBOX + f"support@desk.example, {ANN}", "sender"),
        ("MessageRejected", "Sending paused for this account.", "paused"),
        ("LimitExceededException", "", "quota"),
        ("ThrottlingException", "Daily message quota exceeded.", "quota"),
        ("TooManyRequestsException", "Daily message quota exceeded.", "quota"),
        ("AccessDeniedException", "", "setup"),
        ("NotFoundException", "Configuration set does not exist", "setup"),
    ],
)
def test_what_holds_for_the_account_lets_all_mail_wait(
    desk: Desk, code: str, said: str, word: str
) -> None:
    event = desk.open()
    with desk.injector.fault(How.REFUSED, only="SendEmail", code=code, said=said) as fault:
        assert desk.deliver("notify", event) == [event]
    assert fault.calls == ["SendEmail"]  # the second mail was not even tried
    stop = sending.current_stop()
    assert stop
    assert (stop.word, stop.tries) == (word, 1)
    assert {mail["state"] for mail in mails(event).values()} == {"intent"}
    assert mails(event)[ANN]["error"] == word


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException"])
def test_what_is_too_fast_is_offered_again_at_once(desk: Desk, code: str) -> None:
    event = desk.open()
    said = "Maximum sending rate exceeded."
    with desk.injector.fault(How.REFUSED, only="SendEmail", code=code, said=said) as fault:
        assert desk.deliver("notify", event) == []
    assert len(fault.calls) == 3
    assert desk.addressees() == [ANN, ADMIN]


# --- what waits -----------------------------------------------------------------------------


def test_what_is_too_fast_for_long_waits_longer_each_time(desk: Desk) -> None:
    event = desk.open()
    waits = []
    with refusing(SendingTooFast("TooManyRequestsException")):
        for _ in range(6):
            assert desk.deliver("notify", event) == [event]
            minutes = 0
            while desk.waits("notify", event):
                assert requeue(desk) == []
                later(minutes=1)
                minutes += 1
            waits.append(minutes)
            assert requeue(desk) == [event]
    assert waits == [1, 2, 4, 8, 10, 10]
    assert desk.deliver("notify", event) == []
    assert desk.addressees() == [ANN, ADMIN]
    assert "next_notify" not in desk.raw(event)


def test_while_the_account_is_stopped_ses_is_asked_ever_more_rarely(desk: Desk) -> None:
    events = [desk.open(number) for number in (1, 2, 3)]
    asked = []
    with refusing(SendingStopped("paused")) as send:
        assert desk.deliver("notify", *events) == events
        for _ in range(64):
            later(minutes=1)
            before = send.call_count
            if due := requeue(desk):
                assert desk.deliver("notify", *due) == due
            asked.append(send.call_count - before)
    minutes = [minute for minute, times in enumerate(asked, start=1) if times]
    assert minutes == [1, 3, 7, 15, 31, 63]
    assert set(asked) == {0, 1}  # the first that finds it still stopped speaks for all
    # The first mail that SES takes lets the others go.
    later(hours=1)
    due = requeue(desk)
    assert sorted(due) == sorted(events)
    assert desk.deliver("notify", *due) == []
    assert table.get(MAIL_STOPPED) is None
    assert len(desk.addressees()) == 6


def test_a_stop_that_cannot_be_read_is_none_and_is_written_anew(desk: Desk) -> None:
    transact.write(transact.put(MAIL_STOPPED, {"word": 7, "until": "never"}))
    event = desk.open()
    with refusing(SendingStopped("quota")):
        assert desk.deliver("notify", event) == [event]
    stop = sending.current_stop()
    assert stop
    assert (stop.word, stop.tries) == ("quota", 1)


def test_mail_that_has_waited_for_four_days_is_refused_with_the_reason(desk: Desk) -> None:
    event = desk.open()
    with refusing(SendingStopped("paused")) as send:
        assert desk.deliver("notify", event) == [event]
        later(days=4, minutes=1)
        young = desk.open(2)
        assert desk.deliver("notify", young) == [young]
        asked = send.call_count
        # It is asked once more for each of them, also while nothing else is.
        assert desk.deliver("notify", event) == []
    assert send.call_count == asked + 2
    assert {(mail["state"], mail["error"]) for mail in mails(event).values()} == {
        ("refused", "paused")
    }
    assert mails(young)["ann2@example.org"]["state"] == "intent"


def test_an_event_that_is_never_done_is_queued_ever_more_rarely(desk: Desk) -> None:
    event = desk.open()
    found = []
    for minute in range(0, 24 * 60, 10):
        if requeue(desk):
            found.append(minute)
        later(minutes=10)
    assert found == [10, 20, 40, 80, 160, 320, 640, 1280]
    assert desk.deliver("notify", event) == []
    later(days=1)
    assert requeue(desk) == []
    assert len(desk.queued("project")) == 9


def test_what_one_consumer_puts_off_the_other_does_at_once(desk: Desk) -> None:
    event = desk.open()
    with refusing(SendingStopped("paused")):
        assert desk.deliver("notify", event) == [event]
    assert desk.deliver("project", event) == []
    assert desk.todo(event) == {"notify"}
    later(minutes=1)
    assert requeue(desk) == [event]
    assert desk.queued("project") == []


def test_of_two_that_wait_the_earlier_time_counts(desk: Desk) -> None:
    (event,) = outbox.load([desk.open()], "notify")
    at = event.at
    transact.write(
        transact.update(event.id, "ADD #t :b", {":b": {"broadcast"}}, names={"#t": "todo"})
    )
    (event,) = outbox.load([event.id], "notify")
    outbox.defer(event, "broadcast", at.replace(minute=5))
    (event,) = outbox.load([event.id], "notify")
    outbox.defer(event, "notify", at.replace(minute=30))
    later(minutes=4)
    assert requeue(desk) == []
    later(minutes=1)
    assert requeue(desk) == [event.id]  # `notify` looks at it, and lets it wait
    assert desk.deliver("notify", event.id) == [event.id]


# --- paced ----------------------------------------------------------------------------------


class Clock:
    """A monotonic clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sending, "time", made)
    sending.forget()
    return made


def told(rate: float) -> dict[str, Any]:
    return {"SendQuota": {"MaxSendRate": rate}}


def test_a_container_sends_its_part_of_the_rate(desk: Desk, clock: Clock) -> None:
    calls = []

    def account(_: Any) -> dict[str, Any]:
        calls.append(1)
        return told(4.0)

    began = clock.at
    with desk.injector.stub("GetAccount", account):
        for number in range(1, 12):
            assert desk.deliver("notify", desk.open(number)) == []
    # 22 mails: two at once, then two a second of the four that two workers share.
    assert len(desk.mails()) == 22
    assert clock.at - began == pytest.approx(10, abs=0.6)
    assert len(calls) == 1


def test_one_event_does_not_wait_for_longer_than_a_delivery_lasts(desk: Desk, clock: Clock) -> None:
    desk.change("departments", 1, manager=7)
    for number in range(7, 20):
        email = f"agent{number}@desk.example"
        desk.change(
            "agents",
            number,
            name="A",
            username=f"a{number}",
            email=email,
            department=1,
            active=True,
        )
    desk.change_settings(ticket_alert_dept_members=True)
    event = desk.open()
    with desk.injector.stub("GetAccount", lambda _: told(1.0)):
        rounds = 0
        while desk.deliver("notify", event):
            rounds += 1
            later(minutes=1)
            clock.at += 60
    assert rounds > 1
    assert len(desk.addressees()) == len(set(desk.addressees())) == 15


@pytest.mark.parametrize(
    ("most", "sent", "percent"),
    [(200.0, 160.0, 80), (200.0, 200.0, 100), (200.0, 159.0, 0), (-1.0, 9e9, 0), (0.0, 5.0, 0)],
)
def test_what_is_used_of_the_daily_quota_is_logged_for_the_alarm(
    desk: Desk, caplog: pytest.LogCaptureFixture, most: float, sent: float, percent: int
) -> None:
    quota = {"SendQuota": {"Max24HourSend": most, "SentLast24Hours": sent}}
    with desk.injector.stub("GetAccount", lambda _: quota):
        function("redrive_mail")({}, Context())
    lines = [vars(one) for one in caplog.records if one.getMessage() == "mail quota"]
    assert [line["percent"] for line in lines] == ([percent] if percent else [])


def test_where_ses_does_not_say_how_fast_nothing_waits(desk: Desk, clock: Clock) -> None:
    began = clock.at
    with desk.injector.fault(How.REFUSED, only="GetAccount"):
        for number in range(1, 6):
            assert desk.deliver("notify", desk.open(number)) == []
    assert len(desk.mails()) == 10
    assert clock.at == began
