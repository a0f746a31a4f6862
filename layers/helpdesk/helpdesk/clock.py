"""The time, in one place, so that tests can move it."""

from datetime import MINYEAR, UTC, datetime


def now() -> datetime:
    """The current time in UTC, cut to the millisecond: the resolution that every dialect shows."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_iso(moment: datetime) -> str:
    """A time as it is stored: `2026-01-31T09:08:07.123Z`. Sorts as text, 24 characters always.

    Unlike `strftime`, `isoformat` writes every year with four digits, so that `from_iso` can read
    it.
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_iso(stamped: str) -> datetime:
    """The time that `to_iso` wrote.

    Raises:
        ValueError: It is not a time that exists in every time zone.
    """
    moment = datetime.fromisoformat(stamped)
    # The year 9999 stands for "never due".
    if moment.tzinfo is None or moment.year <= MINYEAR:
        raise ValueError("not a time of the desk")
    return moment


def seconds(moment: datetime) -> int:
    """A time as DynamoDB's TTL wants it: whole seconds since 1970."""
    return int(moment.timestamp())
