"""The index is rebuilt while the desk serves: whatever happens meanwhile, in whatever order it is
projected, the new index equals the old one, and no mail is sent.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from helpdesk.errors import Conflict, Damaged, Invalid, NotFound, Unavailable
from helpdesk.events import history
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.projection import progress, rebuild
from helpdesk.projection.progress import Progress
from helpdesk.queries import lists
from helpdesk.storage import generations, transact
from helpdesk.storage.attributes import unpack
from helpdesk.storage.generations import BESIDE
from helpdesk.storage.keys import CATALOGUE_VERSION, ticket_key
from helpdesk.tickets import changes, create, deletion, merges, recount, tags, threads
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.template import Template
from tests import world
from tests.desk import Desk, function
from tests.helpdesk.projection.test_counters_at_random import Tickets
from tests.recount import COUNTERS, assert_counted, in_generation, serving
from tests.world import later, waiting

TAGS = ("printer", "Printer", "paper")


def step(**how: Any) -> Progress:
    """The least that one call does."""
    return rebuild.go_on(0, patience=0, **how)


def until(phase: str) -> None:
    while step().phase != phase:
        pass


def whole(items: Iterable[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    """What a generation holds: its postings, and the counters that stand at something."""
    found = set()
    for item in items:
        if item["pk"].startswith((*BESIDE, "BASE#")):
            continue
        if item["pk"].startswith(COUNTERS):
            counts = sorted((n, v) for n, v in item.items() if n not in {"pk", "sk"} and v)
            if counts:
                found.add((item["pk"], item["sk"], *counts))
        else:
            found.add((item["pk"], item["sk"]))
    return found


def assert_same() -> None:
    """The generation that has just begun to serve holds what the one before it does."""
    seen = serving([unpack(item) for item in world.items("desk")])
    index = [unpack(item) for item in world.items("index")]
    assert whole(in_generation(index, seen.serving)) == whole(
        in_generation(index, seen.retiring[-1])
    )


def assert_alone() -> None:
    """Nothing is left of any generation but the one that serves."""
    seen = serving([unpack(item) for item in world.items("desk")])
    index = [unpack(item) for item in world.items("index")]
    assert (seen.building, seen.retiring) == (None, ())
    mine = f"{seen.serving}!"
    rest = {item["pk"] for item in index if not item["pk"].startswith((mine, *BESIDE))}
    assert {pk for pk in rest if "!BASE#" not in pk} == set()


class Rebuilt(Tickets):
    """A desk on which all that can happen does, while its index is made anew."""

    def teardown(self) -> None:
        """All that still waits is delivered; then the index is what it was, and nothing else."""
        try:
            self.settle()
            until("whole")
            assert_same()
            until("done")
            assert_alone()
            self.settle()
            assert not self.desk.mails()
        finally:
            self._open.close()

    @rule(times=st.integers(1, 4))
    def rebuild(self, times: int) -> None:
        with patch.object(rebuild, "TICKETS", 2):
            for _ in range(times):
                step()

    @rule()
    def begin_anew(self) -> None:
        step(anew=True)

    @precondition(lambda self: self.known)
    @rule(which=st.integers(0, 100), names=st.sets(st.sampled_from(TAGS)))
    def tag(self, which: int, names: set[str]) -> None:
        tags.add_tags(SYSTEM, self.one(which), sorted(names))

    @precondition(lambda self: self.known)
    @rule(source=st.integers(0, 100), into=st.integers(0, 100))
    def merge(self, source: int, into: int) -> None:
        with suppress(Conflict, NotFound, Invalid):
            merges.merge_tickets(SYSTEM, self.one(source), self.one(into))


TestRebuilt = pytest.mark.exhaustive(Rebuilt.TestCase)
TestRebuilt.settings = settings(max_examples=settings().max_examples // 5, stateful_step_count=20)


# --- one after the other --------------------------------------------------------------------


def opened(desk: Desk, subject: str = "Printer", *, deliver: bool = True) -> int:
    new = NewTicket(
        requester=NewPerson(email="ann@example.org", name="Ann"),
        subject=subject,
        body=Body("It burns."),
    )
    ticket = create.open_ticket(SYSTEM, new).id
    if deliver:
        settle(desk)
    return ticket


def settle(desk: Desk) -> None:
    while keys := [key for key in waiting("") if "project" in desk.todo(key)]:
        assert desk.deliver("project", *keys) == []


def found(text: str) -> list[int]:
    wanted = Wanted(subject=(text,))
    # As an endpoint does, whose first look has told of another generation.
    lists.find_tickets(SYSTEM, wanted, Page())
    return sorted(ticket.id for ticket in lists.find_tickets(SYSTEM, wanted, Page()))


def test_an_index_that_is_lost_is_made_anew_from_the_desk(desk: Desk) -> None:
    first, second = opened(desk, "Printer"), opened(desk, "Paper")
    changes.change_ticket(SYSTEM, second, Change(status="Closed"))
    settle(desk)
    for item in world.items("index"):
        world.aside("dynamodb").delete_item(
            TableName="index", Key={name: item[name] for name in ("pk", "sk")}
        )
    until("done")
    assert_counted()
    assert found("printer") == [first]
    assert found("paper") == [second]
    assert not desk.mails()


def test_the_function_says_how_far_it_has_come_and_the_next_call_goes_on(desk: Desk) -> None:
    opened(desk)
    said = [function("rebuild_index")({"seconds": 0, "patience": 0}, None)]
    while said[-1]["phase"] != "done":
        said.append(function("rebuild_index")({"seconds": 0, "patience": 0}, None))
    phases = list(dict.fromkeys(one["phase"] for one in said))
    assert phases == [
        *("counting", "tickets", "people", "organizations", "whole", "removal", "done")
    ]
    assert {"phase": "people", "done": 0, "of": 4} in said


def test_between_its_steps_it_waits_for_functions_that_began_before(desk: Desk) -> None:
    opened(desk)
    assert rebuild.go_on(0).phase == "announced"
    later(seconds=rebuild.PATIENCE - 1)
    assert rebuild.go_on(0).phase == "announced"
    later(seconds=2)
    assert rebuild.go_on(0).phase == "counting"


def test_it_waits_for_longer_than_whatever_writes_the_index_may_run() -> None:
    template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
    assert template.functions["BackgroundProject"].timeout < rebuild.PATIENCE


def test_two_calls_do_not_work_on_it_at_once(desk: Desk) -> None:
    opened(desk)
    step()

    def meanwhile(_self: object) -> Progress:
        assert function("rebuild_index")({"seconds": 0}, None) == {"phase": "under way"}
        raise Unavailable("test")

    with patch.object(rebuild._Work, "run", meanwhile), pytest.raises(Unavailable):
        step()
    until("done")
    assert_counted()


def test_a_call_that_was_cut_off_keeps_the_next_one_waiting_for_its_lease_only(desk: Desk) -> None:
    opened(desk)
    with patch.object(rebuild._Work, "release", lambda _self: None):
        step()
    with pytest.raises(Conflict):
        step()
    later(seconds=progress.LEASE.total_seconds() + 1)
    until("done")
    assert_counted()


def test_a_ticket_that_changes_while_it_is_counted_is_looked_at_again(desk: Desk) -> None:
    ticket = opened(desk)
    until("tickets")
    read, left = recount._events, ["Closed", "Open", "Archived"]

    def meanwhile(building: str, number: int) -> list[history.Event]:
        if left:
            changes.change_ticket(SYSTEM, ticket, Change(status=left.pop()))
            if len(left) == 1:
                settle(desk)
        return read(building, number)

    with patch.object(recount, "_events", meanwhile):
        until("people")
    settle(desk)
    until("whole")
    assert_same()
    assert_counted()


def test_postings_that_go_while_they_are_put_do_not_come_back(desk: Desk) -> None:
    ticket = opened(desk, "Printer")
    until("tickets")
    write, left = transact.write_many, ["Paper"]

    def meanwhile(writes: Any, generation: str | None = None) -> None:
        if left and generation:
            changes.change_ticket(SYSTEM, ticket, Change(subject=left.pop()))
            settle(desk)
        write(writes, generation)

    with patch.object(transact, "write_many", meanwhile):
        until("whole")
    assert_same()
    until("done")
    assert found("printer") == []
    assert found("paper") == [ticket]


def test_a_ticket_deleted_while_its_index_is_made_anew_leaves_nothing(desk: Desk) -> None:
    ticket = opened(desk)
    changes.change_ticket(SYSTEM, ticket, Change(status="Closed"))
    until("tickets")
    changes.change_ticket(SYSTEM, ticket, Change(status="Open"))
    settle(desk)
    deletion.delete_ticket(SYSTEM, ticket)
    settle(desk)
    until("whole")
    assert_same()
    until("done")
    assert_counted()
    assert found("printer") == []


def test_a_ticket_that_came_and_went_meanwhile_is_not_counted_by_what_is_left_of_it(
    desk: Desk,
) -> None:
    until("counting")
    ticket = opened(desk)
    deletion.delete_ticket(SYSTEM, ticket)
    settle(desk)
    until("whole")
    assert_same()
    until("done")
    assert_counted()


def test_one_event_with_all_counters_of_a_transaction_is_counted_in_both(desk: Desk) -> None:
    ticket = opened(desk)
    until("people")
    tags.add_tags(SYSTEM, ticket, [f"tag {n}" for n in range(tags.MOST_TAGS)])
    settle(desk)
    until("whole")
    assert_same()
    until("done")
    assert_counted()


def test_a_container_that_knows_the_old_one_counts_nothing_twice(desk: Desk) -> None:
    opened(desk)
    until("people")
    old = generations.seen()
    ticket = opened(desk, "Paper", deliver=False)
    (event,) = (key for key in waiting() if "project" in desk.todo(key))
    commit = transact.commit_retried

    def cut_off(writes: Any, generation: str | None = None) -> None:
        if generation == old.serving:
            raise Unavailable("test")
        commit(writes, generation)

    with patch.object(transact, "commit_retried", cut_off):
        assert desk.deliver("project", event)
    until("whole")
    assert generations.seen().serving == old.building
    settle(desk)
    until("done")
    assert_counted()
    assert found("paper") == [ticket]


def test_what_is_written_goes_nowhere_else_when_it_is_over(desk: Desk) -> None:
    opened(desk)
    until("done")
    threads.add_note(SYSTEM, 1, NewEntry(Body("Toner."), poster="Ann"))
    settle(desk)
    assert_alone()
    until("done")
    assert_alone()
    assert_counted()


def test_a_damaged_ticket_is_passed_over(desk: Desk) -> None:
    damaged, other = opened(desk), opened(desk, "Paper")
    transact.write(transact.set_attributes(ticket_key(damaged), {"subject": 1}))
    until("done")
    assert found("paper") == [other]


def test_a_damaged_version_of_the_catalogue_stops_it(desk: Desk) -> None:
    opened(desk)
    transact.write(transact.set_attributes(CATALOGUE_VERSION, {"n": "seven"}))
    with pytest.raises(Damaged):
        step()
    assert serving([unpack(item) for item in world.items("desk")]).building is None
