"""The syntax tree of a query (docs/zammad.md 7.7)."""

from dataclasses import dataclass


class NotReadable(Exception):
    """The text is not a valid query."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, in which `*` and `?` are wildcards, or the words of a phrase."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two bounds; None is no bound. A bound is inclusive if its `in` flag is set."""

    low: str | None
    high: str | None
    low_in: bool = True
    high_in: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """All of these must match."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these must match."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Matches everything except this."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class Fielded:
    """A query on one field."""

    name: str
    part: "Query"


Query = Term | Range | All | Some | Without | Fielded
