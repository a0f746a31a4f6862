"""Fills the desk with tickets, using the desk's own operation.

Every ticket goes through `open_ticket`, so its items are made by the production code. Only the
round trips differ: ids are allocated once for all tickets, the data of the first round trip is
already known, and the items are written by the thousand (`Aws.load`). Events are stored as already
processed, and are counted; of the subjects' postings, only those are written that a measured search
can read (`bench.searches`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest.mock import patch

from bench import sample, searches
from bench.desk import Aws
from helpdesk.catalogue import cache
from helpdesk.directory.changes import create_row
from helpdesk.events import history
from helpdesk.index import counters, postings
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, Entry
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

_AT_ONCE = 4000
"""Writes per call of `Aws.load`."""

_UNDONE = {"todo", "p10", "s10"}
"""The attributes that an event has only until its consumers have processed it."""


class Load:
    """The loaded tickets.

    `tickets` are ids with their numbers.

    Args:
        aws: the emulator with the tables.
    """

    def __init__(self, aws: Aws) -> None:
        self.tickets: list[tuple[int, str]] = []
        self._aws = aws
        self._known: dict[Key, Item] = {}
        self._waiting: list[Write] = []
        self._counts: Counter[tuple[Key, str]] = Counter()

    def up_to(self, wanted: int) -> None:
        """Load until there are at least that many tickets."""
        if not self.tickets:
            _add_rows()
        more = wanted - len(self.tickets)
        if more < 1:
            return
        drawn = sequences.allocate_ids(ticket=more, entry=more, person=more)
        runs = {name: count(first) for name, first in drawn.items()}
        self._known |= table.fetch([CATALOGUE_VERSION])
        rows = _Rows.found()

        def draw(**counts: int) -> dict[str, int]:
            return {name: next(runs[name]) for name, number in counts.items() if number}

        with (
            patch.object(table, "fetch", self._fetch),
            patch.object(sequences, "allocate_ids", draw),
            patch.object(transact, "commit_retried", self._waiting.extend),
        ):
            for _ in range(more):
                position = len(self.tickets)
                first = len(self._waiting)
                new = _ticket(position, rows)
                opened = create.open_ticket(SYSTEM, new)
                self._take_note(self._waiting[first:])
                self.tickets.append((opened.id, opened.number))
                self._waiting.extend(_postings(opened, new.body))
                if len(self._waiting) >= _AT_ONCE:
                    self._flush()
        self._flush()
        for addition in counters.additions(self._counts):
            transact.write(addition)
        self._counts.clear()

    def _fetch(self, keys: Sequence[Key]) -> dict[Key, Item]:
        return {key: dict(self._known[key]) for key in keys if key in self._known}

    def _take_note(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if write.key.sk == "U":
                # The next ticket of this person must find their item.
                self._known[write.key] = unpack(write.request["Item"])
            elif write.key.sk.startswith("V#"):
                event = history.as_event(write.key, unpack(write.request["Item"]))
                self._counts.update(counters.changes(event))

    def _flush(self) -> None:
        by_table: dict[str, list[Mapping[str, Any]]] = {}
        for write in self._waiting:
            by_table.setdefault(write.request["TableName"], []).append(_done(write))
        for name, items in by_table.items():
            self._aws.load(name, items)
        self._waiting.clear()


def _add_rows() -> None:
    """Adds the rows that searches ask for and a fresh desk lacks."""
    create_row(SYSTEM, "topics", {"name": searches.CLOSED, "status": 3})
    create_row(SYSTEM, "departments", {"name": searches.NIGHTS, "parent": 1})
    create_row(SYSTEM, "services", {"name": sample.SERVICE})


@dataclass(frozen=True)
class _Rows:
    """Ids of the catalogue's rows that the loaded tickets refer to."""

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


SAYS_IT = 4
"""The position of the ticket whose message has SAID_ONCE; its subject has the frequent word."""

CLOSED_OF_MAINTENANCE = (7, 27, 47)
"""The positions of the closed Maintenance tickets; the number does not grow with the desk."""


def _ticket(position: int, rows: _Rows) -> NewTicket:
    """Every fourth is closed, every tenth belongs to Nights, every second is about a printer."""
    who = sample.person(position // TICKETS_EACH)
    closed, nights = position % 4 == 3, position % 10 == 0
    department = rows.nights if nights else None
    if position in CLOSED_OF_MAINTENANCE:
        department = rows.maintenance
    return NewTicket(
        requester=NewPerson(email=who["email"], name=who["name"]),
        subject=_subject(position),
        body=Body(_message(position)),
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


def _message(position: int) -> str:
    message = sample.text(position, BODY)
    return f"{message} {searches.SAID_ONCE}" if position == SAYS_IT else message


def _postings(ticket: Ticket, body: Body) -> Iterator[Write]:
    """The postings of a ticket and its message that the measured searches read."""
    written = Entry(0, ticket.id, "message", body, "", ticket.created, title=ticket.subject)
    every = (*postings.ticket_postings(ticket), *postings.entry_postings(written, ticket.version))
    return (one for one in every if one.key.sk.startswith(searches.POSTED))


def _done(write: Write) -> Mapping[str, Any]:
    """The item as it is after its consumers have processed it."""
    item: Mapping[str, Any] = write.request["Item"]
    return {name: value for name, value in item.items() if name not in _UNDONE}
