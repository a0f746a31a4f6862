"""Times in the formats of .NET clients (docs/notific.md 2)."""

import re
from datetime import UTC, datetime, timedelta, timezone

from helpdesk.times import EARLIEST, LATEST

UNSET = datetime(1, 1, 1, tzinfo=UTC)
"""The default value of an unset .NET DateTime."""

_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,30})?)?)?"
    r" ?(?P<zone>[Zz]|(?P<sign>[+-])(?P<ahead>\d\d):?(?P<by>\d\d)?)?",
    re.ASCII,
)
_MICROSOFT = re.compile(r"/Date\((-?\d{1,18})(?:[+-]\d{4})?\)/", re.ASCII)


def read(text: str) -> datetime:
    """A time in UTC, in whole seconds; UNSET for an unset DateTime. A time without a zone is UTC.

    Raises:
        ValueError: It is not a time, or outside the range that the desk can store.
    """
    text = text.strip()
    try:
        if ticks := _MICROSOFT.fullmatch(text):
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ticks[1]))
        elif found := _ISO.fullmatch(text):
            moment = _moment(found)
        else:
            raise ValueError("no time")
    except OverflowError as far:
        raise ValueError("beyond the calendar") from far
    moment = moment.replace(microsecond=0)
    if moment != UNSET and not EARLIEST <= moment <= LATEST:
        raise ValueError("no time of the desk")
    return moment


def _moment(found: re.Match[str]) -> datetime:
    parts = ("year", "month", "day", "hour", "minute", "second")
    values = [int(found[part] or 0) for part in parts]
    moment = datetime(*values, tzinfo=UTC)  # type: ignore[misc, arg-type]
    if not found["sign"] or moment == UNSET:
        return moment
    ahead = timedelta(hours=int(found["ahead"]), minutes=int(found["by"] or 0))
    zone = timezone(ahead if found["sign"] == "+" else -ahead)
    return moment.replace(tzinfo=zone).astimezone(UTC)


def write(moment: datetime) -> str:
    """A time as shown in responses."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
