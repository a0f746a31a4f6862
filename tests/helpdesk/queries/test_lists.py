"""Lists while tickets move, pagination cursors, and the end of lists."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, Self
from unittest.mock import patch

import pytest

from helpdesk import clock, provisioning
from helpdesk.catalogue import cache
from helpdesk.errors import TooWide
from helpdesk.index import counters
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.queries import cursors, limits
from helpdesk.queries.lists import find_tickets, list_tickets
from helpdesk.storage import aws, listings, posting_items, shards, ticket_items, transact
from helpdesk.storage.keys import Key, bucket_key, ticket_key
from helpdesk.storage.listings import KeyRange
from helpdesk.tickets.overdue import mark_overdue
from tests.gateway import cloud
from tests.helpdesk.queries.many import START, count, ids, in_order, naive, store, ticket


@pytest.fixture(params=[1, 4])
def desk(request: pytest.FixtureRequest) -> Iterator[None]:
    with cloud():
        provisioning.spread(request.param)
        cache.current()  # which has moved on
        yield


# --- what a lagging index and a crossing change do -------------------------------------------


def test_what_has_changed_since_its_posting_is_looked_at_again(desk: None) -> None:
    first, second = ticket(1, subject="Printer on fire"), ticket(2, subject="Printer")
    store([first, second])
    renamed = replace(first, subject="Scanner", version=2)
    transact.write(transact.put(ticket_key(1), ticket_items.as_item(renamed, "open")))
    assert ids(find_tickets(SYSTEM, Wanted(subject=("print",)), Page())) == [2]
    transact.write(transact.delete(ticket_key(2)))
    assert find_tickets(SYSTEM, Wanted(subject=("print",)), Page()) == []


def test_a_ticket_in_two_buckets_at_once_is_listed_once(desk: None) -> None:
    one = ticket(1)
    store([one, ticket(2)])
    double = ticket_items.as_item(replace(one, status=2), "closed")
    # As the index shows it while one of its two writes is still on the way.
    transact.write(transact.put(Key("T#0000000001", "A2"), double))
    transact.write(transact.update(bucket_key("2#1#0"), "ADD n :n", {":n": 1}, where="index"))
    found = find_tickets(Actor(departments=frozenset({1})), Wanted(), Page())
    assert ids(found) == [2, 1]
    # Four postings of the text are too many to be read, three entries of buckets are not.
    with patch.object(limits, "PROBE", 4):
        found = find_tickets(SYSTEM, Wanted(subject=("r",)), Page(sort="updated"))
    assert ids(found) == [2, 1]


def test_a_name_that_names_nothing_matches_nothing(desk: None) -> None:
    store([ticket(1)])
    for wanted in (Wanted(status="Nope"), Wanted(department="Nope"), Wanted(department="A / B")):
        assert find_tickets(SYSTEM, wanted, Page()) == []
        assert count(SYSTEM, wanted) == 0
    for wanted in (Wanted(status="oPEN"), Wanted(department="support"), Wanted(department=1)):
        assert ids(find_tickets(SYSTEM, wanted, Page())) == [1]


# --- marks, jumps and bounds ----------------------------------------------------------------


class Counted:
    """What one call asks of DynamoDB."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.asked: list[dict[str, Any]] = []
        """The parameters of each call."""

    def __enter__(self) -> Self:
        self._client = aws.dynamodb()
        self._client.meta.events.register("before-call.dynamodb", self._note, unique_id="count")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.meta.events.unregister("before-call.dynamodb", unique_id="count")

    def _note(self, model: Any, params: Any, **_: Any) -> None:
        self.calls.append(model.name)
        self.asked.append(json.loads(params["body"]))

    def fetched(self, beginning: str) -> int:
        """How many items were asked for by keys that begin so."""
        keys = [
            key["pk"]["S"]
            for asked in self.asked
            for request in asked.get("RequestItems", {}).values()
            for key in request.get("Keys", ())
        ]
        return sum(key.startswith(beginning) for key in keys)


def test_the_next_page_begins_where_the_last_one_ended(desk: None) -> None:
    many = [ticket(number, status=number % 2 + 1) for number in range(1, 60)]
    store(many)
    wanted, page = Wanted(status=1), Page(sort="updated", limit=5)
    assert ids(find_tickets(SYSTEM, wanted, page)) == [58, 56, 54, 52, 50]
    # Newer tickets do not push the next page back.
    store([ticket(61), ticket(62)])
    assert ids(find_tickets(SYSTEM, wanted, replace(page, offset=5))) == [48, 46, 44, 42, 40]
    # Another key, and another question, have their own.
    other = find_tickets(Actor(key=9), wanted, replace(page, offset=5))
    assert ids(other) == [52, 50, 48, 46, 44]


