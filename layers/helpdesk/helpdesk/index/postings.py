"""Search postings: items of the Index table that find tickets and people by text (docs/aws.md m12).

Subject, number, names and addresses are stored as all their suffixes, so that any part of them is
the beginning of one: `begins_with` finds exactly the matches, from one character on. Bodies are
stored as words, found by how they begin. A posting is an idempotent put; it holds the version of
its ticket. Readers fold a query by `searched`, as the writer does. The postings of words and of
people have no reader yet: Zammad's search will be one.
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
"""Characters of a suffix that are stored; a longer query is searched by its first 80."""

LONGEST_NAME = 1_000
"""Characters of a subject, name or address that are searched: as many as a subject can have."""

SHORTEST_WORD, LONGEST_WORD = 2, 40
"""Characters of a body's word that is kept; of a longer one, its beginning."""

MOST_WORDS = 500
"""Different words of one entry that are kept."""

_QUOTED = re.compile(r"^\s*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- $.*", re.MULTILINE | re.DOTALL)


def searched(written: str) -> str:
    """A text or a query as they are compared: folded, with single spaces."""
    return " ".join(text.fold(text.one_line(written[:LONGEST_NAME])).split())[:LONGEST_NAME]


def suffixes(written: str) -> list[str]:
    """All suffixes of a text, folded, each once; none begins with a space, as no query does."""
    folded = searched(written)
    pieces = (folded[start : start + LONGEST_SUFFIX] for start in range(len(folded)))
    return list(dict.fromkeys(piece for piece in pieces if piece[0] != " "))


def words(body: Body, reply_separator: str = "") -> list[str]:
    """The different words of a body in their order, without quotations and signature."""
    written = text.as_plain(body)
    if reply_separator:
        written = written.partition(reply_separator)[0] or written
    written = _SIGNATURE.sub("", _QUOTED.sub("", written))
    found = (word for word in split(written) if len(word) >= SHORTEST_WORD)
    return list(dict.fromkeys(found))[:MOST_WORDS]


def split(written: str) -> list[str]:
    """The words of a text, folded, in their order; of a long one its beginning."""
    apart = "".join(char if _in_word(char) else " " for char in text.fold(written))
    return [word[:LONGEST_WORD] for word in apart.split()]


def _in_word(char: str) -> bool:
    # Letters, digits, and combining marks, which many scripts write vowels with.
    return char.isalnum() or unicodedata.category(char).startswith("M")


def matches(pattern: str, text: str) -> bool:
    """Whether all of a text has the form of a pattern; in time of one by the other at most."""
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
    """The postings of the subject that a ticket has now, and the removal of those of these others.

    The ticket is read when the event is handled, so that two events may be handled in any order.
    """
    current = suffixes(ticket.subject)
    gone = {suffix for subject in subjects for suffix in suffixes(subject)} - set(current)
    for suffix in sorted(gone):
        yield transact.delete(suffix_key(suffix, ticket.id, "subject"), where="index")
    for suffix in current:
        key = suffix_key(suffix, ticket.id, "subject")
        yield transact.put(key, {"v": ticket.version}, where="index")


def seen_of(kind: EntryKind) -> Seen:
    """Among whose words those of an entry are."""
    return "note" if kind == "note" else "public"


def tag_posting(tag: str, ticket: int, *, there: bool) -> Write:
    """The posting of a ticket under its tag, folded; its removal where the ticket has it not."""
    key = tagged_key(tag, ticket)
    return transact.put(key, {}, where="index") if there else transact.delete(key, where="index")


def entry_words(entry: Entry, reply_separator: str = "") -> list[str]:
    """The different words of an entry, and of what stands above it: its title, and from whom to
    whom it was sent.
    """
    headers = entry.headers
    above = split(f"{entry.title} {headers.sender} {headers.to} {headers.cc}")
    said = words(entry.body, reply_separator)
    return list(dict.fromkeys((*said, *(one for one in above if len(one) >= SHORTEST_WORD))))


def entry_postings(entry: Entry, version: int, reply_separator: str = "") -> Iterator[Write]:
    """The postings of the words of an entry. Those of notes stand apart from public ones."""
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
