"""Broadcasts: the recipients, the text, and that every recipient gets exactly one mail."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import customers
from helpdesk.broadcasts import progress, send, state, unsubscribing
from helpdesk.customers import NewCustomer
from helpdesk.events import outbox
from helpdesk.mail.outbound import suppression
from helpdesk.model.actor import SYSTEM
from helpdesk.model.broadcasts import Broadcast
from helpdesk.model.tickets import Change, Ticket
from helpdesk.storage import ses, table, transact
from helpdesk.storage.keys import MAIL_SECRET, broadcast_key
from helpdesk.tickets import changes, deletion
from tests.desk import Desk, new_desk
from tests.helpdesk.broadcasts.telling import ADMIN, Killed, customer, event, opened, service
from tests.world import html, later, plain

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def broadcast(desk: Desk, ticket: Ticket) -> Broadcast:
    key = event(ticket)
    assert desk.deliver("send_broadcast", key) == []
    return progress.find(SYSTEM, key.sk.removeprefix("V#"))


def addressees(desk: Desk) -> list[str]:
    return [address.partition("@")[0] for address in desk.addressees()]


# --- whom -----------------------------------------------------------------------------------


def test_each_subscriber_of_any_service_gets_one_mail(desk: Desk) -> None:
    vpn, mail, other = service(), service("Mail"), service("Other")
    for number, chosen in enumerate([(vpn,), (mail,), (vpn, mail), (other,), ()]):
        customer(number, *chosen)
    ticket = opened(vpn, mail)
    done = broadcast(desk, ticket)
    assert addressees(desk) == ["c0", "c1", "c2"]
    assert (done.ticket, done.what, done.total, done.sent, done.skipped, done.left) == (
        ticket.id,
        "created",
        3,
        3,
        0,
        0,
    )
    assert done.finished
    assert desk.todo(event(ticket)) == set()
    assert desk.deliver("send_broadcast", event(ticket)) == []
    assert len(desk.mails()) == 3


def test_without_services_the_customer_alone_is_told(desk: Desk) -> None:
    desk.open(50, email="ada@example.org")
    ticket = opened(person=150)
    assert broadcast(desk, ticket).sent == 1
    (mail,) = desk.mails()
    assert mail["To"] == "Ann <ada@example.org>"
    assert mail["List-Unsubscribe"] is None


def test_who_cannot_or_will_not_have_mail_is_skipped(desk: Desk) -> None:
    vpn = service()
    numbers = [customer(number, vpn) for number in range(4)]
    ticket = opened(vpn)
    customers.unsubscribe(numbers[0], [vpn])
    transact.write(suppression.suppression("c1@example.org", "bounce", NOON))
    customers.update_customer(ADMIN, numbers[2], NewCustomer("X", "support@desk.example"))
    done = broadcast(desk, ticket)
    assert addressees(desk) == ["c3"]
    assert (done.sent, done.skipped, done.left) == (1, done.total - 1, 0)


def test_a_ticket_that_is_gone_tells_nobody(desk: Desk) -> None:
    vpn = service()
    customer(1, vpn)
    ticket = opened(vpn)
    key = event(ticket)
    deletion.delete_ticket(SYSTEM, ticket.id)
    assert desk.deliver("send_broadcast", key) == []
    assert not desk.mails()


# --- what -----------------------------------------------------------------------------------


def test_what_a_mail_says(desk: Desk) -> None:
    desk.change_settings(default_timezone="Europe/Berlin")
    vpn, mail = service(), service("Mail & Post")
    number = customer(1, mail)
    ticket = opened(vpn, mail, start=NOON, due=NOON)
    broadcast(desk, ticket)
    (told,) = desk.mails()
    assert told["Subject"] == f"New: No VPN [#{ticket.number}]"
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["Precedence"] == "bulk"
    for text in ("It is down & <out>.", "VPN, Mail & Post", "Hello C1"):
        assert text in plain(told)
    assert "Start: 2026-11-22 13:00 Europe/Berlin" in plain(told)
    assert "Expected resolution: 2026-11-22 13:00 Europe/Berlin" in plain(told)
    assert "End:" not in plain(told)
    assert "%{" not in plain(told) + html(told) + str(told["Subject"])
    link = told["List-Unsubscribe"].strip(" <>")
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    signed = link.removeprefix("https://desk.example/unsubscribe?token=")
    assert unsubscribing.verify(signed) == (number, (mail,))


def test_what_has_happened_is_in_the_subject(desk: Desk) -> None:
    vpn = service()
    customer(1, vpn)
    ticket = opened(vpn)
    broadcast(desk, ticket)
    for change in (
        Change(tells=True, end=NOON),
        Change(tells=True, closed_time=NOON),
        Change(tells=None, status="Open"),
    ):
        later(seconds=1)
        changes.change_ticket(SYSTEM, ticket.id, change)
        broadcast(desk, ticket)
    subjects = [mail["Subject"].partition(":")[0] for mail in desk.mails()]
    assert subjects == ["New", "Update", "Closed", "Reopened"]
    closed = plain(desk.mails()[2])
    assert "Closed: 2026-11-22 12:00 UTC" in closed


# --- cut off --------------------------------------------------------------------------------

SUBSCRIBERS = 25


class Killer:
    """Ends the sender around one of its mails."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.count = at, after, 0
        self.real = ses.send

    def send(self, *args: Any, **options: Any) -> str:
        self.count += 1
        if self.count == self.at and not self.after:
            raise Killed
        sent = self.real(*args, **options)
        if self.count == self.at:
            raise Killed
        return sent


