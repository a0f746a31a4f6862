"""Every AWS call of an update with a note, and of a link, fails in every way; then it comes again.

Never half a change, never a note twice for one Idempotency-Key, never a link on one side only.
"""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from helpdesk.errors import Conflict, NotFound
from helpdesk.files import sweep
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.tickets import Change, Ticket
from helpdesk.projection import project
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.keys import child_key, number_key, ticket_key
from helpdesk.storage.transact import Write
from helpdesk.tickets import changes, deletion, find, links, threads
from tests.desk import Desk, new_desk
from tests.faults import EVERY_WAY, How
from tests.recount import assert_counted
from tests.world import LONG_TEXT, function, items, later, objects, waiting

pytestmark = pytest.mark.exhaustive

GRANTS = {"key_id": "1", "permissions": "can_update_tickets,can_manage_subtickets"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def opened(desk: Desk, *numbers: int) -> None:
    """Tickets with these ids, each with the number 700000 more."""
    for number in numbers:
        desk.open(number)
        transact.write(transact.put_new(number_key(f"{700000 + number}"), {"ticket": number}))
    sequences.reserve_id("entry", 1000)


def osticket(name: str, method: str, ref: str, body: object, once: str = "") -> tuple[int, str]:
    """One call of an endpoint, behind the gate."""
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": once} if once else {})
    called = {
        "httpMethod": method,
        "resource": "/",
        "path": f"/{name}/{ref}",
        "pathParameters": {"ref": f"{ref}.json"},
        "headers": headers,
        "body": json.dumps(body),
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "authorizer": GRANTS},
    }
    answer: dict[str, Any] = function(f"osticket/{name}").handler(called, None)
    return answer["statusCode"], answer["body"]


def change(number: int, once: str = "") -> tuple[int, str]:
    """Closes and moves a ticket and puts it under the first one, with a note and a file."""
    content = base64.b64encode(str(number).encode()).decode()
    values = {
        "statusId": "Closed",
        "departmentId": 2,
        "parentTicketNumber": "700001",
        "note": LONG_TEXT,
        "noteFormat": "text",
        "attachments": [{"a.zip": f"data:application/zip;base64,{content}"}],
    }
    return osticket("update_ticket", "PATCH", f"{700000 + number}", values, once)


def is_changed(number: int) -> bool:
    """Whether a ticket is changed, in all its parts; otherwise in none."""
    thread = find.find_thread(SYSTEM, str(number))
    ticket, notes = thread.ticket, [entry for entry in thread.entries if entry.kind == "note"]
    under = [child.id for child in links.find_children(SYSTEM, 1)]
    if ticket.version == 1:
        assert (ticket.status, ticket.department, ticket.parent, notes) == (1, 1, None, [])
        assert history(number) == ["created"]
        assert number not in under
        return False
    assert (ticket.status, ticket.department, ticket.parent) == (3, 2, 1)
    assert (ticket.version, ticket.entries) == (2, (number, notes[0].id))
    (note,) = notes
    assert note.body.text == LONG_TEXT
    (file,) = note.attachments
    assert file.size == len(str(number))
    assert history(number) == ["closed", "created", "linked", "note", "transferred"]
    assert number in under
    return True


def settle() -> None:
    for _ in range(3):
        project.project(waiting())


@EVERY_WAY
def test_a_change_that_failed_and_came_again_is_one_change(desk: Desk, how: How) -> None:
    opened(desk, 1)
    for number in count(2):
        opened(desk, number)
        with desk.injector.fault(how, number - 1) as fault:
            first = change(number, f"k-{number}")
        done = is_changed(number)
        assert first[0] in {200, 429, 503}, (fault, first)
        if first[0] == 200:
            assert done
        again = change(number, f"k-{number}")
        assert again == (200, f"{700000 + number}"), (fault, first, again)
        assert is_changed(number)
        if fault.hit is None:
            break
    assert number > 5
    settle()
    assert_counted()


@EVERY_WAY
def test_without_a_key_too_a_change_is_whole_or_not_at_all(desk: Desk, how: How) -> None:
    opened(desk, 1)
    for number in count(2):
        opened(desk, number)
        with desk.injector.fault(how, number - 1) as fault:
            status, _ = change(number)
        assert is_changed(number) or status != 200
        if fault.hit is None:
            break
    later(days=2)
    sweep.sweep_files()
    named = {item["object"]["S"] for item in items("desk") if "object" in item}
    assert set(objects()) == named


