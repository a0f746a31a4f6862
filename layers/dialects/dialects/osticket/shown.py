"""Values that all APIs of the osTicket family show alike (docs/osticket.md 1.8 and row K)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from helpdesk.model.entries import Body
from helpdesk.text import as_html


def name(rows: Mapping[int, object], row: int | None) -> str | None:
    """The name of a row of the catalogue; None for no row, and for a deleted one."""
    found = rows.get(row) if row else None
    return getattr(found, "name", None)


def time(moment: datetime | None) -> str | None:
    """A time as the whole family writes it (docs/osticket.md, row K)."""
    if moment is None:
        return None
    # `strftime` writes years before 1000 with fewer digits.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def body(body: Body) -> str:
    """HTML as stored, text escaped; a body that is empty after cleaning is shown as `-`
    (docs/osticket.md 1.8).
    """
    return as_html(body) or "-"
