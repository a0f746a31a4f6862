"""Conditions on tickets: a tree of tests joined by and, or and not.

A dialect builds the tree from its own query language, with rows of the catalogue resolved to ids.
`queries.conditions` finds the tickets that may meet it, and tests each.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Attribute = Literal[
    "id",
    "status",
    "stage",
    "department",
    "priority",
    "agent",
    "person",
    "organization",
    "topic",
    "created_by",
    "updated_by",
    "merged_into",
    "overdue",
]
"""Attributes that are compared as a whole; `stage` is that of `Ticket`."""

TextAttribute = Literal["subject", "number", "note", "kind", "tags", "person_name", "person_email"]
"""A ticket's attributes that are compared as text."""

Moment = Literal[
    "created",
    "updated",
    "pending_until",
    "first_response",
    "first_closed",
    "last_closed",
    "agent_contact",
    "customer_contact",
    "last_contact",
    "due",
    "deadline",
]
"""Times of a ticket."""


@dataclass(frozen=True, slots=True)
class Every:
    """All of these are true; true if empty."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these is true; false if empty."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class OneOf:
    """An attribute has one of these values; None matches a missing value."""

    attribute: Attribute
    values: frozenset[int | str | None]


@dataclass(frozen=True, slots=True)
class HasText:
    """A text matches a pattern, in which `*` is any characters and `?` any one; both folded.

    Args:
        attribute: The attribute; of `tags`, one must match as a whole, ignoring only case.
        pattern: The pattern to match.
        whole: Whether the whole text must match, or one of its words.
    """

    attribute: TextAttribute
    pattern: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class OfOrganization:
    """The name of the ticket's organization matches a pattern, as of `HasText`."""

    pattern: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class SaysWord:
    """A word in entries of the ticket that the actor may read matches a pattern."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Within:
    """A time is in [`start`, `end`); None is no bound."""

    moment: Moment
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class IsSet:
    """The attribute has a value."""

    attribute: Attribute | TextAttribute | Moment


Condition = Every | AnyOf | Not | OneOf | HasText | OfOrganization | SaysWord | Within | IsSet

EVERYTHING = Every(())
NOTHING = AnyOf(())
