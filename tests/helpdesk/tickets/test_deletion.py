"""What deleting a ticket removes, to the last item, and what it leaves alone."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count, permutations
from typing import Any

import pytest

from helpdesk.errors import Conflict, NotFound
from helpdesk.events.history import AUDIT_DAYS
from helpdesk.files import sweep
from helpdesk.mail.outbound import send
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.tickets import Change
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import unpack
from helpdesk.storage.keys import Key, child_key, padded, ticket_key
from helpdesk.tickets import changes, deletion, links, participants, threads
from tests.desk import Desk, function
from tests.faults import How
from tests.helpdesk.mail.inbound.conftest import Post, answer_to, mail
from tests.helpdesk.tickets.doomed import (
    REQUESTER,
    WORD,
    Doomed,
    another,
    doomed_among_others,
    first_mail,
    settle,
)
from tests.recount import assert_counted
from tests.world import Clock, crowd, items, later, objects, waiting

Where = tuple[str, str, str]
Items = dict[Where, dict[str, Any]]


@pytest.fixture
def doomed() -> Iterator[Doomed]:
    with doomed_among_others() as made:
        yield made


def everything() -> Items:
    """All items of both tables, but for the ids that were drawn."""
    return {
        (name, item["pk"], item["sk"]): item
        for name in ("desk", "index")
        for item in map(unpack, items(name))
        if item["pk"] != "SEQ"
    }


def own(where: Where, item: dict[str, Any], ticket: int) -> bool:
    """Whether an item is a ticket's own: it lies with it, says so, or is a posting of it."""
    _, pk, sk = where
    kind = pk.partition("#")[0]
    if kind in {"SUF", "W"}:
        return sk.split("#")[-2] == padded(ticket)
    if kind == "TAG":
        return sk == padded(ticket)
    if kind in {"N", "E", "F", "O-F", "MAIL", "MN", "WN"}:
        return bool(item.get("ticket") == ticket)
    there = kind == "T" and (sk == f"C#{padded(ticket)}" or sk.endswith(f"#{padded(ticket)}"))
    return pk == f"T#{padded(ticket)}" or there


def left(ticket: int) -> list[str]:
    """What is still a ticket's own: kinds of events, keys of all else."""
    return [
        str(item.get("kind", where))
        for where, item in everything().items()
        if own(where, item, ticket)
    ]


# --- what goes ------------------------------------------------------------------------------


def test_all_of_it_goes_and_nothing_else(doomed: Doomed) -> None:
    before = everything()
    theirs = {where for where, item in before.items() if own(where, item, doomed.ticket)}
    kinds = {f"{pk.partition('#')[0]}/{sk[:1]}" for _, pk, sk in theirs}
    assert kinds >= {
        "T/A",
        "T/E",
        "T/V",
        "T/C",
        "T/P",
        "N/N",
        "E/E",
        "F/F",
        "O-F/O",
        "SUF/x",
        "W/x",
        "TAG/0",
        "MN/M",
        "WN/W",
        "T/L",
        "T/M",
        "T/U",
        "T/W",
    }
    assert "MAIL" in {kind.partition("/")[0] for kind in kinds}
    assert {key.partition("/")[0] for key in objects()} == {"files", "derived", "raw"}

    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)

    after = everything()
    assert before.keys() - after.keys() == theirs
    added = {where: item for where, item in after.items() if where not in before}
    assert {(pk, item["kind"]) for (_, pk, _), item in added.items()} == {
        (f"T#{padded(doomed.ticket)}", "deleted"),
        (f"T#{padded(doomed.child)}", "unlinked"),
        (f"T#{padded(doomed.merged)}", "unlinked"),
    }
    changed = {where for where in before.keys() & after.keys() if before[where] != after[where]}
    for where in changed:
        was, is_now = before[where], after[where]
        differs = {name for name in was.keys() | is_now.keys() if was.get(name) != is_now.get(name)}
        if where[1:] in {(f"T#{padded(one)}", "A") for one in (doomed.child, doomed.merged)}:
            assert differs == {"parent", "updated", "s2"}
            assert "parent" not in is_now
        elif where[1].startswith("M#"):
            assert is_now.keys() == {"pk", "sk", "ticket", "mail"}
            assert is_now["ticket"] == doomed.ticket
        else:
            assert where[1].partition("#")[0] in {"CELL", "STAT", "RANK", "TAGS"}
            (name,) = differs
            assert is_now[name] == was[name] - 1
    assert len(changed) == 2 + 3 + 2 + sum(pk.startswith("M#") for _, pk, _ in changed)
    assert_counted()
    assert objects() == []


