"""The measured searches, and the data that the loader adds for them.

Each search is one page of `GET /api/tickets-search.php`, of v1's list, which also has the threads
and the total, or of Zammad's list and searches. Its round trips are bounded at any size of the
desk. Its calls and units must not grow with the desk, except for a few searches, which state how
far they grow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench import sample
from bench.asking import set_body
from bench.desk import Cost, Desk, Event, counted
from helpdesk.index import postings
from helpdesk.queries.limits import MOST_CANDIDATES

FUNCTION = "OsticketSearchTickets"
V1 = "OsticketV1ListTickets"
ZAMMAD, ZAMMAD_LIST = "ZammadSearchTickets", "ZammadListTickets"

CLOSED, NIGHTS, MAINTENANCE = "Closed at once", "Nights", "Maintenance"
"""A topic whose tickets are created closed, a department under Support, and the department of which
exactly three tickets are closed."""

RARE, FREQUENT, NOWHERE = "artrid", "rinte", "rhododendron"
"""Parts of words: in one subject, in every second subject, in none."""

MARKED = {RARE: "Cartridge leaks, again and once again", FREQUENT: "printer"}
"""The only subject with the rare text, and the word that contains the frequent one."""

RARE_WORD, FREQUENT_WORD, SAID_ONCE = "cartridge", "printer", "gearwheel"
"""Words: in one subject, in every second subject, in one message (its subject has the second)."""

POSTED = tuple(
    postings.searched(text)
    for text in (RARE, FREQUENT, NOWHERE, RARE_WORD, FREQUENT_WORD, SAID_ONCE)
)
"""Prefixes of the postings that are loaded; no search here reads others."""

FIRST, OF_FIRST = sample.person(0)["email"], 5
"""The address of the first person, and the number of their tickets."""

BUCKETS = 7
"""The number of combinations of status, department and topic in the loaded tickets."""

PAGE = 20

SMALLEST = 50 * PAGE
"""The minimum number of tickets: searches go as far as page 50."""


@dataclass(frozen=True)
class Search:
    """One search.

    Args:
        what: its name in the table.
        query: its parameters.
        found: the number of tickets that must be returned.
        round_trips: the maximum of sequential round trips.
        before: parameters of a search to run first, such as the previous page.
        body: the body of a POST, if any.
        function: logical id of its function.
        at_a_million: read units at a million tickets, if they grow with the desk; None if they do
            not.
        refused_beyond: the number of tickets above which the desk refuses it as too frequent, for
            the same cost.
    """

    what: str
    query: Mapping[str, str] = field(default_factory=dict)
    found: int = PAGE
    round_trips: int = 3
    before: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    function: str = FUNCTION
    at_a_million: float | None = None
    refused_beyond: int | None = None

    def cost(self, desk: Desk, tickets: int = SMALLEST) -> Cost:
        """The cost of one search in a warm container, in a desk of so many tickets. The desk is
        restored afterwards: no search sees data that another one wrote, such as a pagination
        cursor.

        Raises:
            RuntimeError: the search returned the wrong number of tickets.
        """
        refused = self.refused_beyond is not None and tickets > self.refused_beyond
        found, status = (0, 422) if refused else (self.found, 200)

        def measure(hold: float) -> Cost:
            with desk.aws.unchanged():
                handler = desk.handler(self.function)
                # The first request of a container reads the catalogue and connects.
                self._run(handler, self._asking(desk, self.before or {}), None)
                event = self._asking(desk, self.query)
                return desk.cost(lambda: self._run(handler, event, found, status), hold=hold)

        return counted(measure, self.round_trips)

    def _run(
        self, handler: Callable[[Event], Any], event: Event, found: int | None, status: int = 200
    ) -> None:
        answer = handler(event)
        count = answer["body"].count('"number":')
        if answer["statusCode"] != status or found not in {None, count}:
            raise RuntimeError(f"{self.what}: {answer['statusCode']}, {count} tickets")

    def _asking(self, desk: Desk, query: Mapping[str, str]) -> Event:
        event = desk.example(self.function)
        event["queryStringParameters"] = dict(query)
        event["multiValueQueryStringParameters"] = {name: [one] for name, one in query.items()}
        if self.body is not None:
            event["httpMethod"] = "POST"
            set_body(event, json.dumps(self.body))
        return event


def _at(page: int, size: int = PAGE) -> dict[str, str]:
    return {"offset": str((page - 1) * size), "limit": str(size)}


def _jump(**query: str) -> Mapping[str, str]:
    # No page ends there, so no pagination cursor is stored for it.
    return {"offset": str(49 * PAGE - 7), **query}


CLOSED_ONES = {"status": "Closed"}
TEXT = {"query": FREQUENT}

EXPANDED = {"expand": "true", "per_page": str(PAGE)}
"""The parameters with which zammad-py requests each page."""


def _zammad(query: str) -> Mapping[str, str]:
    return {"query": query, **EXPANDED}


ZAMMADS = (
    Search("Zammad: list", {"per_page": str(PAGE)}, function=ZAMMAD_LIST),
    Search("Zammad: list, names", EXPANDED, round_trips=4, function=ZAMMAD_LIST),
    Search("Zammad: all", {"per_page": str(PAGE)}, function=ZAMMAD),
    Search("Zammad: all, names", EXPANDED, round_trips=4, function=ZAMMAD),
    Search("Zammad: rare word", _zammad(RARE_WORD), found=1, round_trips=4, function=ZAMMAD),
    Search("Zammad: word in a message", _zammad(SAID_ONCE), 1, round_trips=4, function=ZAMMAD),
    # All postings of the word are read, up to 5,000 of each kind; beyond that it is refused.
    Search(
        "Zammad: frequent word",
        _zammad(FREQUENT_WORD),
        round_trips=4,
        function=ZAMMAD,
        at_a_million=160,
        refused_beyond=2 * MOST_CANDIDATES,
    ),
    Search(
        "Zammad: two words",
        _zammad(f"{FREQUENT_WORD} {SAID_ONCE}"),
        found=1,
        # Where one is frequent, a fifth reads its postings of the other one's tickets.
        round_trips=5,
        function=ZAMMAD,
        at_a_million=85,
    ),
    Search(
        "Zammad: field and word",
        _zammad(f"state.name:new {RARE_WORD}"),
        found=1,
        round_trips=4,
        function=ZAMMAD,
    ),
    Search("Zammad: state", _zammad("state.name:new"), round_trips=4, function=ZAMMAD),
    Search(
        "Zammad: condition",
        body={"condition": {"ticket.title": {"operator": "contains", "value": RARE}}, **EXPANDED},
        found=1,
        round_trips=4,
        function=ZAMMAD,
    ),
)

SEARCHES = (
    Search("all"),
    Search("all by update", {"sort": "updated"}),
    Search("all by number", {"sort": "number"}),
    Search("status by id", {"status": "3"}),
    Search("status by name", CLOSED_ONES),
    Search("department by id", {"department": "3"}),
    Search("department by name", {"department": MAINTENANCE}),
    Search("department by path", {"department": f"Support / {NIGHTS}"}),
    Search("status, by update", CLOSED_ONES | {"sort": "updated"}),
    Search("status, by number", CLOSED_ONES | {"sort": "number"}),
    Search("status and department, three", CLOSED_ONES | {"department": MAINTENANCE}, found=3),
    # A slightly smaller page, so that it is not the last one of a thousand tickets.
    Search("page 50, after page 49", _at(50, 19), found=19, before=_at(49, 19)),
    Search("page 10 of a status, after page 9", _at(10) | CLOSED_ONES, before=_at(9) | CLOSED_ONES),
    # Reads from each bucket as many keys as precede the page: 4 units, once it has that many.
    Search("page 50, jumped to", _jump(), at_a_million=4 * BUCKETS + PAGE + 6),
    Search("page 50 by update, jumped to", _jump(sort="updated")),
    Search("page 50 by number, jumped to", _jump(sort="number")),
    Search("text in the middle of a word", {"query": RARE}, found=1),
    Search("text in none", {"query": NOWHERE}, found=0),
    Search("text in every second", TEXT, round_trips=4),
    Search(
        "text in every second, by update", {"query": FREQUENT, "sort": "updated"}, round_trips=4
    ),
    Search("text in every second, by number", {"query": FREQUENT, "sort": "number"}, round_trips=4),
    Search("text in every second, of a status", TEXT | CLOSED_ONES, round_trips=4),
    Search("v1: all", function=V1),
    Search("v1: status", {"status_id": "3"}, function=V1),
    Search("v1: status and department, none", {"status_id": "2", "dept_id": "3"}, 0, function=V1),
    Search("v1: address", {"email": FIRST}, found=OF_FIRST, function=V1),
    Search("v1: text in the middle of a word", {"q": RARE}, found=1, function=V1),
    Search(
        "v1: page 50, jumped to",
        {"page": "50"},
        round_trips=4,
        function=V1,
        at_a_million=4 * BUCKETS + PAGE + 6,
    ),
    Search("v1: one", {"id": "7"}, found=1, function=V1),
    *ZAMMADS,
)
