"""The time, in one place, so that tests can move it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time in UTC, cut to the millisecond: the resolution that every dialect shows."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_iso(moment: datetime) -> str:
    """A time as it is stored: `2026-01-31T09:08:07.123Z`. Sorts as text, 24 characters always."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )


def from_iso(stamped: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(stamped)


def seconds(moment: datetime) -> int:
    """A time as DynamoDB's TTL wants it: whole seconds since 1970."""
    return int(moment.timestamp())
