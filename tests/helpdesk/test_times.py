from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import times

BERLIN = times.zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (0, "1970-01-01 00:00:00"),
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
    ],
)
def test_times_are_read(written: int | str, moment: str) -> None:
    assert times.read(written, BERLIN) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *("", "tomorrow", "+1 day", "next monday", "12 Jan", "Sat 31 Jan 2026"),
        *("01/02/2026", "31.01.2026", "2026-13-01", "2026-02-30", "2026-01-31T25:00"),
        *(True, None, "1e5", "99999999999999", 1e300, "NaN", "2026-01-31_10:00"),
        *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00+10:00"),
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
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
    )
)
def test_iso_8601_survives(moment: datetime) -> None:
    assert times.read(moment.isoformat()) == moment


@given(st.text() | st.integers() | st.floats() | st.none())
def test_anything_is_a_time_or_a_value_error(written: object) -> None:
    with suppress(ValueError):
        assert times.read(written, BERLIN).tzinfo is UTC


def test_unknown_zones_are_refused() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", "/etc/passwd"):
        with pytest.raises(ValueError, match="no such time zone"):
            times.zone(name)
