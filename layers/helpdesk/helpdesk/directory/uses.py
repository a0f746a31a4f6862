"""References to a row: by other rows, settings, keys, tickets and people."""

from dataclasses import dataclass
from itertools import islice

from helpdesk.catalogue.rows import SETTINGS, Catalogue
from helpdesk.directory import rules
from helpdesk.errors import InUse
from helpdesk.keys import finding as keys
from helpdesk.storage import listings, table
from helpdesk.storage.keys import members_of, padded

MOST_COUNTED = 1000
"""Tickets and people of one agent or organization that are counted at most."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row by kind, id and name."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Uses:
    """The references to a row. `settings` are names of settings. `keys` are ids and names.
    `tickets` is None if tickets are not checked, since they may keep deleted rows.
    """

    rows: tuple[Named, ...] = ()
    settings: tuple[str, ...] = ()
    keys: tuple[tuple[int, str], ...] = ()
    people: int = 0
    tickets: int | None = None

    @property
    def first(self) -> str:
        """One of them as text; empty if there is none."""
        if self.rows:
            row = self.rows[0]
            return f"{row.kind} {row.id} ({row.name})"
        if self.settings:
            return f"settings ({self.settings[0]})"
        if self.keys:
            return f"keys {self.keys[0][0]}"
        if self.people:
            return "people"
        return "tickets" if self.tickets else ""


def of_row(known: Catalogue, kind: str, number: int, *, tickets: bool = True) -> Uses:
    """The references to a row of the catalogue; one round trip for keys, and one for tickets, if
    requested.
    """
    rows, settings = _in_catalogue(known, kind, number)
    acting = keys.referring_keys(kind, number) if kind in {"departments", "agents"} else ()
    return Uses(
        rows=tuple(dict.fromkeys(rows)),
        settings=tuple(settings),
        keys=tuple((key.id, key.name) for key in acting),
        tickets=_tickets(kind, number) if tickets else None,
    )


def _in_catalogue(known: Catalogue, kind: str, number: int) -> tuple[list[Named], list[str]]:
    rows: list[Named] = []
    settings: list[str] = []
    for other, field in rules.fields_naming(kind):
        if other == SETTINGS:
            if number in rules.named(getattr(known.settings, field)):
                settings.append(field)
            continue
        rows += (
            Named(other, row.id, row.name)
            for row in rules.rows_of(known, other).values()
            if number in rules.named(getattr(row, field))
        )
    return rows, settings


_POSITION_IN_BUCKET = {"statuses": 0, "departments": 1, "topics": 2}


def _tickets(kind: str, number: int) -> int | None:
    if kind == "agents":
        return _counted(padded(number), "g08")
    if kind not in _POSITION_IN_BUCKET:
        return None
    position = _POSITION_IN_BUCKET[kind]
    buckets = listings.bucket_counts(consistent=True)
    return sum(
        count for bucket, count in buckets.items() if int(bucket.split("#")[position]) == number
    )


def _counted(partition: str, index: str) -> int:
    listed = table.query(partition, index=index, limit=MOST_COUNTED)
    return sum(1 for _ in islice(listed, MOST_COUNTED))


def refuse_in_tickets(kind: str, number: int) -> None:
    """Refuses a row that tickets are known to have.

    Raises:
        InUse: They have.
    """
    if found := _tickets(kind, number):
        used = Uses(tickets=found)
        raise InUse(used.first, used)


def of_organization(number: int) -> Uses:
    """The members of an organization, and the number of its tickets; two round trips."""
    tickets, people = (_counted(of, "g07") for of in (padded(number), members_of(number)))
    return Uses(people=people, tickets=tickets)
