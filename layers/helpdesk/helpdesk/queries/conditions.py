"""Conditions on tickets: which tickets may meet one, by postings and index partitions, and whether
a ticket does.

A test that an index answers gives a set of tickets that holds all that meet it. An `Every` needs
one such set, an `AnyOf` one of each part. Where a condition has none, the list is walked and every
ticket looked at, as far as `limits` allow. What was written to a ticket stands in postings only, so
a word that more tickets hold than may be read refuses the search: an answer is never short.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from helpdesk.catalogue.rows import fold
from helpdesk.errors import TooWide
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.conditions import (
    AnyOf,
    Condition,
    Every,
    HasText,
    IsSet,
    Not,
    OneOf,
    SaysWord,
    Within,
)
from helpdesk.model.tickets import Ticket
from helpdesk.queries import limits
from helpdesk.storage import aws, listings
from helpdesk.storage.keys import Field, padded
from helpdesk.storage.listings import KeyRange

MOST_OWNERS = 25
"""People, agents or organizations whose lists are read for one test."""

MOST_TESTS = 200
"""Tests of one condition."""

_OWNERS = {"person": "g06", "organization": "g07", "agent": "g08"}

Sets = Mapping[Condition, frozenset[int] | None]
"""The tickets that may meet each test, where that is known."""


class Resolved(NamedTuple):
    """A condition with what the indexes say of it.

    Args:
        condition: the condition.
        said: the tickets that meet each `SaysWord`.
        candidates: a set that holds all tickets that meet the condition; None where none is known.
    """

    condition: Condition
    said: Mapping[SaysWord, frozenset[int]]
    candidates: frozenset[int] | None

    def holds(self, ticket: Ticket) -> bool:
        """Whether a ticket meets the condition."""
        return _holds(self.condition, ticket, self.said)

    def narrows(self, attribute: str) -> frozenset[int | str | None] | None:
        """The values that an attribute must have one of, whatever else holds; None for any."""
        return _narrows(self.condition, attribute)


def resolve(actor: Actor, condition: Condition) -> Resolved:
    """Reads what the indexes say: two round trips at most, one per MB of postings.

    Raises:
        TooWide: there are more than MOST_TESTS tests, or a word is in too many tickets, or begins
            with a wildcard.
    """
    tests = set(_tests(condition))
    if len(tests) > MOST_TESTS:
        raise TooWide
    words = [test for test in tests if isinstance(test, SaysWord)]
    others = [test for test in tests if not isinstance(test, SaysWord)]
    found = aws.together(
        *(partial(_said, actor, test) for test in words), *(partial(_may_meet, t) for t in others)
    )
    said = {
        test: tickets for test, tickets in zip(words, found, strict=False) if tickets is not None
    }
    if len(said) < len(words):
        raise TooWide
    sets = dict(zip((*words, *others), found, strict=True))
    people = {test: ids for test in others if (ids := _people_of(test)) is not None}
    if people:
        owned = aws.together(*(partial(_owned, "g06", ids) for ids in people.values()))
        sets |= dict(zip(people, owned, strict=True))
    return Resolved(condition, said, _candidates(condition, sets))


def _tests(condition: Condition) -> Iterator[Condition]:
    match condition:
        case Every() | AnyOf():
            for part in condition.parts:
                yield from _tests(part)
        case Not():
            yield from _tests(condition.part)
        case _:
            yield condition


# --- which tickets may meet it ----------------------------------------------------------------


def _candidates(condition: Condition, sets: Sets) -> frozenset[int] | None:
    match condition:
        case Every():
            known = [one for p in condition.parts if (one := _candidates(p, sets)) is not None]
            return frozenset.intersection(*known) if known else None
        case AnyOf():
            parts = [_candidates(part, sets) for part in condition.parts]
            if any(one is None for one in parts):
                return None
            return frozenset().union(*(one for one in parts if one is not None))
        case Not():
            return None
    return sets.get(condition)


def _narrows(condition: Condition, attribute: str) -> frozenset[int | str | None] | None:
    match condition:
        case Every():
            parts = [_narrows(part, attribute) for part in condition.parts]
            known = [one for one in parts if one is not None]
            return frozenset.intersection(*known) if known else None
        case AnyOf():
            parts = [_narrows(part, attribute) for part in condition.parts]
            if any(one is None for one in parts):
                return None
            return frozenset().union(*(one for one in parts if one is not None))
        case OneOf() if condition.attribute == attribute:
            return condition.values
    return None


def _said(actor: Actor, test: SaysWord) -> frozenset[int] | None:
    """The tickets whose entries hold a word that the actor may read; None for too many."""
    beginning = _literal(test.pattern)
    if len(beginning) < postings.SHORTEST_WORD:
        return None
    read = listings.with_word(
        beginning,
        limits.MOST_CANDIDATES,
        notes=actor.customer is None,
        exact=beginning == test.pattern,
    )
    if read is None:
        return None
    return frozenset(ticket for word, ticket in read if postings.matches(test.pattern, word))


def _literal(pattern: str) -> str:
    """The beginning of a pattern without wildcards, cut to the length of a stored word."""
    ends = [at for sign in "*?" if (at := pattern.find(sign)) >= 0]
    return pattern[: min(ends, default=len(pattern))][: postings.LONGEST_WORD]


def _may_meet(test: Condition) -> frozenset[int] | None:
    match test:
        case OneOf(attribute="id"):
            return frozenset(one for one in test.values if isinstance(one, int))
        case OneOf() if test.attribute in _OWNERS:
            owners = [one for one in test.values if isinstance(one, int)]
            if len(owners) == len(test.values):
                return _owned(_OWNERS[test.attribute], owners)
        case HasText(attribute="tags", whole=True) if not {"*", "?"} & {*test.pattern}:
            tagged = listings.tagged(test.pattern, limits.MOST_CANDIDATES) if test.pattern else []
            return None if tagged is None else frozenset(tagged)
        case HasText(attribute="subject" | "number"):
            piece = _longest_piece(test.pattern)
            if piece:
                field: Field = "subject" if test.attribute == "subject" else "number"
                limit = limits.MOST_CANDIDATES
                entries, complete = listings.with_text(field, piece, limit)
                return frozenset(entry.ticket for entry in entries) if complete else None
    return None


def _longest_piece(pattern: str) -> str:
    pieces = pattern.replace("?", "*").split("*")
    return max((piece.strip() for piece in pieces), key=len)[: postings.LONGEST_SUFFIX]


def _people_of(test: Condition) -> list[int] | None:
    """The people whose name or address may match; None for another test, and for too many."""
    if not isinstance(test, HasText) or test.attribute not in {"person_name", "person_email"}:
        return None
    piece = _longest_piece(test.pattern)
    found = listings.named_with_text("person", piece, limits.PROBE) if piece else None
    return found if found is not None and len(found) <= MOST_OWNERS else None


def _owned(index: str, owners: list[int]) -> frozenset[int] | None:
    """The tickets of several owners; None for too many."""
    if len(owners) > MOST_OWNERS:
        return None
    found: set[int] = set()
    for owner in owners:
        entries = listings.read(
            index, padded(owner), KeyRange(descending=True), limits.MOST_CANDIDATES
        )
        if len(entries) == limits.MOST_CANDIDATES:
            return None
        found |= {entry.ticket for entry in entries}
    return frozenset(found) if len(found) <= limits.MOST_CANDIDATES else None


# --- whether a ticket meets it ----------------------------------------------------------------


def _holds(  # noqa: PLR0911 - one return for each kind
    condition: Condition, ticket: Ticket, said: Mapping[SaysWord, frozenset[int]]
) -> bool:
    match condition:
        case Every():
            return all(_holds(part, ticket, said) for part in condition.parts)
        case AnyOf():
            return any(_holds(part, ticket, said) for part in condition.parts)
        case Not():
            return not _holds(condition.part, ticket, said)
        case OneOf():
            return getattr(ticket, condition.attribute) in condition.values
        case SaysWord():
            return ticket.id in said[condition]
        case HasText():
            return _has_text(condition, ticket)
        case Within():
            at = getattr(ticket, condition.moment)
            start, end = condition.start, condition.end
            return at is not None and (start is None or at >= start) and (end is None or at < end)
        case IsSet():
            return getattr(ticket, condition.attribute) not in (None, "", ())


def _has_text(test: HasText, ticket: Ticket) -> bool:
    value = getattr(ticket, test.attribute)
    texts = value if isinstance(value, tuple) else (value,)
    if test.attribute == "tags":
        # As tags are compared, and as they stand in keys: accents count.
        return any(postings.matches(test.pattern, fold(tag)) for tag in texts)
    if test.whole:
        return any(postings.matches(test.pattern, postings.searched(text)) for text in texts)
    words = (word for text in texts for word in postings.split(text))
    return any(postings.matches(test.pattern, word) for word in words)