def test_not_a_word_of_it_is_left(doomed: Doomed) -> None:
    assert WORD in json.dumps(items())
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    assert WORD not in json.dumps(items())
    holding = {
        item["pk"]["S"].partition("#")[0] for item in items() if REQUESTER in json.dumps(item)
    }
    assert holding <= {"U", "UE", "USUF", "T"}
    (ticket,) = (
        item for item in items("desk") if item["sk"]["S"] == "A" and "Another one" in str(item)
    )
    assert ticket["person_email"]["S"] == REQUESTER


def test_what_is_kept_says_that_there_was_a_ticket(doomed: Doomed) -> None:
    before = table.get(ticket_key(doomed.ticket))
    assert before
    deletion.delete_ticket(Actor(key=7, agent=3), doomed.ticket)
    settle(doomed.desk)
    (event,) = table.query(ticket_key(doomed.ticket).pk)
    del event["pk"], event["sk"], event["at"]
    assert event == {
        "kind": "deleted",
        "ticket": doomed.ticket,
        "by_key": 7,
        "agent": 3,
        "data": {"number": doomed.number},
        "ttl": int(Clock.current.timestamp()) + AUDIT_DAYS * 86_400,
        "before": {
            **{name: before[name] for name in ("status", "department", "overdue")},
            "topic": before.get("topic", 0),
            "agent": 0,
            "state": "open",
        },
    }


def test_the_sweep_finds_nothing_to_do_and_nothing_to_harm(doomed: Doomed) -> None:
    before = objects()
    said = mail("Eve <eve@example.org>", "Mine", message_id="<eve@example.org>")
    said.add_attachment(b"mine", maintype="text", subtype="plain", filename="mine.txt")
    Post(doomed.desk, count(50)).bring(said, sender="eve@example.org")
    hers = [key for key in objects() if key not in before]
    assert {key.partition("/")[0] for key in hers} == {"files", "raw"}
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    assert objects() == hers
    later(days=2)
    assert sweep.sweep_files() == 0
    assert objects() == hers


# --- mail that belonged to it ---------------------------------------------------------------


def test_its_mail_comes_again_and_stays_known(doomed: Doomed) -> None:
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    before = everything()
    post = Post(doomed.desk, count(50))
    assert post.send(first_mail()) == (201, doomed.number)
    post.bring(first_mail(), sender=REQUESTER)
    assert everything() == before
    # Nobody would ever remove the whole of it.
    assert objects() == []


def test_its_own_mail_that_comes_back_is_held(doomed: Doomed) -> None:
    sent = doomed.desk.mails()[0]
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    post = Post(doomed.desk, count(50))
    tickets = post.tickets()
    back = post.bring(sent, sender="support@desk.example")
    assert (post.held(), post.tickets()) == ({back: "loop"}, tickets)
    assert post.send(sent)[0] == 404


def test_a_second_copy_of_its_mail_does_not_outlive_it(doomed: Doomed) -> None:
    Post(doomed.desk, count(50)).bring(first_mail(), sender=REQUESTER)
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    assert objects() == []


def test_an_answer_to_it_opens_a_new_ticket(doomed: Doomed) -> None:
    post = Post(doomed.desk, count(50))
    sent = doomed.desk.mails()[0]
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    subjects = {item["subject"] for item in post.tickets()}
    post.bring(answer_to(sent, f"Jane <{REQUESTER}>", "Still burning"), sender=REQUESTER)
    assert {item["subject"] for item in post.tickets()} - subjects == {f"Re: {sent['Subject']}"}
    (new,) = (item for item in post.tickets() if item["subject"].startswith("Re: "))
    assert new["id"] > doomed.child


# --- often, at once, in any order -----------------------------------------------------------


@pytest.mark.exhaustive
def test_of_many_at_once_one_deletes_it(doomed: Doomed) -> None:
    def delete(_: int) -> str:
        try:
            return deletion.delete_ticket(SYSTEM, doomed.number).number
        except NotFound:
            return "gone"

    with crowd(6) as at_once:
        answers = sorted(at_once.map(delete, range(6)))
    assert answers == sorted([doomed.number, *["gone"] * 5])
    settle(doomed.desk)
    assert left(doomed.ticket) == ["deleted"]
    assert_counted()


def test_delivered_often_and_at_once_it_counts_once(doomed: Doomed) -> None:
    deletion.delete_ticket(SYSTEM, doomed.number)
    keys = waiting()
    with crowd(4) as pool:
        missed = list(pool.map(lambda _: doomed.desk.deliver("project", *keys, *keys), range(4)))
    for keys_left in missed:
        assert doomed.desk.deliver("project", *keys_left) == []
    assert doomed.desk.deliver("project", *keys) == []
    settle(doomed.desk)
    assert left(doomed.ticket) == ["deleted"]
    assert_counted()
    child = table.query(ticket_key(doomed.child).pk, begins="V#")
    assert [item["kind"] for item in child].count("unlinked") == 1