@pytest.mark.parametrize("where", ["before send", "after send", "after record"])
def test_a_sender_that_is_killed_loses_nobody(desk: Desk, where: str) -> None:
    vpn = service()
    for number in range(SUBSCRIBERS):
        customer(number, vpn)
    ticket = opened(vpn)
    key = event(ticket)
    killer = Killer(at=13, after=where == "after send")
    if where == "after record":
        real = state.Run.advance

        def advance(run: state.Run, cursor: int, **told: Any) -> None:
            if run.cursor:
                raise Killed
            real(run, cursor, **told)

        with patch.object(state.Run, "advance", advance), pytest.raises(Killed):
            desk.deliver("send_broadcast", key)
        assert len(desk.mails()) == 20
    else:
        with patch.object(ses, "send", killer.send), pytest.raises(Killed):
            desk.deliver("send_broadcast", key)
        assert len(desk.mails()) == 12 + killer.after
    assert desk.todo(key) == {"broadcast"}
    assert desk.deliver("send_broadcast", key) == []  # the dead run still has it
    later(minutes=3)
    if where != "after record":
        # Nobody knows whether that one mail went out: SES's event did not come. All others do, and
        # it is sent again when its own lease ends.
        assert desk.deliver("send_broadcast", key) == [key]
        assert len(desk.mails()) == SUBSCRIBERS - (where == "before send")
        later(minutes=8)
    assert desk.deliver("send_broadcast", key) == []
    doubled = 1 if where == "after send" else 0
    assert len(desk.mails()) == SUBSCRIBERS + doubled
    assert len(set(addressees(desk))) == SUBSCRIBERS
    done = progress.find(SYSTEM, key.sk.removeprefix("V#"))
    assert (done.total, done.sent, done.skipped, done.left) == (SUBSCRIBERS, SUBSCRIBERS, 0, 0)


def test_one_run_at_a_time(desk: Desk) -> None:
    vpn = service()
    customer(1, vpn)
    ticket = opened(vpn)
    key = event(ticket)
    (told,) = outbox.load([key], "broadcast")
    held = state.take(told)
    assert held is not None
    assert desk.deliver("send_broadcast", key) == []
    assert not desk.mails()
    later(minutes=3)
    assert desk.deliver("send_broadcast", key) == []
    assert len(desk.mails()) == 1
    with pytest.raises(state.Lost):
        held.advance(99, sent=0, skipped=0, again=set())


