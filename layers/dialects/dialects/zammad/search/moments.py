"""Times in searches: dates, times, and times relative to now (docs/zammad.md 7.7)."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from dialects.zammad.search.tree import Range
from helpdesk import times
from helpdesk.clock import now

_NOW = re.compile(r"now(?:(?P<sign>[+-])(?P<count>\d{1,6})(?P<unit>[smhHdwMy]))?(?:/[smhHdwMy])?")

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(days=7),
    "M": timedelta(days=30),
    "y": timedelta(days=365),
}

RANGES = {
    "minute": "m",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "M",
    "year": "y",
}
"""Units of relative times in conditions."""


class Span(NamedTuple):
    """The span of a time value: from `start` to `end` (exclusive). A date is a whole day."""

    start: datetime
    end: datetime


def read(value: str) -> Span | None:
    """The span of a time value; None if it is not a time."""
    if relative := _NOW.fullmatch(value):
        at = now()
        if relative["sign"]:
            moved = shift(at, int(relative["count"]), relative["unit"], relative["sign"] == "-")
            if moved is None:
                return None
            at = moved
        return Span(at, at + timedelta(milliseconds=1))
    try:
        start = times.read(value)
    except ValueError:
        return None
    try:
        times.read(f"{value} 00:00:01")
    except ValueError:
        return Span(start, start + timedelta(milliseconds=1))
    return Span(start, start + timedelta(days=1))


class Between(NamedTuple):
    """The times from `start` (inclusive) to `end` (exclusive); None is no bound."""

    start: datetime | None
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a time is in this range."""
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


def between(asked: Range) -> Between | None:
    """The times of a range; None if a bound is not a time."""
    low = read(asked.low) if asked.low is not None else None
    high = read(asked.high) if asked.high is not None else None
    if (asked.low is not None and low is None) or (asked.high is not None and high is None):
        return None
    start = (low.start if asked.low_in else low.end) if low else None
    end = (high.end if asked.high_in else high.start) if high else None
    return Between(start, end)


def shift(at: datetime, count: int, unit: str, back: bool) -> datetime | None:  # noqa: FBT001
    """A time moved by so many units; None if the result is outside the calendar."""
    try:
        moved = at - UNITS[unit] * count if back else at + UNITS[unit] * count
    except OverflowError:
        return None
    return moved if 1000 < moved.year < 9000 else None
