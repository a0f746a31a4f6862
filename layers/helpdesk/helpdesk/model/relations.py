"""Relations of tickets: tags, links, mentions and accounted time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LinkKind = Literal["normal", "parent", "child"]

INVERSE: dict[LinkKind, LinkKind] = {"normal": "normal", "parent": "child", "child": "parent"}
"""The relation of a link's other ticket to this one."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the list, and how many tickets have it."""

    id: int
    name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two tickets: `source` is the `kind` of `target`."""

    id: int
    kind: LinkKind
    source: int
    target: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Mention:
    """An agent who follows a ticket; `by` is who added the mention."""

    id: int
    ticket: int
    user: int
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Accounting:
    """Time spent on a ticket: a decimal number in the desk's own unit, and the entry that it was
    booked with, if any.
    """

    id: int
    ticket: int
    unit: str
    by: int
    at: datetime
    updated: datetime
    entry: int | None = None
