from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.model.catalogue import Schedule
from helpdesk.tickets.working_hours import add_hours
from helpdesk.times import zone

OFFICE = Schedule(
    1,
    "Monday - Friday 8am - 5pm",
    days=dict.fromkeys(range(5), (8 * 60, 17 * 60)),
    holidays=("01-01", "12-25", "05-0--1", "11-3-4"),
)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-02 09:00", 4, "2026-03-02 13:00"),  # Monday
        ("2026-03-02 09:00", 8, "2026-03-02 17:00"),  # to the last minute
        ("2026-03-02 09:00", 18, "2026-03-04 09:00"),
        ("2026-03-02 03:00", 1, "2026-03-02 09:00"),  # before opening
        ("2026-03-06 16:30", 1, "2026-03-09 08:30"),  # Friday over the weekend
        ("2026-03-07 12:00", 1, "2026-03-09 09:00"),  # Saturday
        ("2025-12-24 16:00", 2, "2025-12-26 09:00"),  # Christmas
        ("2026-05-22 16:00", 2, "2026-05-26 09:00"),  # the last Monday in May
        ("2026-11-25 16:00", 2, "2026-11-27 09:00"),  # the fourth Thursday in November
        ("2026-03-02 09:00", 0, "2026-03-02 09:00"),
    ],
)
def test_hours_are_counted_while_open(start: str, hours: int, due: str) -> None:
    assert add_hours(at(start), hours, OFFICE) == at(due)


def test_plain_hours_without_a_schedule_or_with_one_that_never_opens() -> None:
    start = at("2026-03-06 16:30")
    assert add_hours(start, 18) == start + timedelta(hours=18)
    assert add_hours(start, 18, Schedule(2, "never", days={})) == start + timedelta(hours=18)


def test_the_wall_clock_of_the_schedule_decides() -> None:
    berlin = Schedule(3, "B", days={0: (8 * 60, 17 * 60)}, time_zone="Europe/Berlin")
    assert add_hours(at("2026-07-06 00:00"), 1, berlin) == at("2026-07-06 07:00")
    assert add_hours(at("2026-01-05 00:00"), 1, berlin) == at("2026-01-05 08:00")


def test_a_night_that_loses_an_hour_is_shorter() -> None:
    always = Schedule(4, "A", dict.fromkeys(range(7), (0, 1440)), time_zone="Europe/Berlin")
    assert add_hours(at("2026-03-28 23:00"), 24, always) == at("2026-03-29 23:00")


def test_a_schedule_without_a_working_day_is_no_trap() -> None:
    only_leap_days_off = Schedule(5, "L", {0: (0, 60)}, holidays=("02-30", "02-0-5"))
    assert add_hours(at("2026-03-02 00:00"), 1, only_leap_days_off) == at("2026-03-02 01:00")


def test_promises_beyond_the_calendar_end_with_it() -> None:
    assert add_hours(at("2026-03-02 00:00"), 1e9).year == 9999
    assert add_hours(at("9999-12-01 00:00"), 5_000, OFFICE).year == 9999


hours = st.integers(0, 500)
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
days = st.dictionaries(
    st.integers(0, 6),
    st.tuples(st.integers(0, 700), st.integers(701, 1440)),
    min_size=1,
)
schedules = st.builds(
    Schedule,
    id=st.just(1),
    name=st.just("any"),
    days=days,
    holidays=st.sampled_from([(), ("12-25", "07-04"), ("09-0-1", "05-0--1")]),
    time_zone=st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
)


@given(moments, hours, hours, schedules)
def test_two_promises_in_a_row_are_one(
    start: datetime, first: int, second: int, schedule: Schedule
) -> None:
    whole = add_hours(start, first + second, schedule)
    assert add_hours(add_hours(start, first, schedule), second, schedule) == whole or second == 0


@given(moments, st.integers(1, 100), schedules)
def test_what_is_due_is_due_while_open(start: datetime, more: int, schedule: Schedule) -> None:
    due = add_hours(start, more, schedule).astimezone(zone(schedule.time_zone))
    assert due > start
    # Closing at midnight is the first minute of the day after.
    just_before = due - timedelta(minutes=1)
    opens, closes = schedule.days[just_before.weekday()]
    assert opens <= just_before.hour * 60 + just_before.minute < closes
