"""Entries appended to a ticket: permissions, effects on the ticket, refusals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from helpdesk.errors import AlreadyAnswered, Invalid, NotAllowed, NotFound, TooLarge
from helpdesk.events import history
from helpdesk.events.history import Facets
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.index import counters
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, Entry, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import Change, Ticket
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.keys import Key, ticket_key
from helpdesk.tickets import changes, entries, find, threads
from tests.desk import Desk, new_desk
from tests.world import crowd, later, objects

Add = Callable[..., Entry]

KINDS = [threads.add_message, threads.add_response, threads.add_note]


@dataclass
class Case:
    """A desk with one ticket, of person 101 in department 1."""

    desk: Desk

    @property
    def ticket(self) -> Ticket:
        return find.find_thread(SYSTEM, "1").ticket

    def entries(self, actor: Actor = SYSTEM) -> list[Entry]:
        return list(find.find_thread(actor, "1").entries)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in table.query("T#0000000001", begins="V#") if item["kind"] == kind]

    def close(self, status: int) -> None:
        change = transact.update(
            ticket_key(1),
            "SET #s = :s, closed = :at, p1 = :p1 REMOVE p9, s9",
            {":s": status, ":at": "2026-03-02T09:00:00.000Z", ":p1": f"{status}#1#0"},
            names={"#s": "status"},
        )
        transact.write(change)


@pytest.fixture
def case() -> Iterator[Case]:
    with new_desk() as desk:
        desk.open()
        # The ids of what the test adds begin behind those of the ticket.
        for name in ("entry", "person", "file"):
            sequences.reserve_id(name, 200)
        later(minutes=1)
        yield Case(desk)


NEW = NewEntry(Body("More."), person=101, poster="Ann")


@pytest.mark.parametrize("add", KINDS)
def test_an_entry_is_appended_and_the_ticket_moves_up(case: Case, add: Add) -> None:
    before = case.ticket
    entry = add(SYSTEM, 1, NEW)
    assert case.entries()[-1] == entry
    assert case.ticket.entries == (1, entry.id)
    assert case.ticket.updated > before.updated
    assert table.get(ticket_key(1))["s2"].startswith("2026-03-02T09:01")  # type: ignore[index]
    (event,) = case.events(entry.kind)
    assert event["data"]["entry"] == entry.id
    assert "before" not in event


def test_responses_answer_messages_ask_notes_do_neither(case: Case) -> None:
    threads.add_response(SYSTEM, 1, NewEntry(Body("Done."), agent=9))
    threads.add_note(SYSTEM, 1, NewEntry(Body("Easy."), agent=9))
    assert case.ticket.answered
    threads.add_message(SYSTEM, 1, NEW)
    assert not case.ticket.answered


@pytest.mark.parametrize("add", KINDS)
def test_what_an_actor_does_not_see_is_not_there(case: Case, add: Add) -> None:
    for actor, number in ((SYSTEM, 99), (Actor(departments=frozenset({2})), 1)):
        with pytest.raises(NotFound):
            add(actor, number, NEW)
    assert len(case.entries()) == 1


def test_a_customers_key_writes_its_own_messages_only(case: Case) -> None:
    customer = Actor(customer=101)
    threads.add_message(customer, 1, NEW)
    for add, new in ((threads.add_response, NEW), (threads.add_note, NEW)):
        with pytest.raises(NotAllowed):
            add(customer, 1, new)
    with pytest.raises(NotAllowed):
        threads.add_message(customer, 1, NewEntry(Body("x"), person=102))
    with pytest.raises(NotFound):
        threads.add_message(Actor(customer=102), 1, NewEntry(Body("x"), person=102))
    assert [entry.kind for entry in case.entries(customer)] == ["message", "message"]


def test_files_are_held_to_the_desks_limits(case: Case) -> None:
    bad = NewFile("a.exe", "application/x-msdownload", b"MZ")
    with pytest.raises(Invalid):
        threads.add_note(SYSTEM, 1, NewEntry(Body("x"), files=(bad,)))
    many = tuple(NewFile(f"{n}.txt", "text/plain", b"x") for n in range(61))
    with pytest.raises(TooLarge):
        threads.add_note(SYSTEM, 1, NewEntry(Body("x"), files=many))
    assert objects() == []
    threads.add_note(SYSTEM, 1, NewEntry(Body("x"), files=many[:2]))
    assert [file.name for file in case.entries()[-1].attachments] == ["0.txt", "1.txt"]
    case.desk.change_settings(allow_attachments=False)
    threads.add_note(SYSTEM, 1, NewEntry(Body("x"), files=many[:2]))
    assert case.entries()[-1].attachments == ()


def test_html_is_cleaned(case: Case) -> None:
    entry = threads.add_message(SYSTEM, 1, NewEntry(Body("<b onclick=x>Hi</b>", "html")))
    assert entry.body.text == "<b>Hi</b>"


def test_the_same_request_twice_is_one_entry(case: Case) -> None:
    once = IdempotencyRecord("record", "request", lambda entry: {"id": entry.id})
    entry = threads.add_note(SYSTEM, 1, NEW, once)
    with pytest.raises(AlreadyAnswered) as replay:
        threads.add_note(SYSTEM, 1, NEW, once)
    assert replay.value.answer == {"id": entry.id}
    assert len(case.entries()) == 2


@pytest.mark.parametrize(
    ("status", "add", "automatic", "reopens"),
    [
        (2, threads.add_message, False, True),
        (3, threads.add_message, False, True),
        (3, threads.add_message, True, False),
        (3, threads.add_response, False, False),
        (3, threads.add_note, False, False),
        (4, threads.add_message, False, False),
    ],
)
def test_which_entry_opens_which_ticket_again(
    case: Case, status: int, add: Add, automatic: bool, reopens: bool
) -> None:
    case.close(status)
    add(SYSTEM, 1, NewEntry(Body("x"), reopens=not automatic))
    assert case.ticket.status == (1 if reopens else status)
    assert (case.ticket.closed is None) == reopens
    assert len(case.events("reopened")) == reopens


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        ({"department": 1}, True),
        ({"department": 2, "departments": [1]}, True),
        ({}, True),
        ({"department": 2}, False),
        ({"department": 1, "active": False}, False),
    ],
)
def test_opened_again_it_keeps_an_agent_of_its_department_only(
    case: Case, agent: dict[str, object], kept: bool
) -> None:
    values = {"id": 7, "name": "Ann", "email": "ann@desk.example", "username": "ann", **agent}
    case.desk.change("agents", 7, **values)
    held = {"agent": 7, "p8": "0000000007"}
    transact.write(transact.set_attributes(ticket_key(1), held))
    case.close(3)
    threads.add_message(SYSTEM, 1, NEW)

    assert case.ticket.agent == (7 if kept else None)
    assert len(case.events("released")) == (not kept)
    listed = table.query("0000000007", index="g08")
    assert len(list(listed)) == kept


def test_many_messages_at_once_open_it_again_once(case: Case) -> None:
    case.close(3)
    with crowd(4) as at_once:
        list(at_once.map(lambda _: threads.add_message(SYSTEM, 1, NEW), range(8)))
    assert len(case.entries()) == 9
    assert sorted(case.ticket.entries) == [entry.id for entry in case.entries()]
    (event,) = case.events("reopened")
    assert (Facets(**event["before"]).state, Facets(**event["after"]).state) == (
        "closed",
        "open",
    )


def test_opening_again_is_a_change_of_the_ticket_as_it_is_then(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads.add_message(SYSTEM, 1, NEW)
    assert case.ticket.version == 1
    case.close(3)

    def moved_meanwhile(_entry: Entry) -> None:
        changes.change_ticket(SYSTEM, 1, Change(department=2))

    monkeypatch.setattr(entries, "name_files", moved_meanwhile)
    threads.add_message(SYSTEM, 1, NEW)
    assert (case.ticket.version, case.ticket.department, case.ticket.status) == (3, 2, 1)
    (event,) = case.events("reopened")
    before, after = Facets(**event["before"]), Facets(**event["after"])
    assert (before.bucket, after.bucket, event["data"]) == ("3#2#0", "1#2#0", {"status": 1})
    item = table.get(ticket_key(1))
    assert item is not None
    assert item["p1"] == "1#2#0"


def test_a_message_alone_counts_nothing(case: Case) -> None:
    threads.add_message(SYSTEM, 1, NEW)
    (item,) = case.events("message")
    read = history.as_event(Key(item["pk"], item["sk"]), item)
    assert counters.changes(read) == {}
