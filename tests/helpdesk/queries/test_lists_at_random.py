"""Lists compared with the simplest implementation: filter all tickets, sort, slice."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import provisioning
from helpdesk.errors import TooWide
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries import limits, spans
from helpdesk.queries.lists import find_tickets, list_threads, list_tickets
from tests.gateway import cloud
from tests.helpdesk.queries.many import START, count, ids, in_order, naive, store, ticket

pytestmark = pytest.mark.exhaustive

WORDS = ("printer", "Drucker", "naïve café", "100 %", "a_b", "#12", "x" * 90, "日本", "İstanbul")


def random_tickets(count: int) -> list[Ticket]:
    dice = random.Random(7)
    found = []
    for number in range(1, count + 1):
        if dice.random() < 0.15:
            continue  # drawn for a create that failed, or deleted since
        found.append(
            ticket(
                number,
                number=str(1_000 * dice.randrange(1, 99) + number),
                subject=" ".join(dice.choices(WORDS, k=dice.randrange(1, 4))),
                status=dice.choices((1, 2, 3, 4, 5), (9, 3, 3, 2, 1))[0],
                department=dice.choices((1, 2, 3), (8, 3, 1))[0],
                topic=dice.choice((None, 1, 2, 10)),
                person=dice.choice((100, 100, 101, 102)),
                organization=dice.choice((None, 2)),
                agent=dice.choice((None, None, 3)),
                priority=dice.choice((1, 2, 2, 2)),
                # Not quite in the order of ids, as creates at the same time are.
                created=START + timedelta(minutes=number, seconds=dice.randrange(-50, 50)),
                updated=START + timedelta(minutes=dice.randrange(60), milliseconds=number),
            )
        )
    return found


TICKETS = random_tickets(120)


@pytest.fixture(scope="module", autouse=True, params=[1, 4])
def _desk(request: pytest.FixtureRequest) -> Iterator[None]:
    with cloud():
        provisioning.spread(request.param)
        store(TICKETS, last=125)
        yield


_MAYBE = st.sampled_from
_TIMES = _MAYBE([None] * 12 + [START + timedelta(minutes=n) for n in (-9, 5, 30, 59, 100, 500)])
WANTED = st.builds(
    Wanted,
    status=_MAYBE([None, None, 1, 2, 4, 5]),
    department=_MAYBE([None, None, 1, 3]),
    topic=_MAYBE([None, None, None, 0, 2]),
    person=_MAYBE([None, None, None, 100, 102]),
    organization=_MAYBE([None, None, None, 2]),
    agent=_MAYBE([None, None, None, 3]),
    tickets=_MAYBE([None, None, None, None, (), (7,), (3, 9, 4, 118, 9999)]),
    priority=_MAYBE([None, None, None, 1, 2]),
    number=_MAYBE([None] * 9 + [TICKETS[3].number, "700"]),
    created_from=_TIMES,
    created_to=_TIMES,
    updated_from=_TIMES,
    updated_to=_TIMES,
    email=_MAYBE([None, None, None, None, "JOAN@example.com", "nobody@example.com", "x" * 3000]),
    subject=st.lists(
        _MAYBE([*WORDS, "in", "PRINT", "ter dru", "e", "a", "cafe nai", "%", "_", " ", "x" * 100]),
        max_size=2,
    ).map(tuple),
)
PAGES = st.builds(
    Page,
    sort=_MAYBE(["created", "updated", "number"]),
    descending=st.booleans(),
    offset=_MAYBE([0, 0, 0, 1, 7, 40, 90, 1_000_000]),
    limit=_MAYBE([1, 3, 20, 100]),
)
ACTORS = _MAYBE(
    [
        SYSTEM,
        SYSTEM,
        Actor(key=1, departments=frozenset({2, 3})),
        Actor(key=2, customer=100),
        Actor(key=3, customer=101, departments=frozenset({1})),
    ]
)
BOUNDS = st.fixed_dictionaries(
    {
        "MOST_BUCKETS": _MAYBE([1, 64]),
        "PROBE": _MAYBE([1, 10, 500]),
        "SAMPLE": _MAYBE([1, 100]),
        "MOST_CANDIDATES": _MAYBE([3, 60, 5_000]),
        "SPARE": _MAYBE([0, 3]),
        "PROBES": _MAYBE([2, 50]),
    }
)


def patch_limits(patched: ExitStack, bounds: dict[str, int]) -> None:
    for name, value in bounds.items():
        patched.enter_context(patch.object(spans if name == "PROBES" else limits, name, value))


@given(ACTORS, WANTED, PAGES, BOUNDS)
def test_a_page_is_what_looking_at_every_ticket_finds(
    actor: Actor, wanted: Wanted, page: Page, bounds: dict[str, int]
) -> None:
    expected = in_order(naive(actor, wanted, TICKETS), page)[page.offset :][: page.limit]
    with ExitStack() as patched:
        patch_limits(patched, bounds)
        try:
            found = find_tickets(actor, wanted, page)
        except TooWide:
            # Only where long lists were not to be read.
            assert bounds["MOST_CANDIDATES"] < 5_000
            return
    assert ids(found) == ids(expected)


@given(ACTORS, WANTED, PAGES)
def test_a_page_with_its_total_is_the_same_page(actor: Actor, wanted: Wanted, page: Page) -> None:
    everything = in_order(naive(actor, wanted, TICKETS), page)
    expected = ids(everything[page.offset :][: page.limit]), len(everything)
    found, total = list_tickets(actor, wanted, page)
    assert (ids(found), total) == expected
    threads, total = list_threads(actor, wanted, page)
    assert (ids([thread.ticket for thread in threads]), total) == expected


@given(ACTORS, WANTED)
def test_a_count_is_as_many_as_there_are(actor: Actor, wanted: Wanted) -> None:
    assert count(actor, wanted) == len(naive(actor, wanted, TICKETS))


@given(ACTORS, WANTED, PAGES, BOUNDS)
def test_pages_one_after_the_other_are_the_whole_list(
    actor: Actor, wanted: Wanted, page: Page, bounds: dict[str, int]
) -> None:
    page = replace(page, offset=0, limit=max(page.limit, 20))
    found: list[Ticket] = []
    with ExitStack() as patched:
        patch_limits(patched, bounds | {"MOST_CANDIDATES": 5_000})
        while part := find_tickets(actor, wanted, page):
            found += part
            page = replace(page, offset=page.offset + len(part))
    assert ids(found) == ids(in_order(naive(actor, wanted, TICKETS), page))
