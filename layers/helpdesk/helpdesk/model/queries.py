"""The parameters and results of lists and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from helpdesk.model.conditions import Condition
from helpdesk.model.entries import Entry
from helpdesk.model.tickets import Ticket

Sort = Literal["created", "updated", "number"]
"""The sort orders of lists: `created` is by id, `number` is by text."""


Moment = datetime | str
"""A time; text as callers write it, in the desk's time zone if it has none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of tickets; a field that is None matches anything, all others must match.

    Rows of the catalogue are ids or names, departments and topics also paths, an agent also a user
    name or an address; an unknown one matches nothing (docs/osticket.md, row 33). `tickets` are
    ids; `number` is the complete number of a ticket; `email` is an address of the person, ignoring
    case. The ticket's subject must contain each text of `subject`, ignoring case and accents; blank
    ones are ignored.

    Spans of time include their ends: `created_to` with a date only includes that day, with a time
    that second (docs/osticket.md, row Y).
    """

    status: int | str | None = None
    department: int | str | None = None
    topic: int | str | None = None
    priority: int | str | None = None
    agent: int | str | None = None
    person: int | None = None
    organization: int | None = None
    tickets: tuple[int, ...] | None = None
    number: str | None = None
    email: str | None = None
    subject: tuple[str, ...] = ()
    created_from: Moment | None = None
    created_to: Moment | None = None
    updated_from: Moment | None = None
    updated_to: Moment | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list. Tickets that are equal in `sort` are in the order of their ids."""

    sort: Sort = "created"
    descending: bool = True
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """A page of entries, the tickets that they belong to, and how many entries there are in all."""

    entries: Sequence[Entry]
    tickets: Sequence[Ticket]
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets: archived ones are closed, overdue ones open (docs/osticket.md, row L)."""

    open: int = 0
    closed: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.closed

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.open + other.open, self.closed + other.closed, self.overdue + other.overdue
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """How many tickets were opened and closed within a time. A ticket that is reopened and closed
    again counts as closed twice.
    """

    opened: int = 0
    closed: int = 0

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(self.opened + other.opened, self.closed + other.closed)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tickets were open and overdue at the end of a day, and opened and closed on it."""

    open: int = 0
    overdue: int = 0
    flow: Flow = Flow()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.open + other.open, self.overdue + other.overdue, self.flow + other.flow)


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) by department and agent; agent 0 is nobody. For the current day it holds the
    current numbers.
    """

    day: date
    pairs: Mapping[tuple[int, int], Tally]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts by department, and by agent and department; ids with tickets only."""

    departments: Mapping[int, Counts]
    agents: Mapping[int, Mapping[int, Counts]]

    @property
    def whole(self) -> Counts:
        """All departments together."""
        return sum(self.departments.values(), Counts())
