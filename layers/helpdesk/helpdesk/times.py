"""Times as callers write them (docs/osticket.md, row K). Nothing here guesses."""

import re
from contextlib import suppress
from datetime import UTC, datetime, tzinfo

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{4}-?W\d{2}(?:-?\d)?)"
    r"(?:[Tt ](?P<time>\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?)"
    r" ?(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_RFC_2822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ?)?\d{1,2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}(?::\d{2})? (?:[+-]\d{4}|UT|GMT|[ECMP][SD]T)",
    re.ASCII | re.IGNORECASE,
)
_UNIX = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def read(value: object, zone: tzinfo = UTC) -> datetime:
    """The moment, in UTC, that a number or a text names.

    Reads Unix seconds (also as text), ISO 8601 (a week date, too), RFC 2822,
    `YYYY-MM-DD HH:MM[:SS]`, and a date alone, which is 00:00. Without an offset it is in `zone`.

    Raises:
        ValueError: The value is none of these.
    """
    if isinstance(value, datetime):
        return _in_utc(value, zone)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        # A text may have the shape of a time and yet name none, or one beyond the calendar.
        with suppress(ValueError, OverflowError, OSError):
            if moment := _read(str(value).strip(), zone):
                return moment
    raise ValueError("not a time")


def _read(text: str, zone: tzinfo) -> datetime | None:
    if _UNIX.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if _RFC_2822.fullmatch(text):
        # Not needed by most requests, and slow to import.
        from email.utils import parsedate_to_datetime  # noqa: PLC0415

        return _in_utc(parsedate_to_datetime(text), UTC)
    found = _ISO.fullmatch(text)
    return _in_utc(_iso(found), zone) if found else None


def _iso(found: re.Match[str]) -> datetime:
    clock = (found["time"] or "00:00").replace(",", ".")
    # Python 3.11 knows fractions of three and six digits only.
    clock, _, fraction = clock.partition(".")
    fraction = f".{fraction[:6]:0<6}" if fraction else ""
    return datetime.fromisoformat(
        f"{found['date']}T{clock}{fraction}{(found['zone'] or '').upper()}"
    )


def _in_utc(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def zone(name: str) -> tzinfo:
    """The time zone of that name, e.g. `Europe/Berlin`.

    Raises:
        ValueError: There is no such zone.
    """
    if name in {"", "UTC"}:
        return UTC
    # Reading the zones costs a cold start 40 ms, and most desks need none.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("no such time zone") from unknown
