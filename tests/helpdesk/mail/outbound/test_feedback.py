"""SES's notifications about sent mails, and the addresses suppressed because of them."""

import json
from itertools import count
from typing import Any

import pytest

from helpdesk.errors import DeskError
from helpdesk.mail.outbound import send, suppression
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key
from tests.desk import Context, Desk, function
from tests.faults import EVERY_UNCLEAR_WAY, How
from tests.world import ADMIN, later

ANN = "ann1@example.org"

PERMANENT = {"bounceType": "Permanent", "bounceSubType": "General"}
STOPPED = {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}
FULL = {"bounceType": "Transient", "bounceSubType": "MailboxFull"}
SPAM = {"complaintFeedbackType": "abuse"}


def tell(desk: Desk, kind: str, told: dict[str, Any], place: int = 0) -> None:
    """Brings what SES tells of the mail that went out at this place."""
    tag, message_id = desk.sent[place]
    mail = {"messageId": message_id, "tags": {"mail": [tag]}}
    notice = json.dumps({"eventType": kind, "mail": mail, kind.lower(): told})
    function("record_mail_events")({"Records": [{"Sns": {"Message": notice}}]}, Context())


def opened(desk: Desk, number: int = 1, **values: Any) -> Key:
    event = desk.open(number, email=ANN, new_person=number == 1, **values)
    assert desk.deliver("notify", event) == []
    return event


def mails(event: Key) -> dict[str, Item]:
    """The mails of an event, by address."""
    return {mail["to"]: mail for mail in table.query(f"MAIL#{event.sk[2:]}")}


def history(ticket: int = 1) -> list[Item]:
    """What a ticket's history says of mails that reached nobody."""
    found = table.query(f"T#{ticket:010}", begins="V#")
    return [item["data"] for item in found if item["kind"] == "undelivered"]


def listed() -> list[tuple[str, str]]:
    found, _ = suppression.list_addresses(SYSTEM, before="", limit=100)
    return [(one.address, one.reason) for one in found]


@pytest.mark.parametrize(
    ("kind", "told", "reason"),
    [
        ("Bounce", PERMANENT, "bounce"),
        ("Bounce", STOPPED, "bounce"),
        ("Complaint", SPAM, "complaint"),
        ("Complaint", {}, "complaint"),
    ],
)
def test_an_address_that_bounces_or_complains_gets_no_more_mail(
    desk: Desk, kind: str, told: dict[str, Any], reason: str
) -> None:
    first = opened(desk)
    tell(desk, kind, told)
    assert mails(first)[ANN]["outcome"] == reason
    assert listed() == [(ANN, reason)]
    assert history() == [{"to": ANN, "template": "ticket.autoresp", "reason": reason}]
    second = opened(desk, 2)
    assert desk.addressees() == [ANN, ADMIN, ADMIN]
    refused = mails(second)[ANN]
    assert (refused["state"], refused["error"]) == ("refused", "suppressed")
    assert history(2) == [{"to": ANN, "template": "ticket.autoresp", "reason": "suppressed"}]


def test_its_case_does_not_matter(desk: Desk) -> None:
    opened(desk)
    tell(desk, "Bounce", PERMANENT)
    event = desk.open(2, email=ANN.upper(), new_person=False)
    assert desk.deliver("notify", event) == []
    assert desk.addressees() == [ANN, ADMIN, ADMIN]


@pytest.mark.parametrize(
    ("kind", "told", "outcome"),
    [
        ("Bounce", FULL, "delayed"),
        ("Bounce", {"bounceType": "Undetermined"}, "delayed"),
        ("Complaint", {"complaintFeedbackType": "not-spam"}, None),
        ("Reject", {"reason": "Bad content"}, "reject"),
        ("Delivery", {}, None),
    ],
)
def test_what_else_ses_tells_suppresses_nothing(
    desk: Desk, kind: str, told: dict[str, Any], outcome: str | None
) -> None:
    event = opened(desk)
    tell(desk, kind, told)
    assert mails(event)[ANN].get("outcome") == outcome
    assert listed() == []
    assert [told["reason"] for told in history()] == ([outcome] if outcome == "reject" else [])
    opened(desk, 2)
    assert desk.addressees().count(ANN) == 2