@pytest.mark.parametrize("code", ["TransactionConflictException", "ThrottlingException"])
def test_a_conflict_is_tried_again(desk: Desk, code: str) -> None:
    opened(desk, 1, 2)
    with desk.injector.fault(How.REFUSED, 1, "TransactWriteItems", code):
        status, _ = change(2)
    assert status == (200 if code.startswith("Transaction") else 429)
    assert is_changed(2) == (status == 200)


def undone() -> tuple[int, str]:
    return osticket("unlink_ticket", "DELETE", "700002", None)


def done() -> tuple[int, str]:
    return osticket("link_tickets", "POST", "700001", {"childId": "700002"})


@pytest.fixture
def steps(desk: Desk) -> list[Callable[[], tuple[int, str]]]:
    """Three operations, each of which the next one does not forbid."""
    opened(desk, 1, 2)
    return [done, undone, lambda: change(2)]


def test_a_lost_answer_is_found_out(desk: Desk, steps: list[Callable[[], tuple[int, str]]]) -> None:
    for step in steps:
        with desk.injector.fault(How.AFTER, 1, "TransactWriteItems") as fault:
            assert step()[0] == 200
        assert fault.hit
    assert history(2).count("note") == history(2).count("unlinked") == 1


def test_what_the_client_of_aws_repeats_is_done_once(
    steps: list[Callable[[], tuple[int, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a lost answer it tries again itself, and hears that the ticket is no more as it was."""
    commit = transact.commit

    def twice(writes: Sequence[Write]) -> None:
        commit(writes)
        commit(writes)

    monkeypatch.setattr(transact, "commit", twice)
    for step in steps:
        assert step()[0] == 200
    assert history(2).count("note") == history(2).count("unlinked") == 1


# --- others are faster ----------------------------------------------------------------------

MEANWHILE: dict[str, Callable[[], object]] = {
    "closed": lambda: changes.change_ticket(SYSTEM, 2, Change(status="Closed")),
    "moved": lambda: changes.change_ticket(SYSTEM, 2, Change(department=3, topic=1)),
    "linked": lambda: links.link_tickets(SYSTEM, 3, 2),
    "parent linked": lambda: links.link_tickets(SYSTEM, 3, 1),
    "a note": lambda: threads.add_note(SYSTEM, 2, NewEntry(Body("Me too."))),
    "a message": lambda: threads.add_message(SYSTEM, 2, NewEntry(Body("Me too."))),
}


def meddle(monkeypatch: pytest.MonkeyPatch, module: Any, meddling: Callable[[], object]) -> None:
    """Lets something happen between an operation's look at its tickets and its transaction."""
    find, left = module.find_items, [meddling]

    def find_items(*asked: Any) -> Any:
        found = find(*asked)
        while left:
            left.pop()()
        return found

    monkeypatch.setattr(module, "find_items", find_items)


@pytest.mark.parametrize("name", MEANWHILE)
def test_a_ticket_is_changed_as_it_is_at_that_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    opened(desk, 1, 2, 3)
    meddle(monkeypatch, changes, MEANWHILE[name])
    assert change(2) == (200, "700002")
    thread = find.find_thread(SYSTEM, "2")
    ticket = thread.ticket
    assert (ticket.status, ticket.department, ticket.parent) == (3, 2, 1)
    assert ticket.topic == (1 if name == "moved" else None)
    assert sorted(ticket.entries) == [entry.id for entry in thread.entries]
    assert [child.id for child in links.find_children(SYSTEM, 1)] == [2]
    under_the_third = [item["child"] for item in table.query("T#0000000003", begins="C#")]
    assert under_the_third == ([1] if name == "parent linked" else [])
    settle()
    assert_counted()


def test_a_ticket_that_is_deleted_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(desk, 1, 2)
    meddle(monkeypatch, changes, lambda: deletion.delete_ticket(SYSTEM, 2))
    assert change(2)[0] == 404
    assert objects() == []
    settle()
    assert_counted()


def test_a_parent_that_is_deleted_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(desk, 1, 2)
    meddle(monkeypatch, changes, lambda: deletion.delete_ticket(SYSTEM, 1))
    status, body = change(2)
    assert (status, json.loads(body)["message"]) == (404, "Parent ticket not found")
    assert find.find_thread(SYSTEM, "2").ticket.version == 1
    assert objects() == []


def test_who_is_never_fast_enough_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(desk, 1, 2)
    monkeypatch.setattr(transact, "RETRY_SECONDS", 0)
    meddle(monkeypatch, changes, MEANWHILE["closed"])
    assert change(2)[0] == 409
    assert find.find_thread(SYSTEM, "2").ticket.department == 1
    assert objects() == []


def test_a_parent_that_is_deleted_while_a_ticket_is_linked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, 1, 2)
    meddle(monkeypatch, find, lambda: deletion.delete_ticket(SYSTEM, 1))
    with pytest.raises(NotFound) as refused:
        links.link_tickets(SYSTEM, 1, 2)
    assert refused.value.what == "parent"
    assert find.find_thread(SYSTEM, "2").ticket.parent is None


def test_a_parent_that_is_deleted_while_its_child_moves_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, 1, 2, 3)
    links.link_tickets(SYSTEM, 3, 2)
    look, left = links.parent_of, [deletion.delete_ticket]

    def parent_of(child: Ticket) -> Ticket | None:
        found = look(child)
        while found and left:
            left.pop()(SYSTEM, found.id)
        return found

    monkeypatch.setattr(links, "parent_of", parent_of)
    assert change(2)[0] == 200
    assert left == []
    assert is_linked(2)
    assert "unlinked" not in history(3)


def test_a_parent_that_goes_where_the_key_does_not_see_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, 1, 2)
    meddle(monkeypatch, find, lambda: changes.change_ticket(SYSTEM, 1, Change(department=2)))
    with pytest.raises(NotFound) as refused:
        links.link_tickets(Actor(departments=frozenset({1})), 1, 2)
    assert refused.value.what == "parent"
    assert not is_linked(2)


def test_a_ticket_that_is_unlinked_twice_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, 1, 2)
    links.link_tickets(SYSTEM, 1, 2)
    meddle(monkeypatch, find, lambda: links.unlink_ticket(SYSTEM, 2))
    with pytest.raises(NotFound) as refused:
        links.unlink_ticket(SYSTEM, 2)
    assert refused.value.what == "link"
    assert history(1) == ["created", "linked", "unlinked"]


