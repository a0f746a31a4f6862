"""Which rows a list shows."""

from dataclasses import dataclass

from helpdesk.catalogue.rows import Row, fold
from helpdesk.model.people import Organization


@dataclass(frozen=True, slots=True)
class WantedRows:
    """Which rows a list shows: those with a text in what they are called, and those that are
    switched on or off; what cannot be is on.
    """

    text: str = ""
    active: bool | None = None

    def fits(self, row: Row | Organization) -> bool:
        """Whether a row is one of these."""
        if self.active is not None and getattr(row, "active", True) is not self.active:
            return False
        wanted = fold(self.text)
        return not wanted or any(wanted in fold(getattr(row, name, "")) for name in _CALLED)


_CALLED = ("name", "label", "email", "username", "subject", "tag", "domain")
"""What rows are called by."""
