"""Conditions on tickets: a tree of tests joined by and, or and not.

A dialect makes the tree of its own query language, with rows of the catalogue resolved to ids.
`queries.conditions` finds the tickets that may meet it, and says of each whether it does.
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
"""What is compared as a whole; `stage` is that of `Ticket`."""

TextAttribute = Literal["subject", "number", "note", "kind", "tags", "person_name", "person_email"]
"""What is compared as text: a ticket's own attributes."""

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
    """All of these hold; of none, everything does."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds at least; of none, nothing does."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class OneOf:
    """An attribute has one of these values; None among them stands for nothing."""

    attribute: Attribute
    values: frozenset[int | str | None]


@dataclass(frozen=True, slots=True)
class HasText:
    """A text matches a pattern, in which `*` is any characters and `?` any one; both folded.

    Args:
        attribute: What is looked at; of `tags`, one of them has to match as a whole, by case only.
        pattern: What it looks like.
        whole: Whether all of the text has to match, or one of its words.
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
    """A word of what was written to the ticket matches a pattern, as far as the actor may read."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Within:
    """A time lies from `start` on and before `end`; None is no bound."""

    moment: Moment
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class IsSet:
    """There is a value."""

    attribute: Attribute | TextAttribute | Moment


Condition = Every | AnyOf | Not | OneOf | HasText | OfOrganization | SaysWord | Within | IsSet

EVERYTHING = Every(())
NOTHING = AnyOf(())
