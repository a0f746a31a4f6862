"""Following changes: no duplicates and no gaps, despite concurrent and late writes."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import clock, provisioning
from helpdesk.errors import Invalid
from helpdesk.model.actor import SYSTEM
from helpdesk.model.queries import Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries import changed, limits, pages
from helpdesk.queries.changed import find_changes
from helpdesk.storage import listings, ticket_items, transact
from helpdesk.storage.keys import ticket_key
from tests import world
from tests.gateway import cloud
from tests.helpdesk.queries.many import ids, ticket

EVERYTHING = Wanted()


@pytest.fixture(params=[1, 4])
def desk(request: pytest.FixtureRequest) -> Iterator[None]:
    with cloud(), world.standing_clock():
        provisioning.spread(request.param)
        yield


def write(*tickets: Ticket) -> None:
    """Puts tickets into the table, and so into its indexes, but counts and posts nothing."""
    for one in tickets:
        transact.write(transact.put(ticket_key(one.id), ticket_items.as_item(one, "open")))


def changed_at(number: int, seconds: float = 0, **values: Any) -> Ticket:
    at = clock.now() + timedelta(seconds=seconds)
    return ticket(number, updated=at, **values)


def follow(since: datetime, cursor: str = "", wanted: Wanted = EVERYTHING) -> changed.Changes:
    return find_changes(SYSTEM, wanted, since, cursor, 100)


def test_a_request_that_takes_long_loses_no_change(desk: None) -> None:
    start = clock.now()
    slow = changed_at(1)
    world.later(seconds=20)
    write(changed_at(2))
    world.later(seconds=5)
    first = follow(start)
    assert (ids(first.tickets), first.more) == ([], False)
    # It began before 2 was changed, and ends now.
    write(slow)
    world.later(seconds=26)
    assert ids(follow(start, first.cursor).tickets) == [1, 2]


def test_what_has_changed_since_it_was_indexed_comes_at_its_new_place(desk: None) -> None:
    start = clock.now()
    write(changed_at(1), changed_at(2))
    world.later(seconds=60)
    lagging = list(listings.of_all("updated", listings.KeyRange(descending=False), 9))
    write(changed_at(1, subject="Newer"))
    with patch.object(listings, "of_all", lambda *_: iter(lagging)):
        first = follow(start)
    assert ids(first.tickets) == [2]
    world.later(seconds=31)
    second = follow(start, first.cursor)
    assert [one.subject for one in second.tickets] == ["Newer"]
    assert follow(start, second.cursor) == changed.Changes([], second.cursor, more=False)


def test_a_filter_that_matches_little_is_followed_in_steps(desk: None) -> None:
    start = clock.now()
    write(*(changed_at(number, number, person=100 + number // 30) for number in range(1, 31)))
    world.later(seconds=100)
    cursor, calls = "", 0
    with ExitStack() as bounds:
        bounds.enter_context(patch.object(limits, "MOST_LOOKED_AT", 4))
        while True:
            calls += 1
            found = follow(start, cursor, Wanted(person=101))
            cursor = found.cursor
            if not found.more:
                break
            assert found.tickets == []
    assert (ids(found.tickets), calls) == ([30], 8)


def test_tickets_that_no_status_shows_are_not_fetched(desk: None) -> None:
    write(changed_at(1, status=5), changed_at(2, status=2))
    world.later(seconds=31)
    with patch.object(pages, "fetch_tickets", wraps=pages.fetch_tickets) as fetch:
        assert ids(follow(world.START, wanted=Wanted(status=2)).tickets) == [2]
    assert [entry.ticket for call in fetch.call_args_list for entry in call.args[0]] == [2]


def test_a_page_is_as_long_as_asked_for(desk: None) -> None:
    write(*(changed_at(number, number) for number in range(1, 8)))
    world.later(seconds=60)
    pages_of = []
    cursor, more = "", True
    while more:
        found = find_changes(SYSTEM, EVERYTHING, world.START, cursor, 3)
        pages_of.append(ids(found.tickets))
        cursor, more = found.cursor, found.more
    assert pages_of == [[1, 2, 3], [4, 5, 6], [7]]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "MjAyNg", "A" * 5000, "\ud800"])
def test_a_cursor_that_nobody_has_given_is_refused(desk: None, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        follow(world.START, cursor)
    assert [problem.field for problem in refused.value.problems] == ["cursor"]


@pytest.fixture(scope="module")
def lasting() -> Iterator[None]:
    with cloud():
        yield


STEPS = st.lists(
    st.one_of(
        # A ticket, and how long its request has taken until it writes.
        st.tuples(st.integers(1, 4), st.floats(0, 28)),
        # Time that goes by.
        st.floats(0.001, 40),
        # Somebody reads on.
        st.none(),
    ),
    max_size=25,
)
_example = iter(range(1_000_000))


@given(STEPS)
def test_whatever_is_written_each_state_that_stays_is_seen_once(lasting: None, steps: Any) -> None:
    with world.standing_clock():
        world.later(days=next(_example))
        start = clock.now() - timedelta(seconds=30)
        stored: dict[int, Ticket] = {}
        seen: list[Ticket] = []
        cursor, more = "", False

        def read() -> None:
            nonlocal cursor, more
            found = find_changes(SYSTEM, EVERYTHING, start, cursor, 2)
            seen.extend(found.tickets)
            cursor, more = found.cursor, found.more

        for step in steps:
            if step is None:
                read()
            elif isinstance(step, float):
                world.later(seconds=step)
            else:
                number, took = step
                version = stored[number].version + 1 if number in stored else 1
                stored[number] = changed_at(number, -took, version=version)
                write(stored[number])
        world.later(seconds=60)
        read()
        while more:
            read()
    assert len({(one.id, one.version) for one in seen}) == len(seen)
    order = [(one.updated, one.id) for one in seen]
    assert order == sorted(order)
    last = {one.id: one.version for one in seen}
    assert last == {one.id: one.version for one in stored.values()}
