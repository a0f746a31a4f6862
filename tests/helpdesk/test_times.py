from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import times
from helpdesk.clock import from_iso, to_iso

BERLIN = times.zone("Europe/Berlin")
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (1767225600, "2026-01-01 00:00:00"),
        ("1767225600", "2026-01-01 00:00:00"),
        ("2026-01-31T10:11:12Z", "2026-01-31 10:11:12"),
        ("2026-01-31t10:11:12z", "2026-01-31 10:11:12"),
        ("2026-01-31T10:11:12.5+02:00", "2026-01-31 08:11:12.500000"),
        ("2026-01-31T10:11+0200", "2026-01-31 08:11:00"),
        ("2026-01-31 10:11", "2026-01-31 09:11:00"),
        ("2026-07-31 10:11:12", "2026-07-31 08:11:12"),
        (" 2026-01-31 ", "2026-01-30 23:00:00"),
        ("Sat, 31 Jan 2026 10:11:12 +0100", "2026-01-31 09:11:12"),
        ("31 Jan 2026 10:11 GMT", "2026-01-31 10:11:00"),
        ("31 Jan 2026 10:11:12 -0000", "2026-01-31 10:11:12"),
        # What strtotime reads and is not doubtful.
        ("100000000", "1973-03-03 09:46:40"),
        ("20310131", "2031-01-30 23:00:00"),
        (20310131, "2031-01-30 23:00:00"),
        ("20310131T173000Z", "2031-01-31 17:30:00"),
        ("20310131173000", "2031-01-31 16:30:00"),
        ("2026/11/28", "2026-11-27 23:00:00"),
        ("2026-1-5", "2026-01-04 23:00:00"),
        ("28 November 2026", "2026-11-27 23:00:00"),
        ("Saturday, 28 November 2026 5:30 PM", "2026-11-28 16:30:00"),
        ("28-Nov-2026", "2026-11-27 23:00:00"),
        ("Nov 28, 2026", "2026-11-27 23:00:00"),
        ("november 28th 2026, 17:30 UTC", "2026-11-28 17:30:00"),
        ("2026-11-28 5:30 PM", "2026-11-28 16:30:00"),
        ("2026-11-28 12 a.m.", "2026-11-27 23:00:00"),
        ("11/28/26", "2026-11-27 23:00:00"),
        ("11/28/2026 12:30PM", "2026-11-28 11:30:00"),
        ("01/02/1999", "1999-01-01 23:00:00"),
        ("01/02/99", "1999-01-01 23:00:00"),
        ("1000-01-01T00:00:00Z", "1000-01-01 00:00:00"),
    ],
)
def test_times_are_read(written: int | str, moment: str) -> None:
    assert times.read(written, BERLIN) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *("", "tomorrow", "+1 day", "next monday", "12 Jan", "Foo 31 Jan 2026"),
        *("31/01/2026", "31.01.2026", "31-01-2026", "2026-13-01", "2026-02-30", "2026-01-31T25:00"),
        *(True, None, "1e5", "99999999999999", 1e300, "NaN", "2026-01-31_10:00"),
        *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00+10:00"),
        # What .NET and Go send for no time at all, and what no time zone may be added to.
        *("0001-01-01T00:00:00Z", "0001-01-01", "0999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        # Too few digits for seconds, and none of them a date.
        *(0, 1, "12345", "20311399", "12345678", "2031013", "1767225600000"),
        *("2026-11-28 13:30 PM", "2026-11-28 0 AM", "2026-11-28T10:60", "2026-11-28T24:00"),
        *("2026-11/28", "31 Feb 2026", "2026-W60", "28 Nov 26", "2026-11-28T10:00+05:75"),
        "\N{FULLWIDTH DIGIT TWO}026-01-01",
    ],
)
def test_everything_else_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        times.read(written, BERLIN)


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=OFFSETS,
    )
)
def test_iso_8601_survives(moment: datetime) -> None:
    assert times.read(moment.isoformat()) == moment


@given(
    st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 29)),  # noqa: DTZ001
    st.sampled_from(
        ["%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y", "%A, %d %B %Y", "%Y-%m-%d"]
    ),
    st.sampled_from(["", " %H:%M", " %H:%M:%S", "T%H%M%S", " %I:%M %p", ", %I:%M:%S%p"]),
)
def test_every_way_to_write_a_day_and_an_hour_names_that_moment(
    moment: datetime, day: str, clock: str
) -> None:
    written = moment.strftime(day + clock)
    assert times.read(written) == datetime.strptime(written, day + clock).replace(tzinfo=UTC)


# Dates of the year 1 are refused, since they do not exist in every time zone.
@given(st.datetimes(min_value=datetime(2, 1, 2), timezones=OFFSETS))  # noqa: DTZ001 - its zone is drawn
def test_what_is_stored_can_be_read_whatever_the_year(moment: datetime) -> None:
    try:
        kept = moment.astimezone(UTC)
    except OverflowError:
        return
    stored = to_iso(kept)
    assert len(stored) == 24
    assert from_iso(stored) == kept.replace(microsecond=kept.microsecond // 1000 * 1000)


DATELIKE = st.text("0123456789-/:+ TZWPMapmNov.,", max_size=24) | st.from_regex(
    r"\d{1,4}[-/]?\d{1,2}[-/]?\d{1,4}( \d{1,2}:\d{2}( [AP]M)?)?"
)


@given(DATELIKE)
def test_whatever_is_read_can_be_kept_and_shown_anywhere(written: str) -> None:
    with suppress(ValueError):
        moment = times.read(written, BERLIN)
        assert from_iso(to_iso(moment)) - moment <= timedelta(milliseconds=1)
        for name in ("Pacific/Kiritimati", "Etc/GMT+12"):
            (moment + timedelta(hours=10)).astimezone(times.zone(name)).isoformat()


@given(st.text() | st.integers() | st.floats() | st.none())
def test_anything_is_a_time_or_a_value_error(written: object) -> None:
    with suppress(ValueError):
        assert times.read(written, BERLIN).tzinfo is UTC


def test_unknown_zones_are_refused() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", "/etc/passwd"):
        with pytest.raises(ValueError, match="no such time zone"):
            times.zone(name)
