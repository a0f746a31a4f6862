"""Changes that no dialect offers yet (subject, removing the agent), and the cost of a change."""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import permutations

import pytest

from helpdesk.errors import Invalid, NotAllowed, NotFound
from helpdesk.events import outbox
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.tickets import Change
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, ticket_key
from helpdesk.tickets import changes, find
from tests.desk import Desk, new_desk
from tests.faults import How
from tests.world import items


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def renaming(subject: str) -> Key:
    """The event of a ticket that gets another subject."""
    before = {item["sk"]["S"] for item in items("desk")}
    changes.change_ticket(SYSTEM, 1, Change(subject=subject))
    (event,) = [item for item in items("desk") if item["sk"]["S"] not in before]
    return Key(event["pk"]["S"], event["sk"]["S"])


def posted() -> set[str]:
    """The endings by which the ticket is found, those of its number left out."""
    return {
        item["sk"]["S"].partition("#")[0]
        for item in items("index")
        if item["pk"]["S"].startswith("SUF#") and item["sk"]["S"].endswith("#subject")
    }


def test_a_ticket_is_found_by_its_subject_and_no_more_by_an_older_one(desk: Desk) -> None:
    desk.deliver("project", desk.open(subject="cab"))
    assert posted() == {"cab", "ab", "b"}
    desk.deliver("project", renaming(" Tab "))
    assert posted() == {"tab", "ab", "b"}
    assert find.find_thread(SYSTEM, "1").ticket.subject == "Tab"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_new_subjects_may_be_followed_in_any_order(desk: Desk, order: list[int]) -> None:
    told = [desk.open(subject="one"), renaming("two"), renaming("six")]
    for place in order:
        assert desk.deliver("project", told[place]) == []
        desk.deliver("project", told[place])
    assert posted() == {"six", "ix", "x"}


@pytest.mark.parametrize("subject", ["", " \n", "\x00", "x" * 1001])
def test_what_is_no_subject(desk: Desk, subject: str) -> None:
    desk.open()
    with pytest.raises(Invalid) as refused:
        changes.change_ticket(SYSTEM, 1, Change(subject=subject))
    assert refused.value.problems[0].field == "subject"


def test_a_ticket_is_taken_from_its_agent(desk: Desk) -> None:
    desk.open(agent=5)
    released = changes.change_ticket(SYSTEM, 1, Change(release=True))
    assert released.agent is None
    item = table.get(ticket_key(1))
    assert item is not None
    assert {"agent", "p8"}.isdisjoint(item)
    (event,) = [e for e in outbox.load(_events(), "project") if e.kind == "released"]
    assert event.data == {"agent": 5}
    assert event.before
    assert event.after
    assert (event.before.agent, event.after.agent) == (5, 0)


def _events() -> list[Key]:
    return [
        Key(item["pk"]["S"], item["sk"]["S"])
        for item in items("desk")
        if item["sk"]["S"].startswith("V#")
    ]


def test_a_ticket_that_is_not_there(desk: Desk) -> None:
    desk.open()
    with pytest.raises(NotFound):
        changes.change_ticket(SYSTEM, 2, Change(status="Closed"))


def test_two_round_trips_are_two_calls(desk: Desk) -> None:
    desk.open()
    changes.change_ticket(SYSTEM, 1, Change(subject="One"))
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        changes.change_ticket(SYSTEM, 1, Change(subject="Two"))
    assert watched.calls == ["BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        (NewEntry(Body("Toner"), kind="message", person=150), True),
        (NewEntry(Body("Toner"), kind="message", person=151), False),
        (NewEntry(Body("Toner"), kind="response", person=150), False),
    ],
)
def test_a_customer_adds_messages_of_their_own(desk: Desk, entry: NewEntry, allowed: bool) -> None:
    desk.open(50)
    change = Change(entry=entry, customers=frozenset({"entry"}))
    with nullcontext() if allowed else pytest.raises(NotAllowed):
        changes.change_ticket(Actor(customer=150), 50, change)
    thread = find.find_thread(SYSTEM, 50)
    assert len(thread.entries) == 1 + allowed
    assert (thread.ticket.time_units, thread.ticket.version) == ("", 1)


def test_what_others_change_meanwhile_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open()
    commit = transact.commit

    def overtaken(writes: list[transact.Write]) -> None:
        monkeypatch.setattr(transact, "commit", commit)
        changes.change_ticket(SYSTEM, 1, Change(department=2))
        commit(writes)

    monkeypatch.setattr(transact, "commit", overtaken)
    changes.change_ticket(SYSTEM, 1, Change(subject="Two"))
    ticket = find.find_ticket(SYSTEM, 1)
    assert (ticket.subject, ticket.department, ticket.version) == ("Two", 2, 3)


def test_a_callers_own_values_are_added_to_those_there_are(desk: Desk) -> None:
    desk.open()
    changes.change_ticket(SYSTEM, 1, Change(preferences={"a": 1, "b": 1}, by=7))
    changes.change_ticket(SYSTEM, 1, Change(preferences={"b": 2}))
    ticket = find.find_ticket(SYSTEM, 1)
    assert (ticket.preferences, ticket.updated_by) == ({"a": 1, "b": 2}, 7)