def test_writes_that_the_client_repeats_count_once(desk: Desk) -> None:
    """Each answer is lost once: the AWS client sends the same write again."""
    vpn = service()
    for number in range(SUBSCRIBERS):
        customer(number, vpn)
    key = event(opened(vpn))
    real = transact.write

    def twice(change: transact.Write) -> Any:
        with suppress(transact.ConditionFailed):
            real(change)
        return real(change)

    with patch.object(transact, "write", twice):
        assert desk.deliver("send_broadcast", key) == []
    done = progress.find(SYSTEM, key.sk.removeprefix("V#"))
    assert (done.total, done.sent, done.skipped) == (SUBSCRIBERS, SUBSCRIBERS, 0)
    assert done.finished
    assert len(desk.mails()) == SUBSCRIBERS


def test_a_long_one_is_queued_again(desk: Desk) -> None:
    vpn = service()
    for number in range(SUBSCRIBERS):
        customer(number, vpn)
    ticket = opened(vpn)
    key = event(ticket)
    desk.queued("broadcast")
    rounds = 0
    with patch.object(send, "MOST_SECONDS", 0.0):
        while desk.todo(key):
            assert desk.deliver("send_broadcast", key) == []
            rounds += 1
            assert desk.queued("broadcast") == ([key] if desk.todo(key) else [])
    assert rounds == 3
    assert len(desk.mails()) == SUBSCRIBERS


def test_while_ses_refuses_nothing_is_skipped(desk: Desk) -> None:
    vpn = service()
    for number in range(3):
        customer(number, vpn)
    ticket = opened(vpn)
    key = event(ticket)
    with patch.object(ses, "send", side_effect=ses.MailRefused("TooMany")):
        assert desk.deliver("send_broadcast", key) == [key]
    later(minutes=1)
    assert desk.deliver("send_broadcast", key) == []
    assert len(desk.mails()) == 3


# --- the link -------------------------------------------------------------------------------


def test_only_the_desk_makes_links(desk: Desk) -> None:
    signed = unsubscribing.sign(7, [1, 2], "mail-secret")
    assert unsubscribing.verify(signed) == (7, (1, 2))
    said, _, signature = signed.partition(".")
    other = unsubscribing.sign(8, [1], "mail-secret")
    for forged in (
        unsubscribing.sign(7, [1, 2], "another secret"),
        f"{other.partition('.')[0]}.{signature}",
        f"{said}.",
        said,
        "",
        ".",
        "\u00e9.x",
        "a.b.c",
        "x" * 2000,
        signed + "x",
    ):
        assert unsubscribing.verify(forged) is None


@pytest.mark.parametrize("secret", [None, "", 5])
def test_a_secret_that_is_gone_is_made_anew_and_opens_no_link(desk: Desk, secret: object) -> None:
    signed = unsubscribing.sign(7, [1], "")
    transact.write(transact.put(MAIL_SECRET, {} if secret is None else {"secret": secret}))
    assert unsubscribing.verify(signed) is None
    vpn = service()
    customer(1, vpn)
    done = broadcast(desk, opened(vpn))
    assert (done.sent, len(desk.mails())) == (1, 1)
    assert unsubscribing.verify(signed) is None


def test_a_damaged_state_sets_its_event_aside(desk: Desk) -> None:
    vpn = service()
    customer(1, vpn)
    key = event(opened(vpn))
    damaged = {"holder": "x", "lease": "soon", "cursor": 0}
    transact.write(transact.put(broadcast_key(key.sk.removeprefix("V#")), damaged))
    assert desk.deliver("send_broadcast", key) == []
    assert not desk.mails()
    assert (table.get(key) or {})["p10"] == outbox.ASIDE


def test_newest_first(desk: Desk) -> None:
    vpn = service()
    customer(1, vpn)
    first = broadcast(desk, opened(vpn))
    later(seconds=1)
    second = broadcast(desk, opened(vpn))
    page, more = progress.list_broadcasts(SYSTEM, before="", limit=1)
    assert page == [second]
    assert progress.list_broadcasts(SYSTEM, before=more or "", limit=5) == ([first], None)