def test_a_mark_holds_for_ten_minutes(desk: None) -> None:
    store([ticket(number) for number in range(1, 30)])
    page = Page(limit=5)
    find_tickets(SYSTEM, Wanted(), page)
    store([ticket(30)])
    assert ids(find_tickets(SYSTEM, Wanted(), replace(page, offset=5)))[0] == 24
    later = clock.now() + timedelta(seconds=cursors.CURSOR_SECONDS)
    with patch.object(cursors, "now", lambda: later):
        assert ids(find_tickets(SYSTEM, Wanted(), replace(page, offset=5)))[0] == 25


def test_a_jump_passes_over_blocks_by_their_ranks(desk: None) -> None:
    with patch.object(counters, "BLOCK", 10):
        many = [ticket(number, department=number % 3 + 1) for number in range(1, 200) if number % 7]
        store(many)
        for descending in (True, False):
            for actor in (SYSTEM, Actor(departments=frozenset({1, 2}))):
                for offset in (9, 10, 11, 55, 140, 169, 170, 171, 400):
                    page = Page(descending=descending, offset=offset, limit=7)
                    expected = in_order(naive(actor, Wanted(), many), page)[offset : offset + 7]
                    with Counted() as counted:
                        assert ids(find_tickets(actor, Wanted(), page)) == ids(expected)
                    # Nothing is read of what lies before the page's own block.
                    most = counters.BLOCK + page.limit + limits.SPARE
                    assert all(asked.get("Limit", 0) < most for asked in counted.asked)


def test_a_jump_that_would_read_too_much_is_refused(desk: None) -> None:
    store([ticket(number) for number in range(1, 40)])
    with patch.object(limits, "DEEPEST_JUMP", 10):
        for page in (Page(sort="updated", offset=20), Page(sort="number", offset=20)):
            with pytest.raises(TooWide):
                find_tickets(SYSTEM, Wanted(), page)
        with pytest.raises(TooWide):
            find_tickets(SYSTEM, Wanted(status=1), Page(offset=20))
        assert find_tickets(SYSTEM, Wanted(), Page(sort="updated", offset=39)) == []


def test_a_text_that_stands_everywhere_is_refused_where_no_page_is_near(desk: None) -> None:
    store([ticket(number, status=2 if number > 3 else 1) for number in range(1, 60)])
    wanted = Wanted(subject=("printer",), topic=0)
    bounds = {"PROBE": 5, "MOST_CANDIDATES": 20, "SAMPLE": 5}
    with ExitStack() as patched:
        for name, value in bounds.items():
            patched.enter_context(patch.object(limits, name, value))
        assert len(find_tickets(SYSTEM, wanted, Page(limit=5))) == 5
        with pytest.raises(TooWide):
            find_tickets(SYSTEM, wanted, Page(limit=30))
        with pytest.raises(TooWide):
            count(SYSTEM, wanted)
        # Few tickets are open: theirs is the shortest list.
        assert ids(find_tickets(SYSTEM, replace(wanted, status=1), Page())) == [3, 2, 1]


def test_a_first_page_takes_few_calls(desk: None) -> None:
    store([ticket(number, status=number % 2 + 1) for number in range(1, 120)])
    for wanted, page, calls in (
        (Wanted(), Page(), 4),
        (Wanted(), Page(sort="updated"), 5),
        (Wanted(status=1, department=1), Page(), 5),
        (Wanted(subject=("printer",)), Page(), 5),
        (Wanted(person=100), Page(), 5),
    ):
        with Counted() as counted:
            assert len(find_tickets(SYSTEM, wanted, page)) == 20
        # Each shard of the list of all is a query of its own.
        more = shards.seen().read - 1 if page.sort == "updated" else 0
        assert len(counted.calls) == calls + more, (wanted, page, counted.calls)
        assert counted.calls.count("PutItem") == 1


def test_nothing_is_asked_for_a_page_of_nothing(desk: None) -> None:
    store([ticket(1)])
    assert find_tickets(SYSTEM, Wanted(), Page(limit=0)) == []


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(status=1)], ids=["all", "open"])
def test_what_a_jump_passes_over_is_not_fetched(desk: None, wanted: Wanted) -> None:
    store([ticket(number) for number in range(1, 120)])
    with Counted() as counted:
        found = find_tickets(SYSTEM, wanted, Page(offset=60, limit=20))
    assert ids(found) == [*range(59, 39, -1)]
    assert counted.fetched("T#") <= 20 + limits.SPARE


@pytest.mark.parametrize(("limit", "whole"), [(2, False), (3, False), (4, True)])
def test_of_a_text_no_more_postings_are_read_than_asked_for(
    desk: None, limit: int, *, whole: bool
) -> None:
    store([ticket(number) for number in range(1, 4)])
    with Counted() as counted:
        found, complete = posting_items.with_text("printer", limit)
    assert (len(found["subject"]), complete) == (min(limit, 3), whole)
    (asked,) = counted.asked
    assert asked["Limit"] == limit
    # Postings lag anyway: half a read unit each will do.
    assert not asked.get("ConsistentRead")


