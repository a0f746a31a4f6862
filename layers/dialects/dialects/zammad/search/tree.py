"""What a query says, as a tree (docs/zammad.md 7.7)."""

from dataclasses import dataclass


class NotReadable(Exception):
    """The text is no query."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, in which `*` and `?` are wildcards, or the words of a phrase."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two others; None is no bound. The bounds belong to it where they are `in`."""

    low: str | None
    high: str | None
    low_in: bool = True
    high_in: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Each of these."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """All but this."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class Fielded:
    """Something in one field."""

    name: str
    part: "Query"


Query = Term | Range | All | Some | Without | Fielded
