"""Reads search postings: which tickets, people and organizations have a text (`index.postings`)."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    GREATEST,
    Field,
    Seen,
    name_suffix_key,
    suffix_key,
    tagged_key,
    word_key,
)


class WithText(NamedTuple):
    """The tickets of the first postings of a text, by field, unordered; and whether these are all.
    A posting is one position in a text, so a ticket may have several.
    """

    tickets: Mapping[Field, frozenset[int]]
    complete: bool


def with_text(beginning: str, limit: int) -> WithText:
    """The tickets with a text in their subject or number; one round trip per MB."""
    count = 0
    found: dict[Field, set[int]] = {"subject": set(), "number": set()}
    partition = suffix_key(beginning, 0, "subject").pk
    for item in table.query(
        partition, begins=beginning, where="index", limit=limit, consistent=False
    ):
        count += 1
        _, ticket, where = _posting(item)
        if where in found and ticket.isdecimal():
            found[where].add(int(ticket))
    return WithText({field: frozenset(ids) for field, ids in found.items()}, count < limit)


def with_word(
    beginning: str, limit: int, *, notes: bool, exact: bool
) -> list[tuple[str, int]] | None:
    """The words in entries that start with `beginning`, each with a ticket that contains it; one
    round trip per MB.

    Args:
        beginning: at least SHORTEST_WORD characters, folded.
        limit: the most postings to read.
        notes: whether to include words of internal notes.
        exact: whether to match only this exact word.

    Returns:
        None if there are more than `limit` postings.
    """
    found: list[tuple[str, int]] = []
    items = _postings(
        word_key(beginning, 0, "public").pk, f"{beginning}#" if exact else beginning, limit
    )
    if items is None:
        return None
    for item in items:
        word, ticket, seen = _posting(item)
        if ticket.isdecimal() and (notes or seen == "public"):
            found.append((word, int(ticket)))
    return found


def words_from(beginning: str, most: int) -> list[str] | None:
    """The different words in entries that start with `beginning`, in order; None if there are more
    than `most`. One round trip for each of them, however many tickets contain it.
    """
    partition, last = word_key(beginning, 0, "public").pk, f"{beginning}{GREATEST}"
    found: list[str] = []
    place = beginning
    while len(found) <= most:
        after = table.query(
            partition, between=(place, last), where="index", limit=1, consistent=False
        )
        if (item := next(after, None)) is None:
            return found
        found.append(item["sk"].partition("#")[0])
        # All postings of a word come before this: it consists of letters and digits.
        place = f"{found[-1]}$"
    return None


def with_any_word(words: Sequence[str], tickets: Collection[int], *, notes: bool) -> frozenset[int]:
    """Those of some tickets that contain one of these words in an entry; one round trip.

    Args:
        words: folded, whole.
        tickets: whose postings are read.
        notes: whether to include words of internal notes.
    """
    places: tuple[Seen, ...] = ("public", "note") if notes else ("public",)
    keys = {word_key(*one): one[1] for one in product(words, tickets, places)}
    return frozenset(keys[key] for key in table.fetch([*keys], where="index"))


class Named(NamedTuple):
    """The people and the organizations with a text in their name, address or login."""

    people: frozenset[int]
    organizations: frozenset[int]


def named(beginning: str, limit: int) -> Named | None:
    """The people and organizations with a text in their name, address or login; None if there are
    too many postings. One round trip.
    """
    items = _postings(name_suffix_key(beginning, 0, "person").pk, beginning, limit)
    if items is None:
        return None
    found: dict[str, set[int]] = {"person": set(), "organization": set()}
    for item in items:
        _, who, whose = _posting(item)
        if who.isdecimal() and whose in found:
            found[whose].add(int(who))
    return Named(frozenset(found["person"]), frozenset(found["organization"]))


def _posting(item: Item) -> tuple[str, str, str]:
    """The parts of a posting's key: text, id, and position; all empty if the key has another
    shape.
    """
    before, _, where = item["sk"].rpartition("#")
    text, _, number = before.rpartition("#")
    return text, number, where


def tagged(tag: str, limit: int) -> list[int] | None:
    """The tickets with a (folded) tag; None if there are more than `limit`. One round trip per
    MB.
    """
    items = _postings(tagged_key(tag, 0).pk, "", limit)
    return None if items is None else [int(i["sk"]) for i in items if i["sk"].isdecimal()]


def _postings(partition: str, beginning: str, limit: int) -> list[Item] | None:
    found = table.query(
        partition, begins=beginning or None, where="index", limit=limit + 1, consistent=False
    )
    items = list(found)
    return items if len(items) <= limit else None
