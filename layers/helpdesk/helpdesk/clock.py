"""The time, in one place, so that tests can move it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time in UTC, cut to the millisecond: the resolution that every dialect shows."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_iso(moment: datetime) -> str:
    """A time as it is stored: `2026-01-31T09:08:07.123Z`. Sorts as text, 24 characters always.

    Unlike `strftime`, `isoformat` writes every year with four digits, so that `from_iso` reads
    whatever this wrote.
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_iso(stamped: str) -> datetime:
    """The time that `to_iso` wrote."""
    return datetime.fromisoformat(stamped)


def seconds(moment: datetime) -> int:
    """A time as DynamoDB's TTL wants it: whole seconds since 1970."""
    return int(moment.timestamp())
