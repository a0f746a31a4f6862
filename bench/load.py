"""Fills the desk with tickets, by the desk's own operation.

Every ticket goes through `open_ticket`, so its items are made by the code that always makes them.
Only the trips are others: ids are drawn by the thousand, writes go out in batches, and what the
first trip reads is known already. Events count as done, and are counted; of the subjects' postings
those are written that a measured search can come across (`bench.searches`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from unittest.mock import patch

from bench import sample, searches
from helpdesk.catalogue import cache
from helpdesk.directory.changes import create_row
from helpdesk.events import history
from helpdesk.index import counters, postings
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item, unpack
from helpdesk.storage.keys import CATALOGUE_VERSION, Key
from helpdesk.storage.transact import Write
from helpdesk.tickets import create

TICKETS_EACH = 5
"""Tickets that one person has sent."""

BODY = 300
"""Characters of a loaded ticket's message."""

_AT_ONCE = 400
"""Writes that go out together: sixteen batches at the same time."""

_UNDONE = {"todo", "p10", "s10"}
"""What an event has only until its consumers are through with it."""


@dataclass
class Load:
    """What has been loaded.

    `tickets` are ids with their numbers.
    """

    tickets: list[tuple[int, str]] = field(default_factory=list)
    _known: dict[Key, Item] = field(default_factory=dict)

    def up_to(self, wanted: int) -> None:
        """Load until there are at least so many tickets."""
        if not self.tickets:
            _add_rows()
        more = wanted - len(self.tickets)
        if more < 1:
            return
        drawn = sequences.allocate_ids(ticket=more, entry=more, person=more)
        runs = {name: count(first) for name, first in drawn.items()}
        self._known |= table.fetch([CATALOGUE_VERSION])
        rows = _Rows.found()
        waiting: list[Write] = []

        def commit(writes: Sequence[Write]) -> None:
            self._remember(writes)
            waiting.extend(writes)
            if len(waiting) >= _AT_ONCE:
                self._flush(waiting)

        def draw(**counts: int) -> dict[str, int]:
            return {name: next(runs[name]) for name, number in counts.items() if number}

        with (
            patch.object(table, "fetch", self._fetch),
            patch.object(sequences, "allocate_ids", draw),
            patch.object(transact, "commit_retried", commit),
        ):
            for _ in range(more):
                position = len(self.tickets)
                opened = create.open_ticket(SYSTEM, _ticket(position, rows))
                self.tickets.append((opened.id, opened.number))
                waiting.extend(_postings(opened))
        self._flush(waiting)

    def _fetch(self, keys: Sequence[Key]) -> dict[Key, Item]:
        return {key: dict(self._known[key]) for key in keys if key in self._known}

    def _remember(self, writes: Sequence[Write]) -> None:
        # The next ticket of this person must find who that is.
        for write in writes:
            if write.key.sk == "U":
                self._known[write.key] = unpack(write.request["Item"])

    def _flush(self, waiting: list[Write]) -> None:
        happened = [
            history.as_event(write.key, unpack(write.request["Item"]))
            for write in waiting
            if write.key.sk.startswith("V#")
        ]
        transact.write_many([_done(write) for write in waiting])
        for addition in counters.additions(counters.total(happened)):
            transact.write(addition)
        waiting.clear()


def _add_rows() -> None:
    """What searches ask for and a fresh desk does not have."""
    create_row(SYSTEM, "topics", {"name": searches.CLOSED, "status": 3})
    create_row(SYSTEM, "departments", {"name": searches.NIGHTS, "parent": 1})


@dataclass(frozen=True)
class _Rows:
    """Rows of the catalogue, by what the loaded tickets need them for."""

    topics: Sequence[int]
    closed: int
    nights: int
    maintenance: int

    @classmethod
    def found(cls) -> _Rows:
        cache.forget()
        known = cache.current()
        closed = known.find_topic(searches.CLOSED).id
        return cls(
            topics=[row.id for row in known.topics.values() if row.active and row.id != closed],
            closed=closed,
            nights=known.find_department(searches.NIGHTS).id,
            maintenance=known.find_department(searches.MAINTENANCE).id,
        )


CLOSED_OF_MAINTENANCE = (7, 27, 47)
"""The positions of those tickets; there are no others, however many are loaded."""


def _ticket(position: int, rows: _Rows) -> NewTicket:
    """Every fourth is closed, every tenth is of the Nights, every second is about a printer."""
    who = sample.person(position // TICKETS_EACH)
    closed, nights = position % 4 == 3, position % 10 == 0
    department = rows.nights if nights else None
    if position in CLOSED_OF_MAINTENANCE:
        department = rows.maintenance
    return NewTicket(
        requester=NewPerson(email=who["email"], name=who["name"]),
        subject=_subject(position),
        body=Body(sample.text(position, BODY)),
        topic=rows.closed if closed else rows.topics[position % len(rows.topics)],
        department=department,
        source="API",
        ip="198.51.100.7",
    )


def _subject(position: int) -> str:
    subject = sample.subject(position)
    if position == 1:
        return searches.MARKED[searches.RARE]
    marked = f" {searches.MARKED[searches.FREQUENT]}"
    return subject[: -len(marked)] + marked if position // 4 % 2 else subject


def _postings(ticket: Ticket) -> Iterator[Write]:
    return (
        posting
        for posting in postings.ticket_postings(ticket)
        if posting.key.pk[-1] in searches.POSTED
    )


def _done(write: Write) -> Write:
    item: dict[str, Any] = write.request["Item"]
    kept = {name: value for name, value in item.items() if name not in _UNDONE}
    return replace(write, request={**write.request, "Item": kept})
