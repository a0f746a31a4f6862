"""Search postings: items of the Index table that find tickets and people by text (docs/aws.md m12).

Subject, number, names and addresses are stored as all their suffixes, so that any part of them is a
prefix of one: `begins_with` finds exactly the matches, from one character on. Bodies are stored as
words, found by prefix. A posting is an idempotent put; it holds the version of its ticket. Readers
fold a query by `searched`, as the writer does.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from helpdesk import text
from helpdesk.model.entries import Body, Entry, EntryKind
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.storage import transact
from helpdesk.storage.keys import (
    Seen,
    Whose,
    name_suffix_key,
    suffix_key,
    tagged_key,
    word_key,
)
from helpdesk.storage.transact import Write

LONGEST_SUFFIX = 80
"""Most characters of a stored suffix; a longer query is searched by its first 80."""

LONGEST_NAME = 1_000
"""Characters of a subject, name or address that are indexed: the longest subject."""

SHORTEST_WORD, LONGEST_WORD = 2, 40
"""Characters of an indexed word of a body; a longer one is cut."""

MOST_WORDS = 500
"""Most distinct words of one entry that are indexed."""

_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- $.*", re.MULTILINE | re.DOTALL)


def searched(written: str) -> str:
    """The form in which texts and queries are compared: folded, with single spaces."""
    return " ".join(text.fold(text.one_line(written[:LONGEST_NAME])).split())[:LONGEST_NAME]


def suffixes(written: str) -> list[str]:
    """All distinct suffixes of a text, folded; none begins with a space, since no query does."""
    folded = searched(written)
    pieces = (folded[start : start + LONGEST_SUFFIX] for start in range(len(folded)))
    return list(dict.fromkeys(piece for piece in pieces if piece[0] != " "))


def words(body: Body, reply_separator: str = "") -> list[str]:
    """The distinct words of a body in order, without quotes and signature."""
    written = text.as_plain(body)
    if reply_separator:
        written = written.partition(reply_separator)[0] or written
    written = _SIGNATURE.sub("", _QUOTED.sub("", written))
    found = (word for word in split(written) if len(word) >= SHORTEST_WORD)
    return list(dict.fromkeys(found))[:MOST_WORDS]


def split(written: str) -> list[str]:
    """The words of a text in order, folded; long words are cut."""
    apart = "".join(char if _in_word(char) else " " for char in text.fold(written))
    return [word[:LONGEST_WORD] for word in apart.split()]


def _in_word(char: str) -> bool:
    # Letters, digits, and combining marks, which many scripts write vowels with.
    return char.isalnum() or unicodedata.category(char).startswith("M")


def matches(pattern: str, text: str) -> bool:
    """Whether a whole text matches a pattern; takes at most O(pattern x text)."""
    at = here = 0
    star, passed = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, passed = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in {"?", text[here]}:
            at += 1
            here += 1
        elif star >= 0:
            passed += 1
            at, here = star + 1, passed
        else:
            return False
    return not pattern[at:].strip("*")


def ticket_postings(ticket: Ticket) -> Iterator[Write]:
    """The postings of a ticket's subject and number."""
    version = {"v": ticket.version}
    for suffix in suffixes(ticket.subject):
        yield transact.put(suffix_key(suffix, ticket.id, "subject"), version, where="index")
    for suffix in suffixes(ticket.number):
        yield transact.put(suffix_key(suffix, ticket.id, "number"), version, where="index")


def renamed_postings(ticket: Ticket, subjects: Iterable[str]) -> Iterator[Write]:
    """The postings of a ticket's current subject, and the removal of those of the other `subjects`.
    The ticket is read when the event is handled, so that events may be handled in any order.
    """
    current = suffixes(ticket.subject)
    gone = {suffix for subject in subjects for suffix in suffixes(subject)} - set(current)
    for suffix in sorted(gone):
        yield transact.delete(suffix_key(suffix, ticket.id, "subject"), where="index")
    for suffix in current:
        key = suffix_key(suffix, ticket.id, "subject")
        yield transact.put(key, {"v": ticket.version}, where="index")


def seen_of(kind: EntryKind) -> Seen:
    """Whether an entry's words are indexed as public or as those of notes."""
    return "note" if kind == "note" else "public"


def tag_posting(tag: str, ticket: int, *, there: bool) -> Write:
    """The posting of a ticket under a (folded) tag, or its removal if the ticket does not have the
    tag.
    """
    key = tagged_key(tag, ticket)
    return transact.put(key, {}, where="index") if there else transact.delete(key, where="index")


def entry_words(entry: Entry, reply_separator: str = "") -> list[str]:
    """The distinct words of an entry and of its header: title, sender and recipients."""
    headers = entry.headers
    above = split(f"{entry.title} {headers.sender} {headers.to} {headers.cc}")
    said = words(entry.body, reply_separator)
    return list(dict.fromkeys((*said, *(one for one in above if len(one) >= SHORTEST_WORD))))


def entry_postings(entry: Entry, version: int, reply_separator: str = "") -> Iterator[Write]:
    """The postings of the words of an entry. Those of notes are separate from public ones."""
    for word in entry_words(entry, reply_separator):
        key = word_key(word, entry.ticket, seen_of(entry.kind))
        yield transact.put(key, {"v": version}, where="index")


def person_postings(person: Person) -> Iterator[Write]:
    """The postings of a person's name, address and login."""
    return named_postings(person.id, (person.name, person.email, person.login), "person")


def named_postings(who: int, texts: Iterable[str], whose: Whose) -> Iterator[Write]:
    """The postings of the names of a person or an organization."""
    for suffix in _all_suffixes(texts):
        yield transact.put(name_suffix_key(suffix, who, whose), {}, where="index")


def gone_postings(
    who: int, texts: Iterable[str], current: Iterable[str], whose: Whose
) -> Iterator[Write]:
    """The removal of the postings of names that a person or an organization had, except for those
    that its current names have, too.
    """
    kept = set(_all_suffixes(current))
    for suffix in _all_suffixes(texts):
        if suffix not in kept:
            yield transact.delete(name_suffix_key(suffix, who, whose), where="index")


def _all_suffixes(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(suffix for text in texts for suffix in suffixes(text)))
