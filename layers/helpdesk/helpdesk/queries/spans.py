"""Spans of time as filters, and the range of ids of the tickets opened in one.

Ids are allocated in order of time, but a ticket's `created` is the clock of the writing machine at
the start of its request. So the two orders differ by SLACK at most, and the ids at the ends of a
span are found by an interpolation search.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from helpdesk import times
from helpdesk.clock import to_iso
from helpdesk.errors import Invalid, Problem
from helpdesk.model.queries import Moment, Wanted
from helpdesk.storage import table, ticket_items
from helpdesk.storage.keys import ticket_key
from helpdesk.storage.reading import readable

SLACK = timedelta(seconds=60)
"""How far `created` may deviate from the order of ids: the longest duration of a request."""

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""No ticket is older or younger; between them, arithmetic on times cannot overflow."""

PROBES = 50
"""Tickets that are read in one round trip, for each end of a span."""


class Span(NamedTuple):
    """A span of time: from `start` (inclusive) to `end` (exclusive); None is no bound."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the span contains no moment."""
        return self.start is not None and self.end is not None and self.start >= self.end

    def holds(self, moment: datetime) -> bool:
        """Whether the span contains a moment."""
        return (self.start is None or moment >= self.start) and (
            self.end is None or moment < self.end
        )

    @property
    def stamps(self) -> tuple[str | None, str | None]:
        """The bounds of the stored times in the span."""
        start, end = (to_iso(bound) if bound else None for bound in self)
        return start, end


def created(wanted: Wanted, zone: tzinfo) -> Span:
    """The span in which the wanted tickets were opened.

    Raises:
        Invalid: `date`, for a bound that is not a time.
    """
    return _span("created", wanted.created_from, wanted.created_to, zone)


def updated(wanted: Wanted, zone: tzinfo) -> Span:
    """The span in which they were last changed. Errors as `created`."""
    return _span("updated", wanted.updated_from, wanted.updated_to, zone)


def _span(name: str, start: Moment | None, end: Moment | None, zone: tzinfo) -> Span:
    return Span(
        _bound(f"{name}_from", start, lambda value: times.read(value, zone)),
        _bound(f"{name}_to", end, lambda value: _end(value, zone)),
    )


def _end(value: Moment, zone: tzinfo) -> datetime:
    """The end of the day or the second that a bound names."""
    moment = times.read(value, zone)
    try:
        times.read(f"{value} 00:00:01", zone)
    except ValueError:
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    # A date only. If clocks change on it, the day has 23 or 25 hours.
    return (moment.astimezone(zone) + timedelta(days=1)).astimezone(UTC)


def _bound(field: str, value: Moment | None, read: Callable[[Moment], datetime]) -> datetime | None:
    if value is None:
        return None
    try:
        return min(max(read(value), _FIRST), _LAST)
    except (ValueError, OverflowError) as wrong:
        raise Invalid(Problem(field, "date")) from wrong


def ids_of(span: Span, last: int) -> tuple[int, int]:
    """The least and the greatest id that a ticket opened in this span can have; few other tickets
    are between them. The number of round trips is the logarithm of the number of tickets, to the
    base PROBES.

    Args:
        span: When the tickets were opened.
        last: The last id that was allocated.
    """
    low, high = _Edge(0, last + 1, span.start, -SLACK), _Edge(0, last + 1, span.end, SLACK)
    while probes := {*low.probes(), *high.probes()}:
        found = table.fetch([ticket_key(number) for number in sorted(probes)])
        tickets = readable(ticket_items.as_ticket, found.values())
        opened = {ticket.id: ticket.created for ticket in tickets}
        low, high = low.narrowed(opened), high.narrowed(opened)
    return (
        low.before + 1 if span.start else 1,
        high.behind - 1 if span.end else last,
    )


class _Edge(NamedTuple):
    """The position of a moment among the ids: after `before`, and before `behind`."""

    before: int
    behind: int
    moment: datetime | None
    slack: timedelta

    def probes(self) -> list[int]:
        """The ids to read next; none if reading on would gain little."""
        between = self.behind - self.before - 1
        if self.moment is None or between <= PROBES:
            return []
        return [self.before + between * step // (PROBES + 1) + 1 for step in range(1, PROBES + 1)]

    def narrowed(self, opened: dict[int, datetime]) -> "_Edge":
        """The edge narrowed by the times at which the tickets of some ids were opened."""
        if self.moment is None:
            return self
        edge = self.moment + self.slack
        inside = {one: at for one, at in opened.items() if self.before < one < self.behind}
        before = max((one for one, at in inside.items() if at < edge), default=self.before)
        behind = min((one for one, at in inside.items() if at >= edge), default=self.behind)
        if (before, behind) == (self.before, self.behind):
            # None of these tickets exists any more.
            return self._replace(moment=None)
        return self._replace(before=before, behind=max(behind, before + 1))
