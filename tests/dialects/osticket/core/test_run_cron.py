"""POST /api/tasks/cron, and what it does: tickets that fall due are marked, each once."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from helpdesk.errors import DeskError, Throttled
from helpdesk.model.actor import SYSTEM
from helpdesk.model.tickets import Change, Ticket
from helpdesk.storage import table
from helpdesk.storage.keys import number_key, ticket_key
from helpdesk.tickets import changes, overdue
from tests import world
from tests.dialects.osticket.conftest import Desk
from tests.faults import EVERY_UNCLEAR_WAY, How
from tests.recount import assert_counted
from tests.world import crowd, function, later

pytestmark = pytest.mark.usefixtures("timed")


def run(desk: Desk, path: str = "/api/tasks/cron", **options: Any) -> tuple[int, str, str]:
    answer = desk.call("POST", path, **options)
    return answer.status, answer.text, answer.type


def marks(number: str) -> list[dict[str, Any]]:
    """The `overdue` events of a ticket."""
    held = table.get(number_key(number))
    assert held
    history = table.query(ticket_key(held["ticket"]).pk, begins="V#")
    return [event for event in history if event["kind"] == "overdue"]


def item(number: str) -> dict[str, Any]:
    held = table.get(number_key(number))
    assert held
    found = table.get(ticket_key(held["ticket"]))
    assert found
    return found


# --- the endpoint ---------------------------------------------------------------------------

HTML = "text/html; charset=UTF-8"


@pytest.mark.parametrize("path", ["/api/tasks/cron", "/api/http.php/tasks/cron"])
@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff no matter what"])
def test_completed_whatever_is_sent(desk: Desk, path: str, raw: bytes) -> None:
    assert run(desk, path, raw=raw) == (200, "Completed", HTML)


def test_only_with_the_permission_itself(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_create_tickets", "can_manage_desk"])["key"]
    assert run(desk, key=key) == (403, "API key not authorized", HTML)
    key = desk.cloud.key(permissions=["can_exec_cron"])["key"]
    assert run(desk, key=key) == (200, "Completed", HTML)


@pytest.mark.parametrize("bound", ["departments", "customer"])
def test_not_for_a_part_of_the_desk(desk: Desk, bound: str) -> None:
    number = desk.open()
    values = {"departments": [1], "customer": desk.get(number)["userId"]}
    key = desk.cloud.key(permissions=["can_exec_cron"], **{bound: values[bound]})["key"]
    later(days=30)
    assert run(desk, key=key) == (403, "API key not authorized", HTML)
    assert not marks(number)


def test_it_marks_what_is_overdue_and_does_nothing_else(desk: Desk) -> None:
    late = desk.open()
    early = desk.open(duedate="2027-01-01")
    later(days=30)
    world.aside("s3").put_object(Bucket="desk-files", Key="files/2026-03-30/orphan/0")
    before = {(i["pk"]["S"], i["sk"]["S"]): i for i in world.items()}
    assert run(desk)[0] == 200
    after = {(i["pk"]["S"], i["sk"]["S"]): i for i in world.items()}
    changed = {where for where in after if after[where] != before.get(where)}
    (event,) = marks(late)
    ticket = ticket_key(item(late)["id"])
    keys = {where for where in changed if not where[0].startswith("K#")}
    assert keys == {tuple(ticket), (event["pk"], event["sk"])}
    assert not marks(early)
    assert world.objects() == ["files/2026-03-30/orphan/0"]


# --- the mark -------------------------------------------------------------------------------


def test_a_mark_is_a_change_of_the_ticket(desk: Desk) -> None:
    number = desk.open()
    desk.settle()
    before = item(number)
    later(days=30)
    run(desk)
    after = item(number)
    assert before.keys() - after.keys() == {"p9", "s9"}
    differing = {name for name in after if after[name] != before.get(name)}
    assert differing == {"overdue", "updated", "s2", "version"}
    assert (after["overdue"], after["version"]) == (True, before["version"] + 1)
    (event,) = marks(number)
    assert (event["before"]["overdue"], event["after"]["overdue"]) == (False, True)
    assert event["todo"] == {"notify", "project"}
    assert not {"agent", "person", "by_key"} & event.keys()
    assert event["data"] == {}
    desk.settle()
    assert_counted()
    assert desk.get(number)["isOverdue"] is True


def test_each_ticket_is_marked_once_whoever_calls(desk: Desk) -> None:
    numbers = [desk.open() for _ in range(6)]
    later(days=30)
    callers: list[Callable[[], object]] = [
        overdue.mark_overdue,
        lambda: run(desk),
        overdue.mark_overdue,
    ]
    callers.append(lambda: function("background/mark_overdue").handler({}, None))
    with crowd(4) as threads:
        for call in [threads.submit(caller) for caller in callers]:
            call.result()
    assert overdue.mark_overdue() == 0
    assert [len(marks(number)) for number in numbers] == [1] * 6
    desk.settle()
    assert_counted()


def test_what_was_put_off_meanwhile_is_not_marked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.open()
    later(days=30)
    mark = overdue._mark

    def put_off(*args: Any) -> bool:
        changes.change_ticket(SYSTEM, number, Change(due="2027-01-01"))
        return mark(*args)

    monkeypatch.setattr(overdue, "_mark", put_off)
    assert overdue.mark_overdue() == 0
    assert not marks(number)
    assert not item(number)["overdue"]


def test_due_again_is_marked_again(desk: Desk) -> None:
    number = desk.open()
    later(days=30)
    assert overdue.mark_overdue() == 1
    changes.change_ticket(SYSTEM, number, Change(due="2026-04-20"))
    assert overdue.mark_overdue() == 0
    later(days=30)
    assert overdue.mark_overdue() == 1
    assert len(marks(number)) == 2
    desk.settle()
    assert_counted()


def test_one_call_marks_so_many_and_the_next_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [desk.open(duedate=f"2026-03-{day:02}") for day in (9, 7, 8)]
    later(days=30)
    monkeypatch.setattr(overdue, "MOST_MARKED", 2)
    assert overdue.mark_overdue() == 2
    # The longest overdue come first.
    assert [len(marks(number)) for number in numbers] == [0, 1, 1]
    assert [overdue.mark_overdue(), overdue.mark_overdue()] == [1, 0]


def test_one_that_fails_does_not_keep_the_others_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [desk.open() for _ in range(4)]
    later(days=30)
    monkeypatch.setattr("helpdesk.storage.aws._AT_ONCE", 2)
    mark, bad = overdue._mark, item(numbers[0])["id"]

    def fails(ticket: Ticket, *args: Any) -> bool:
        if ticket.id == bad:
            raise Throttled
        return mark(ticket, *args)

    monkeypatch.setattr(overdue, "_mark", fails)
    with pytest.raises(Throttled):
        overdue.mark_overdue()
    assert sorted(len(marks(number)) for number in numbers) == [0, 1, 1, 1]


@EVERY_UNCLEAR_WAY
def test_under_any_fault_there_is_one_mark(desk: Desk, how: How) -> None:
    for nth in count(1):
        number = desk.open()
        later(days=30)
        with world.world().injector.fault(how, nth) as fault:
            try:
                overdue.mark_overdue()
            except DeskError:
                assert fault.hit
        overdue.mark_overdue()
        assert len(marks(number)) == 1, fault
        if fault.hit is None:
            break
    assert nth > 3
    desk.settle()
    assert_counted()