def test_a_delay_that_ends_as_a_bounce_is_one(desk: Desk) -> None:
    event = opened(desk)
    for told in (FULL, PERMANENT, FULL):
        tell(desk, "Bounce", told)
    assert mails(event)[ANN]["outcome"] == "bounce"
    assert listed() == [(ANN, "bounce")]


def test_the_same_notice_again_and_one_that_comes_too_late_add_nothing(desk: Desk) -> None:
    opened(desk)
    for _ in range(3):
        tell(desk, "Bounce", PERMANENT)
    assert len(history()) == 1
    transact.write(transact.delete(suppression.key(ANN)))
    tell(desk, "Bounce", PERMANENT)
    assert listed() == []


def test_a_bounce_of_a_deleted_tickets_mail_leaves_nothing_on_the_ticket(desk: Desk) -> None:
    opened(desk)
    for item in list(table.query("T#0000000001")):
        transact.write(transact.delete(Key(item["pk"], item["sk"])))
    tell(desk, "Bounce", PERMANENT)
    assert listed() == [(ANN, "bounce")]
    left = {item["sk"][:2] for item in table.query("T#0000000001")}
    assert left <= {"S#"}


def test_a_bounce_that_is_heard_first_settles_the_mail(desk: Desk) -> None:
    event = desk.open()
    with desk.injector.fault(How.AFTER, only="SendEmail"):
        assert desk.deliver("notify", event) == [event]
    tell(desk, "Bounce", PERMANENT)
    later(minutes=20)
    assert desk.deliver("notify", event) == []
    assert desk.addressees() == [ANN, ADMIN]
    assert mails(event)[ANN]["state"] == "done"


def test_staff_is_suppressed_alike(desk: Desk) -> None:
    opened(desk)
    tell(desk, "Bounce", PERMANENT, place=1)
    assert listed() == [(ADMIN, "bounce")]
    opened(desk, 2)
    assert desk.addressees() == [ANN, ANN, ADMIN]


@EVERY_UNCLEAR_WAY
def test_a_bounce_is_taken_in_or_brought_again(desk: Desk, how: How) -> None:
    for number in count(1):
        desk.sent.clear()
        event = desk.open(number)
        assert desk.deliver("notify", event) == []
        with desk.injector.fault(how, number) as fault:
            try:
                tell(desk, "Bounce", PERMANENT)
            except DeskError:
                assert fault.hit
        tell(desk, "Bounce", PERMANENT)
        assert len(history(number)) == 1, fault
        assert (f"ann{number}@example.org", "bounce") in listed(), fault
        if fault.hit is None:
            break
    assert number > 2


def test_a_refusal_of_a_mail_waits_for_nobody(desk: Desk) -> None:
    """A mail that could not go, and whose address is suppressed meanwhile, is refused then."""
    opened(desk)
    event = desk.open(2, email=ANN, new_person=False)
    with desk.injector.fault(How.REFUSED, only="SendEmail", code="RequestExpired"):
        assert desk.deliver("notify", event) == [event]
    tell(desk, "Bounce", PERMANENT)
    later(minutes=1)
    assert desk.deliver("notify", event) == []
    assert mails(event)[ANN]["error"] == "suppressed"
    assert desk.todo(event) == {"project"}


@pytest.mark.parametrize("state", ["leased", "done"])
def test_what_another_delivery_sends_or_has_sent_is_not_called_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    opened(desk)
    tell(desk, "Bounce", PERMANENT)
    assert [address for address, _ in listed()] == [ANN]
    before = history()
    event = desk.open(2, email=ANN, new_person=False)
    real = send.refuse

    def after_another(mail: Key, about: Item, error: str, **named: Any) -> None:
        transact.write(transact.put(mail, about | {"state": state}))
        real(mail, about, error, **named)

    monkeypatch.setattr(send, "refuse", after_another)
    assert desk.deliver("notify", event) == []
    assert mails(event)[ANN]["state"] == state
    assert (history(2), history()) == ([], before)
