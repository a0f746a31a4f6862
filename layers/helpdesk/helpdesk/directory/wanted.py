"""Which rows a list shows."""

from dataclasses import dataclass

from helpdesk.catalogue.rows import Row, fold
from helpdesk.model.people import Organization


@dataclass(frozen=True, slots=True)
class WantedRows:
    """Filters of lists of rows: by text in their names, and by being active or not; kinds that
    cannot be inactive count as active.
    """

    text: str = ""
    active: bool | None = None

    def fits(self, row: Row | Organization) -> bool:
        """Whether a row matches."""
        if self.active is not None and getattr(row, "active", True) is not self.active:
            return False
        wanted = fold(self.text)
        return not wanted or any(wanted in fold(getattr(row, name, "")) for name in _CALLED)


_CALLED = ("name", "label", "email", "username", "subject", "tag", "domain")
"""The fields that contain a row's names."""
