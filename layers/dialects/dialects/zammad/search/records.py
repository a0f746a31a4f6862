"""Evaluates queries on records as they are shown: users, organizations, groups, roles
(docs/zammad.md 7.7 and 17.16).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dialects import parameters
from dialects.zammad.collection import Record
from dialects.zammad.read import Bag
from dialects.zammad.search import moments
from dialects.zammad.search.tree import All, Fielded, Query, Range, Some, Term, Without
from dialects.zammad.search.words import named, tokens
from helpdesk.catalogue.rows import fold
from helpdesk.clock import from_iso
from helpdesk.index import postings

Leaf = tuple[str | None, Term | Range]
"""One test of a query: its field, and the term or range."""

Sets = Mapping[Leaf, frozenset[int] | None]
"""The ids of the records that may match a test; None if unknown."""

Also = Callable[[Leaf, Record], bool]
"""Whether a record matches a test by something that the record itself does not show."""

WHOLE = frozenset({"login", "email"})
"""Texts that are matched as a whole."""


def leaves(query: Query, name: str | None = None) -> Iterator[Leaf]:
    """All tests of a query."""
    match query:
        case All() | Some():
            for part in query.parts:
                yield from leaves(part, name)
        case Without():
            yield from leaves(query.part, name)
        case Fielded():
            yield from leaves(query.part, query.name)
        case _:
            yield name, query


def candidates(query: Query, sets: Sets, name: str | None = None) -> frozenset[int] | None:
    """A superset of the ids of the records that match a query; None if unknown."""
    match query:
        case All():
            parts = [candidates(part, sets, name) for part in query.parts]
            known = [one for one in parts if one is not None]
            return frozenset.intersection(*known) if known else None
        case Some():
            parts = [candidates(part, sets, name) for part in query.parts]
            known = [one for one in parts if one is not None]
            return frozenset().union(*known) if len(known) == len(parts) else None
        case Without():
            return None
        case Fielded():
            return candidates(query.part, sets, query.name)
    return sets[name, query]


class Asked:
    """Evaluates a query on records.

    Args:
        anywhere: The fields searched for words without a field.
        also: Additional matches, beyond the record's own values.
    """

    def __init__(self, anywhere: Sequence[str], also: Also = lambda _leaf, _record: False) -> None:
        self._anywhere, self._also = anywhere, also

    def holds(self, query: Query, record: Record, name: str | None = None) -> bool:
        """Whether a record matches a query; tests of missing fields never match."""
        match query:
            case All():
                return all(self.holds(part, record, name) for part in query.parts)
            case Some():
                return any(self.holds(part, record, name) for part in query.parts)
            case Without():
                return not self.holds(query.part, record, name)
            case Fielded(name="_exists_" | "_missing_", part=Term(text=field)):
                return _is_set(record.get(field)) == (query.name == "_exists_")
            case Fielded():
                return self.holds(query.part, record, query.name)
        return self._meets((name, query), record)

    def _meets(self, leaf: Leaf, record: Record) -> bool:
        name, test = leaf
        if self._also(leaf, record):
            return True
        if isinstance(test, Range):
            return _lies_in(test, name, record.get(name or ""))
        if name is None:
            return self._anywhere_in(test, record)
        value = record.get(name)
        if test.text == "*" and not test.phrase:
            return _is_set(value)
        return any(_is(name, one, test) for one in _several(value))

    def _anywhere_in(self, test: Term, record: Record) -> bool:
        if not test.text.strip("*"):
            return True
        return any(reads(str(record[name] or ""), test) for name in self._anywhere)


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, list | dict) else [value]


def _is_set(value: object) -> bool:
    return value not in (None, "", [], {})


def _is(name: str, value: object, test: Term) -> bool:
    if isinstance(value, bool):
        return fold(test.text) == str(value).lower()
    if isinstance(value, int):
        return postings.matches(test.text, str(value))
    if not isinstance(value, str):
        return False
    if name in WHOLE:
        return postings.matches(postings.searched(test.text), postings.searched(value))
    if name.endswith("_at"):
        return _lies_in(Range(test.text, test.text), name, value)
    return reads(value, test)


def reads(value: str, test: Term) -> bool:
    """Whether a word of a text matches a term; several words must occur consecutively."""
    words = tokens(test.text)
    if len(words) > 1:
        wanted = postings.searched(test.text)
        return postings.matches(f"*{wanted}*", postings.searched(value))
    return bool(words) and named(test.text, value)


def _lies_in(test: Range, name: str | None, value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return _in_order(test, value)
    if not (name and name.endswith("_at") and isinstance(value, str)):
        return False
    span = moments.between(test)
    return span is not None and span.holds(from_iso(value))


def _in_order(test: Range, value: int) -> bool:
    bounds = [one for one in (test.low, test.high) if one is not None]
    if not all(one.isdecimal() for one in bounds):
        return False
    low = test.low is None or value > int(test.low) or (test.low_in and value == int(test.low))
    high = test.high is None or value < int(test.high) or (test.high_in and value == int(test.high))
    return low and high


def ids_asked(name: str, values: Bag) -> frozenset[int] | None:
    """The ids in a parameter; None if it has none. Of an object, its keys are the ids."""
    given = values.get(name)
    if given in (None, "", [], {}):
        return None
    listed = [str(one) for one in given] if isinstance(given, Mapping) else values.listed(name)
    found = map(parameters.id_of, listed)
    return frozenset(number for number in found if number is not None)
