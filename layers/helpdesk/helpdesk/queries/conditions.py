"""Conditions on tickets: finds candidates by postings and index partitions, and tests a ticket.

A test that an index can answer yields a superset of the tickets that meet it. An `Every` needs one
such set, an `AnyOf` one for each part. Without one, the list is walked and every ticket matched, as
far as `limits` allow. The words of entries are in postings only. Those of a frequent word are read
for the tickets that the rest of the condition leaves; if these are too many, the search is refused:
results are never incomplete.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from helpdesk import organizations
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
    OfOrganization,
    OneOf,
    SaysWord,
    Within,
)
from helpdesk.model.people import Organization
from helpdesk.model.tickets import Ticket
from helpdesk.queries import limits
from helpdesk.queries.naming import longest_piece
from helpdesk.storage import aws, listings, posting_items
from helpdesk.storage.keys import Field, padded
from helpdesk.storage.listings import KeyRange
from helpdesk.storage.posting_items import Named, WithText

MOST_OWNERS = 25
"""People, agents or organizations whose lists are read for one test."""

MOST_TESTS = 200
"""Tests of one condition."""

_OWNERS = {"person": "g06", "organization": "g07", "agent": "g08"}
_OF_PEOPLE = {"person_name", "person_email"}

Sets = Mapping[Condition, frozenset[int] | None]
"""The tickets that may meet each test, if known."""


class Resolved(NamedTuple):
    """A condition with the results of the indexes.

    Args:
        condition: the condition.
        said: the tickets that meet each `SaysWord`, the organizations of each `OfOrganization`.
        candidates: a superset of the tickets that meet the condition; None if none is known.
    """

    condition: Condition
    said: Mapping[Condition, frozenset[int]]
    candidates: frozenset[int] | None

    def holds(self, ticket: Ticket) -> bool:
        """Whether a ticket meets the condition."""
        return _holds(self.condition, ticket, self.said)

    def narrows(self, attribute: str) -> frozenset[int | str | None] | None:
        """The values of which an attribute must have one to meet the condition; None for any."""
        return _narrows(self.condition, attribute)


def resolve(actor: Actor, condition: Condition) -> Resolved:
    """Queries the indexes: at most two round trips, one per MB of postings, and where a word is
    frequent, one more and one per form of it.

    Raises:
        TooWide: As `Lookup` and `Lookup.resolved`.
    """
    lookup = Lookup(actor, condition)
    aws.together(*lookup.calls())
    return lookup.resolved()


class Lookup:
    """The index queries of a condition: first postings, each once even if several tests need it,
    then the lists of the people and organizations found by name.

    Raises:
        TooWide: There are more than MOST_TESTS tests.
    """

    def __init__(self, actor: Actor, condition: Condition) -> None:
        self._actor, self._condition = actor, condition
        self._tests = set(_tests(condition))
        if len(self._tests) > MOST_TESTS:
            raise TooWide
        self._asked = {test: asked for test in self._tests if (asked := _question(actor, test))}
        self._answers: dict[_Question, Any] = {}

    def calls(self) -> list[Callable[[], None]]:
        """The first queries, to be made in parallel."""
        questions = dict.fromkeys(self._asked.values())
        return [partial(self._ask, question) for question in questions]

    def _ask(self, question: "_Question") -> None:
        self._answers[question] = _READERS[question.kind](*question.about)

    def resolved(self) -> Resolved:
        """The condition with the results of the indexes; round trips as in `resolve`.

        Raises:
            TooWide: A word begins with a wildcard, or is in too many tickets and so is the rest of
                the condition, or too many names contain one.
        """
        words = {test for test in self._tests if isinstance(test, SaysWord)}
        frequent = [one for one in words if one in self._asked and self._answer(one) is None]
        said: dict[Condition, frozenset[int]] = {
            test: frozenset(self._said(test)) for test in words.difference(frequent)
        }
        people = {test: ids for test in self._tests if (ids := self._people(test)) is not None}
        named = {
            test: self._organizations(test)
            for test in self._tests
            if isinstance(test, OfOrganization)
        }
        owners = {("g06", one) for ids in people.values() for one in ids} | {
            ("g07", one) for ids in named.values() if len(ids) <= MOST_OWNERS for one in ids
        }
        rows: dict[int, Organization] = {}
        every = {one for ids in named.values() for one in ids}
        lists = _Lists()
        aws.together(
            lambda: rows.update(organizations.find_organizations(every)),
            *(partial(lists.read, *owner) for owner in sorted(owners)),
        )
        sets: dict[Condition, frozenset[int] | None] = {**said}
        sets |= {test: lists.of("g06", ids) for test, ids in people.items()}
        for named_so, ids in named.items():
            found = (rows[one] for one in ids if one in rows)
            said[named_so] = frozenset(row.id for row in found if _matches(named_so, row.name))
            sets[named_so] = lists.of("g07", said[named_so])
        for test in self._tests - sets.keys():
            sets[test] = self._may_meet(test)
        if frequent:
            left = _candidates(self._condition, sets)
            share = limits.MOST_CHECKED // len(frequent)
            if left is None or len(left) > share:
                raise TooWide
            calls = [partial(self._with_word, test, left, share) for test in frequent]
            said |= zip(frequent, aws.together(*calls), strict=True)
            sets |= said
        return Resolved(self._condition, said, _candidates(self._condition, sets))

    def _answer(self, test: Condition) -> Any:
        return self._answers[self._asked[test]]

    def _with_word(self, test: SaysWord, tickets: Collection[int], most: int) -> frozenset[int]:
        """Those of some tickets with a frequent word in entries that the actor may read; checks
        `most` pairs of a ticket and a word at most.
        """
        beginning, notes, exact = self._asked[test].about
        words = [beginning] if exact else posting_items.words_from(beginning, limits.MOST_FORMS)
        if words is None:
            raise TooWide
        meant = [word for word in words if postings.matches(test.pattern, word)]
        if len(meant) * len(tickets) > most:
            raise TooWide
        return posting_items.with_any_word(meant, tickets, notes=notes)

    def _said(self, test: SaysWord) -> Iterator[int]:
        """The tickets with the word in entries that the actor may read."""
        if test not in self._asked:
            raise TooWide
        read = self._answer(test)
        return (ticket for word, ticket in read if postings.matches(test.pattern, word))

    def _people(self, test: Condition) -> frozenset[int] | None:
        """The people whose name or address may match; None for other tests, and for too many."""
        if not isinstance(test, HasText) or test.attribute not in _OF_PEOPLE:
            return None
        found = self._answer(test) if test in self._asked else None
        return found.people if found and len(found.people) <= MOST_OWNERS else None

    def _organizations(self, test: OfOrganization) -> frozenset[int]:
        """The organizations whose name may match."""
        if test not in self._asked:
            raise TooWide
        found: Named | None = self._answer(test)
        if found is None:
            raise TooWide
        return found.organizations

    def _may_meet(self, test: Condition) -> frozenset[int] | None:
        match test:
            case OneOf(attribute="id"):
                return frozenset(one for one in test.values if isinstance(one, int))
            case HasText(attribute="subject" | "number") if test in self._asked:
                found: WithText = self._answer(test)
                field: Field = "subject" if test.attribute == "subject" else "number"
                return found.tickets[field] if found.complete else None
            case HasText(attribute="tags", pattern=""):
                return frozenset()
            case HasText(attribute="tags") if test in self._asked:
                tagged = self._answer(test)
                return None if tagged is None else frozenset(tagged)
            case OneOf() if test in self._asked:
                owned: frozenset[int] | None = self._answer(test)
                return owned
        return None


class _Question(NamedTuple):
    """A query of an index; `kind` selects the function."""

    kind: Literal["word", "text", "named", "tagged", "owned"]
    about: tuple[Any, ...]


def _question(actor: Actor, test: Condition) -> _Question | None:  # noqa: PLR0911 - one for each kind
    """The index query for a test; None if no index can answer it."""
    match test:
        case SaysWord():
            beginning = _literal(test.pattern)
            if len(beginning) < postings.SHORTEST_WORD:
                return None
            return _Question("word", (beginning, actor.customer is None, beginning == test.pattern))
        case OneOf() if test.attribute in _OWNERS and None not in test.values:
            owners = sorted(one for one in test.values if isinstance(one, int))
            return _Question("owned", (_OWNERS[test.attribute], tuple(owners)))
        case HasText(attribute="tags", whole=True):
            literal = test.pattern and not {"*", "?"} & {*test.pattern}
            return _Question("tagged", (test.pattern,)) if literal else None
        case HasText(attribute="subject" | "number"):
            piece = longest_piece([test.pattern])
            return _Question("text", (piece,)) if piece else None
        case HasText(attribute="person_name" | "person_email") | OfOrganization():
            piece = longest_piece([test.pattern])
            return _Question("named", (piece,)) if piece else None
    return None


def _word(beginning: str, notes: bool, exact: bool) -> list[tuple[str, int]] | None:  # noqa: FBT001
    return posting_items.with_word(beginning, limits.MOST_CANDIDATES, notes=notes, exact=exact)


def _owned(index: str, owners: Sequence[int]) -> frozenset[int] | None:
    """The tickets of several owners; None if there are too many."""
    lists = _Lists()
    for owner in owners[: MOST_OWNERS + 1]:
        lists.read(index, owner)
    return lists.of(index, owners)


_READERS: Mapping[str, Callable[..., Any]] = {
    "word": _word,
    "text": lambda piece: posting_items.with_text(piece, limits.MOST_CANDIDATES),
    "named": lambda piece: posting_items.named(piece, limits.MOST_CANDIDATES),
    "tagged": lambda tag: posting_items.tagged(tag, limits.MOST_CANDIDATES),
    "owned": _owned,
}


class _Lists:
    """The tickets of people, organizations and agents, as far as they have been read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], frozenset[int] | None] = {}

    def read(self, index: str, owner: int) -> None:
        """Reads the tickets of one owner; one round trip."""
        newest_first, most = KeyRange(descending=True), limits.MOST_CANDIDATES
        entries = listings.read(index, padded(owner), newest_first, most)
        whole = len(entries) < most
        self._found[index, owner] = frozenset(one.ticket for one in entries) if whole else None

    def of(self, index: str, owners: Collection[int]) -> frozenset[int] | None:
        """The tickets of all these owners; None if there are too many, or one was not read."""
        lists = [self._found.get((index, owner)) for owner in owners]
        known = [one for one in lists if one is not None]
        found = frozenset[int]().union(*known)
        few = len(known) == len(lists) <= MOST_OWNERS and len(found) <= limits.MOST_CANDIDATES
        return found if few else None


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


def _literal(pattern: str) -> str:
    """The part of a pattern before its first wildcard, cut to the length of a stored word."""
    ends = [at for sign in "*?" if (at := pattern.find(sign)) >= 0]
    return pattern[: min(ends, default=len(pattern))][: postings.LONGEST_WORD]


# --- whether a ticket meets it ----------------------------------------------------------------


def _holds(  # noqa: PLR0911 - one return for each kind
    condition: Condition, ticket: Ticket, said: Mapping[Condition, frozenset[int]]
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
        case OfOrganization():
            return ticket.organization in said[condition]
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
        # As tags are compared, and stored in keys: accents are significant.
        return any(postings.matches(test.pattern, fold(tag)) for tag in texts)
    return any(_matches(test, text) for text in texts)


def _matches(test: HasText | OfOrganization, text: str) -> bool:
    if test.whole:
        return postings.matches(test.pattern, postings.searched(text))
    return any(postings.matches(test.pattern, word) for word in postings.split(text))