def test_a_bucket_is_read_on_only_when_half_of_what_was_read_is_used(desk: None) -> None:
    store([ticket(number, status=1 if number <= 20 else 2) for number in range(1, 81)])
    with Counted() as counted:
        merged = listings.of_buckets(("1#1#0", "2#1#0"), "created", KeyRange(descending=True), 8)
        found = [entry.ticket for entry in islice(merged, 20)]
    assert found == [*range(80, 60, -1)]
    sizes: dict[str, list[int]] = {"1#1#0": [], "2#1#0": []}
    for asked in counted.asked:
        sizes[asked["ExpressionAttributeValues"][":h"]["S"]].append(asked["Limit"])
    # Who asks for more will go on asking, so each read is twice as long as the one before.
    assert sizes == {"1#1#0": [8], "2#1#0": [8, 16]}


def test_where_nothing_has_fallen_due_one_round_trip_finds_out(desk: None) -> None:
    store([ticket(1)])
    with Counted() as counted:
        assert mark_overdue() == 0
    # Beside the queries, how many shards there are.
    assert sorted(counted.calls) == ["BatchGetItem", *["Query"] * shards.seen().read]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("wanted", [Wanted(person=100), Wanted(person=100, department=1)])
def test_a_long_list_of_one_person_is_read_as_far_as_the_page(
    desk: None, wanted: Wanted, *, descending: bool
) -> None:
    many = [ticket(n, department=n % 2 + 1, person=100 + n % 3 // 2) for n in range(1, 60)]
    store(many)
    page = Page(descending=descending, limit=5)
    expected = in_order(naive(SYSTEM, wanted, many), page)
    with patch.object(limits, "PROBE", 10):
        for offset in (0, 5, 10, 12):
            found = find_tickets(SYSTEM, wanted, replace(page, offset=offset))
            assert ids(found) == ids(expected[offset : offset + 5])
        with Counted() as counted:
            find_tickets(SYSTEM, wanted, page)
        # One for the counters, and one for the list: what was read to choose the plan is used.
        assert counted.calls.count("Query") == (2 if wanted.department is None else 3)
        with patch.object(limits, "DEEPEST_JUMP", 20), pytest.raises(TooWide):
            find_tickets(SYSTEM, wanted, replace(page, offset=25))


@pytest.mark.parametrize(
    ("page", "wanted", "queries"),
    [
        (Page(limit=5), Wanted(subject=("printer",)), 2),
        (Page(limit=5, sort="updated"), Wanted(subject=("printer",)), 3),
        (Page(limit=5, sort="updated", offset=3), Wanted(subject=("printer",)), 3),
        (Page(limit=5), Wanted(priority=2), 1),
    ],
)
def test_what_most_tickets_match_is_found_among_the_first(
    desk: None, page: Page, wanted: Wanted, queries: int
) -> None:
    many = [ticket(number, status=number % 2 + 1) for number in range(1, 60)]
    store(many)
    expected = in_order(naive(SYSTEM, wanted, many), page)
    with patch.object(limits, "PROBE", 3), patch.object(limits, "SAMPLE", 12), Counted() as counted:
        found = find_tickets(SYSTEM, wanted, page)
    assert ids(found) == ids(expected[page.offset : page.offset + 5])
    queries += shards.seen().read - 1 if page.sort == "updated" else 0
    assert (counted.calls.count("Query"), counted.fetched("T#")) == (queries, 12)


def test_as_many_as_may_be_fetched_are_counted_and_no_more(desk: None) -> None:
    wanted = Wanted(priority=2, created_from=START)
    with patch.object(limits, "MOST_CANDIDATES", 10), patch.object(limits, "PROBE", 2):
        store([ticket(number) for number in range(1, 11)])
        assert count(SYSTEM, wanted) == 10
        with Counted() as counted:
            assert count(SYSTEM, Wanted(priority=2, status=1)) == 10
        assert counted.calls.count("Query") == 2  # the counters, and their one bucket
        store([ticket(11)])
        with pytest.raises(TooWide):
            count(SYSTEM, wanted)


def test_lists_that_are_read_on_hold_the_bucket_too(desk: None) -> None:
    many = [ticket(n, status=n % 2 + 1, person=100 + 2 * (n % 3 // 2)) for n in range(1, 60)]
    store(many)
    wanted, page = Wanted(person=100, status=1, subject=("printer",)), Page(limit=30)
    expected = in_order(naive(SYSTEM, wanted, many), page)
    with patch.object(limits, "PROBE", 3), patch.object(limits, "SAMPLE", 12):
        assert ids(find_tickets(SYSTEM, wanted, page)) == ids(expected)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(status=1), Wanted(person=100)])
def test_a_total_is_known_without_fetching_all(desk: None, wanted: Wanted) -> None:
    store([ticket(number) for number in range(1, 41)])
    with Counted() as counted:
        found, total = list_tickets(SYSTEM, wanted, Page(limit=5))
    assert (len(found), total) == (5, 40)
    assert counted.fetched("T#") <= 5 + limits.SPARE
