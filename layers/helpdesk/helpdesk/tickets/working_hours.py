"""Working hours, which an SLA's deadlines are counted in (docs/osticket.md 1.9)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from helpdesk.catalogue.rows import stored_zone
from helpdesk.model.catalogue import Schedule

A_DAY = timedelta(days=1)

_MOST_HOURS = 10**9
"""Longer than any calendar."""


def add_hours(start: datetime, hours: float, schedule: Schedule | None = None) -> datetime:
    """The moment at which `hours` of working time have passed since `start`, in UTC.

    Without a schedule, or with one that never opens, every hour counts. Time that ends with the
    day's last minute ends at that minute, not at the next opening. Hours are elapsed hours, so a
    night with a clock change is an hour longer or shorter. A result beyond the last date that
    Python supports becomes that date. A schedule with an unknown time zone is in UTC.
    """
    left = timedelta(hours=min(hours, _MOST_HOURS))
    if not schedule or not any(closes > opens for opens, closes in schedule.days.values()):
        return _plain(start, left)
    local = stored_zone(schedule.time_zone, "schedules", schedule.id)
    if left <= timedelta():
        return start.astimezone(UTC)
    # One full leap cycle must contain an open day, since rules repeat by the year.
    day, idle = start.astimezone(local).date(), 0
    while idle < 10_000:
        opens, closes = _hours_of(day, schedule, local)
        worked = closes - max(opens, start)
        if worked >= left:
            return closes - worked + left
        if worked > timedelta():
            left -= worked
            idle = 0
        else:
            idle += 1
        if day >= date.max - 2 * A_DAY:
            return datetime.max.replace(tzinfo=UTC)
        day += A_DAY
    return _plain(start, left)


def _plain(start: datetime, left: timedelta) -> datetime:
    try:
        return start.astimezone(UTC) + left
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _hours_of(day: date, schedule: Schedule, local: tzinfo) -> tuple[datetime, datetime]:
    opens, closes = schedule.days.get(day.weekday(), (0, 0))
    if closes <= opens or day in _holidays(day.year, schedule.holidays):
        opens = closes = 0
    return _at(day, opens, local), _at(day, closes, local)


def _at(day: date, minute: int, local: tzinfo) -> datetime:
    # 1440 is the next midnight; wall-clock time decides, so the day is added before the zone is
    # applied.
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=local).astimezone(UTC)


@lru_cache(maxsize=64)
def _holidays(year: int, rules: tuple[str, ...]) -> frozenset[date]:
    found = (_holiday(year, rule) for rule in rules)
    return frozenset(day for day in found if day)


def _holiday(year: int, rule: str) -> date | None:
    """The date of a rule in a year: `MM-DD`, or `MM-weekday-nth` with nth -1 for the last."""
    month, second, *nth = rule.split("-", 2)
    try:
        if not nth:
            return date(year, int(month), int(second))
        return _nth(year, int(month), int(second), int(nth[0]))
    except ValueError:
        # 29 February in most years, a fifth Monday in some months.
        return None


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first.replace(day=1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - A_DAY
    return last.replace(day=last.day - (last.weekday() - weekday) % 7 + 7 * (nth + 1))