def test_of_two_that_would_make_a_circle_one_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 under 2 and 3 under 1, and then 2 under 3: each has looked before the other wrote
    (docs/aws.md m16).
    """
    opened(desk, 1, 2, 3)
    links.link_tickets(SYSTEM, 2, 1)
    meddle(monkeypatch, find, lambda: links.link_tickets(SYSTEM, 1, 3))
    with pytest.raises(Conflict) as refused:
        links.link_tickets(SYSTEM, 3, 2)
    assert refused.value.reason == "circular"
    assert [find.find_thread(SYSTEM, n).ticket.parent for n in "123"] == [2, None, 1]


# --- links ----------------------------------------------------------------------------------


@EVERY_WAY
def test_a_link_that_failed_and_came_again_is_one_link(desk: Desk, how: How) -> None:
    opened(desk, 1)
    for number in count(2):
        opened(desk, number)
        once, body = f"k-{number}", {"childId": f"{700000 + number}"}
        with desk.injector.fault(how, number - 1) as fault:
            first = osticket("link_tickets", "POST", "700001", body, once)
        assert first[0] in {200, 429, 503}, (fault, first)
        done = is_linked(number)
        assert done or first[0] != 200
        again = osticket("link_tickets", "POST", "700001", body, once)
        assert again[0] == 200, (fault, first, again)
        assert is_linked(number)
        assert history(number) == ["created", "linked"]
        if fault.hit is None:
            break
    assert number > 4
    assert history(1).count("linked") == number - 1


@EVERY_WAY
def test_an_unlinking_that_failed_and_came_again_is_done(desk: Desk, how: How) -> None:
    opened(desk, 1)
    for number in count(2):
        opened(desk, number)
        links.link_tickets(SYSTEM, 1, number)
        with desk.injector.fault(how, number - 1) as fault:
            first = osticket("unlink_ticket", "DELETE", f"{700000 + number}", None)
        assert first[0] in {200, 429, 503}, (fault, first)
        if is_linked(number):
            assert first[0] != 200
            again = osticket("unlink_ticket", "DELETE", f"{700000 + number}", None)
            assert again[0] == 200
        assert not is_linked(number)
        if fault.hit is None:
            break
    assert number > 5
    assert history(1).count("unlinked") == number - 1


def is_linked(number: int) -> bool:
    """Whether a ticket is under the first one, on both sides; otherwise on neither."""
    below = number in [child.id for child in links.find_children(SYSTEM, 1)]
    row = table.get(child_key(1, number)) is not None
    above = find.find_thread(SYSTEM, str(number)).ticket.parent
    assert below == row == (above == 1)
    return below


def history(ticket: int) -> list[str]:
    events = table.query(ticket_key(ticket).pk, begins="V#")
    return sorted(item["kind"] for item in events)
