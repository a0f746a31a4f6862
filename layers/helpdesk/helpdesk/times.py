"""The one reader of dates, for every API, for custom fields and for settings (docs/osticket.md, row
K). Nothing here guesses.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

EARLIEST = datetime(1000, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
"""The times that the desk keeps: MySQL's, which osTicket's are, less the last day. In any time zone
and a day later they are still times.
"""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,? +)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<sign>[-/])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
        r"(?P<year>\d{4})-?W(?P<week>\d{2})(?:-?(?P<day>\d))?(?!\d)",
        # Month before day, as in `strtotime`.
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})(?!\d)",
        rf"{_WEEKDAY}{_DAY}[ -]{_MONTH}[ -](?P<year>\d{{4}})(?!\d)",
        rf"{_WEEKDAY}{_MONTH} {_DAY},? (?P<year>\d{{4}})(?!\d)",
    )
)
_CLOCK = re.compile(
    r"(?:(?:T|,? +)(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?(?: ?(?P<half>[ap])\.?m\.?)?"
    r"(?: ?(?P<zone>Z|UTC|GMT|(?P<offset>[+-]\d{2})(?::?(?P<minutes>[0-5]\d))?))?)?",
    re.ASCII | re.IGNORECASE,
)
_RFC_2822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ?)?\d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}(?::\d{2})? (?:[+-]\d{4}|UT|GMT|[ECMP][SD]T)",
    re.ASCII | re.IGNORECASE,
)
# Fewer digits are rather a date or a part of one.
_UNIX = re.compile(r"-?\d{9,12}(?:\.\d{1,9})?", re.ASCII)
_MYSQL = re.compile(r"(\d{8})(\d{6})", re.ASCII)
_LONGEST = 64


def read(value: object, zone: tzinfo = UTC) -> datetime:
    """The moment, in UTC, that a number or a text names.

    Read are:

    - Unix seconds of nine digits or more, also as text;
    - ISO 8601 with or without signs between the parts, a week date, too;
    - RFC 2822;
    - `2026-11-28`, `2026/11/28`, `20261128`, `11/28/2026`, `11/28/26`, `28 November 2026` and
      `Nov 28, 2026`, alone (00:00) or with a time such as `17:30`, `17:30:00` or `5:30 PM` and an
      offset.

    Args:
        value: What was sent.
        zone: The time zone of values without an offset.

    Raises:
        ValueError: The value is something else, names no day or time of the calendar, or is before
            EARLIEST or after LATEST.
    """
    moment: datetime | None = None
    if isinstance(value, datetime):
        with suppress(OverflowError):
            moment = _in_utc(value, zone)
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        # A text may have the form of a time and yet be invalid, or beyond the calendar.
        with suppress(ValueError, OverflowError, OSError):
            moment = _read(str(value).strip(), zone)
    if moment is None or not EARLIEST <= moment <= LATEST:
        raise ValueError("not a time")
    return moment


def _read(text: str, zone: tzinfo) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    if _UNIX.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if _RFC_2822.fullmatch(text):
        # Not needed by most requests, and slow to import.
        from email.utils import parsedate_to_datetime  # noqa: PLC0415

        return _in_utc(parsedate_to_datetime(text), UTC)
    if joined := _MYSQL.fullmatch(text):
        text = f"{joined[1]}T{joined[2]}"
    return next(_moments(text, zone), None)


def _moments(text: str, zone: tzinfo) -> Iterator[datetime]:
    for pattern in _DATES:
        day = pattern.match(text)
        clock = day and _CLOCK.fullmatch(text, day.end())
        if day and clock:
            yield _in_utc(_joined(_date(day.groupdict()), clock), zone)


def _date(found: dict[str, str | None]) -> date:
    year = int(found["year"] or 0)
    if len(found["year"] or "") == 2:
        # As in `strtotime`.
        year += 1900 if year >= 70 else 2000
    if week := found.get("week"):
        return date.fromisocalendar(year, int(week), int(found["day"] or 1))
    month, day = found["month"] or "", int(found["day"] or 0)
    return date(year, int(month) if month.isdigit() else 1 + _MONTHS.index(month[:3].lower()), day)


def _joined(day: date, found: re.Match[str]) -> datetime:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if half := found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("not a time")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    micro = int(f"{found['fraction'] or 0:0<6}"[:6])
    return datetime(
        day.year, day.month, day.day, hour, minute, second, micro, tzinfo=_offset(found)
    )


def _offset(found: re.Match[str]) -> tzinfo | None:
    if not found["zone"]:
        return None
    hours = found["offset"] or "+00"
    ahead = timedelta(hours=int(hours[1:]), minutes=int(found["minutes"] or 0))
    return timezone(-ahead if hours[0] == "-" else ahead)


def _in_utc(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def zone(name: str) -> tzinfo:
    """The time zone of that name, e.g. `Europe/Berlin`.

    Raises:
        ValueError: There is no such zone.
    """
    if name in {"", "UTC"}:
        return UTC
    # Reading the zones adds 40 ms to a cold start, and most desks need none.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("no such time zone") from unknown