ORDERS = list(permutations(["created", "message", "deleted", "tombstone"]))


@pytest.mark.exhaustive
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_in_whatever_order_its_events_come(desk: Desk, order: tuple[str, ...]) -> None:
    ticket = another("Printer", email="new@example.org")
    threads.add_message(SYSTEM, ticket, NewEntry(Body("Toner"), poster="Ann"))
    deletion.delete_ticket(SYSTEM, ticket)
    found = {
        item["kind"]: Key(item["pk"], item["sk"])
        for item in table.query(f"T#{padded(ticket)}", begins="V#")
    }
    for kind in order:
        assert desk.deliver("project", found[kind]) == []
    assert left(ticket) == ["deleted"]
    assert_counted()
    # Whoever asked stays, and can be found.
    assert any(key.startswith("new@example.org#") for key in desk.index("USUF#n"))


@pytest.mark.exhaustive
def test_while_everybody_works_on_it(desk: Desk) -> None:
    chance = random.Random(4)
    tickets = [another(f"Printer {number}") for number in range(6)]
    deleted = tickets[:3]

    def act(number: int) -> None:
        ticket, other = chance.sample(tickets, 2)
        note = NewEntry(Body("Toner"), poster="Ann")
        acts: list[Callable[[], object]] = [
            lambda: threads.add_message(SYSTEM, ticket, note),
            lambda: threads.add_note(SYSTEM, ticket, note),
            lambda: changes.change_ticket(SYSTEM, ticket, Change(department=chance.choice((1, 2)))),
            lambda: changes.change_ticket(SYSTEM, ticket, Change(status=chance.choice((1, 3)))),
            lambda: links.link_tickets(SYSTEM, other, ticket),
            lambda: desk.deliver("project", *waiting()),
        ]
        with suppress(NotFound, Conflict):
            chance.choice(acts)()
        if number % 30 == 29:
            deletion.delete_ticket(SYSTEM, deleted[number // 30])

    with crowd(6) as pool:
        list(pool.map(act, range(90)))
    settle(desk)
    assert_counted()
    for ticket in tickets:
        kept = left(ticket)
        assert kept == ["deleted"] if ticket in deleted else "deleted" not in kept
    parents = [item["parent"] for item in map(unpack, items("desk")) if "parent" in item]
    assert not set(parents) & set(deleted)


# --- what comes too late --------------------------------------------------------------------


def interrupt(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Any) -> None:
    """Does something right before the next call of a function."""
    # It may take longer on a busy machine than whoever calls that function would wait.
    monkeypatch.setattr(transact, "RETRY_SECONDS", 60.0)
    real = getattr(owner, name)

    def interrupted(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        act()
        return real(*args, **named)

    monkeypatch.setattr(owner, name, interrupted)


def test_postings_that_come_too_late_are_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = another("Printer", email="new@example.org")
    (created,) = waiting()

    def delete() -> None:
        deletion.delete_ticket(SYSTEM, ticket)
        assert desk.deliver("project", *(key for key in waiting() if key != created)) == []

    # The ticket was read, the postings are about to be written.
    interrupt(monkeypatch, transact, "write_many", delete)
    assert desk.deliver("project", created) == []
    assert left(ticket) == ["deleted"]
    assert any(key.startswith("new@example.org#") for key in desk.index("USUF#n"))
    assert_counted()


def test_a_subject_that_changed_just_before_leaves_no_posting_of_the_old_one(desk: Desk) -> None:
    ticket = another(f"Old {WORD}")
    settle(desk)
    changes.change_ticket(SYSTEM, ticket, Change(subject="New"))
    edited = waiting()
    deletion.delete_ticket(SYSTEM, ticket)
    # The queue has brought what happened last first.
    assert desk.deliver("project", *(key for key in waiting() if key not in edited)) == []
    assert left(ticket) == ["deleted"]
    assert WORD not in json.dumps(items("index"))


def test_a_child_that_is_moved_at_that_moment_keeps_its_new_parent(
    doomed: Doomed, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = another("Other")
    settle(doomed.desk)
    deletion.delete_ticket(SYSTEM, doomed.number)

    def move() -> None:
        place = child_key(doomed.ticket, doomed.child)
        writes = [
            transact.update(ticket_key(doomed.child), "SET parent = :other", {":other": other}),
            transact.put(child_key(other, doomed.child), {}),
        ]
        transact.commit(writes)
        assert table.get(place)

    interrupt(monkeypatch, deletion, "_orphan", move)
    settle(doomed.desk)
    child = table.get(ticket_key(doomed.child))
    assert child
    assert child["parent"] == other
    assert unlinked(doomed.child) == []
    assert left(doomed.ticket) == ["deleted"]


def test_a_child_that_is_gone_at_that_moment_does_not_come_back(
    doomed: Doomed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deletion.delete_ticket(SYSTEM, doomed.number)
    gone = ticket_key(doomed.child)
    interrupt(monkeypatch, deletion, "_orphan", lambda: transact.write(transact.delete(gone)))
    settle(doomed.desk)
    assert table.get(gone) is None
    assert unlinked(doomed.child) == []
    assert left(doomed.ticket) == ["deleted"]


def test_a_child_s_history_says_whose_child_it_was(doomed: Doomed) -> None:
    deletion.delete_ticket(SYSTEM, doomed.number)
    settle(doomed.desk)
    assert unlinked(doomed.child) == [{"parent": doomed.ticket}]


def unlinked(child: int) -> list[Any]:
    """What its history says of parents that it lost."""
    found = table.query(ticket_key(child).pk, begins="V#")
    return [item["data"] for item in found if item["kind"] == "unlinked"]


def test_nobody_joins_what_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post(desk)
    post.bring(mail("Ann <ann@example.org>", Cc="Carl <carl@example.org>", message_id="<1@x>"))
    (created,) = waiting()
    (item,) = post.tickets()

    def delete() -> None:
        deletion.delete_ticket(SYSTEM, item["id"])
        assert desk.deliver("project", *(key for key in waiting() if key != created)) == []

    interrupt(monkeypatch, participants, "_additions", delete)
    assert desk.deliver("project", created) == []
    assert left(item["id"]) == ["deleted"]
    assert_counted()


def test_a_mail_on_its_way_leaves_no_trace_of_whom_it_went_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = desk.open()

    def delete() -> None:
        deletion.delete_ticket(SYSTEM, 1)
        assert desk.deliver("project", *waiting()) == []

    interrupt(monkeypatch, send, "send_all", delete)
    assert desk.deliver("notify", created) == []
    desk.hear_of_sending()
    assert len(desk.mails()) == 2
    assert left(1) == ["deleted"]
    marks = [item for item in map(unpack, items("desk")) if item["pk"].startswith("M#")]
    assert [mark.keys() for mark in marks] == [{"pk", "sk", "ticket", "mail"}] * 2


def test_what_is_written_at_that_moment_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = another()
    interrupt(monkeypatch, threads, "_write", lambda: deletion.delete_ticket(SYSTEM, ticket))
    with pytest.raises(NotFound):
        threads.add_message(SYSTEM, ticket, NewEntry(Body("Toner"), poster="Ann"))
    settle(desk)
    assert left(ticket) == ["deleted"]
    assert_counted()


def test_what_was_written_at_that_moment_goes_along(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, other = another(), another("Other")

    def write() -> None:
        threads.add_message(SYSTEM, ticket, NewEntry(Body("Toner"), poster="Ann"))
        changes.change_ticket(SYSTEM, ticket, Change(department=2))
        links.link_tickets(SYSTEM, other, ticket)

    interrupt(monkeypatch, deletion, "_delete", write)
    assert deletion.delete_ticket(SYSTEM, ticket).department == 2
    settle(desk)
    assert left(ticket) == ["deleted"]
    assert_counted()


# --- a great deal of it ---------------------------------------------------------------------


def test_a_long_thread_goes_in_several_deliveries(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = another()
    for number in range(25):
        threads.add_message(SYSTEM, ticket, NewEntry(Body(f"Toner {number}"), poster="Ann"))
    settle(desk)
    deletion.delete_ticket(SYSTEM, ticket)
    monkeypatch.setattr(deletion, "MOST_SECONDS", -1)
    desk.queued("project")
    deliveries, keys = 0, waiting()
    while keys:
        deliveries += 1
        assert desk.deliver("project", *keys) == []
        # Counted with the first delivery, however long the rest takes.
        assert_counted()
        keys = desk.queued("project")
    assert deliveries > 4
    assert left(ticket) == ["deleted"]


def test_what_could_not_be_queued_again_is_found_by_the_job(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = another()
    settle(desk)
    deletion.delete_ticket(SYSTEM, ticket)
    monkeypatch.setattr(deletion, "MOST_SECONDS", -1)
    with desk.injector.fault(How.BEFORE, only="SendMessageBatch"):
        assert desk.deliver("project", *waiting()) == []
    (tombstone,) = waiting()
    later(minutes=11)
    function("requeue_events")({}, None)
    assert desk.queued("project") == [tombstone]
