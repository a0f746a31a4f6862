"""Finds people by name, address or login, and counts their tickets. Agents are rows of the
catalogue and are not included.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from helpdesk import people
from helpdesk.errors import NotFound, TooWide
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.people import Person
from helpdesk.queries import limits
from helpdesk.storage import aws, listings, person_items, posting_items, table
from helpdesk.storage.keys import CATALOGUE_VERSION, padded
from helpdesk.storage.listings import KeyRange
from helpdesk.storage.posting_items import Named
from helpdesk.storage.reading import readable

MOST_COUNTED = 1_000
"""Tickets of one person that are counted at most."""


class FoundPeople(NamedTuple):
    """A page of people, and the cursor of the next one, None after the last."""

    people: Sequence[Person]
    more: str | None


def find_person(actor: Actor, number: int) -> Person:
    """A person by id; one round trip.

    Raises:
        NotFound: No such person for this actor: a customer's key sees its own person and members of
            the same organizations.
    """
    person = people.find_users([number]).get(number)
    if not isinstance(person, Person):
        raise NotFound("person", number)
    if not people.may_see(actor, person):
        raise NotFound("person", number, hidden=True)
    return person


def list_newest(actor: Actor, before: str, limit: int) -> FoundPeople:
    """A page of all people, newest first, from the cursor `before` on; two round trips. A new
    person is listed within a second. A customer's key gets only its own person.
    """
    if actor.customer is not None:
        own = people.find_users([actor.customer]).values()
        return FoundPeople([one for one in own if isinstance(one, Person)], None)
    found, more = table.newest(person_items.LISTED, before, limit)
    return FoundPeople(list(readable(person_items.as_person, found.values())), more)


def search(actor: Actor, text: str, offset: int, limit: int) -> FoundPeople:
    """A page of the people with every piece of a text in their name, address or login, ignoring
    case and accents, sorted by name; those whose name or address begins with the text come first.
    Two round trips.

    Raises:
        TooWide: More than `limits.PROBE` may match.
    """
    pieces = postings.searched(text).split()
    longest = max(pieces, key=len)[: postings.LONGEST_SUFFIX]
    found: list[Named | None] = []
    aws.together(
        lambda: found.append(posting_items.named(longest, limits.MOST_CANDIDATES)),
        lambda: table.fetch([CATALOGUE_VERSION]),  # tells which generation to read
    )
    (named,) = found
    if named is None or len(named.people) > limits.PROBE:
        raise TooWide
    users = people.find_users(named.people).values()
    having = [
        person
        for person in users
        if isinstance(person, Person) and people.may_see(actor, person) and _has(person, pieces)
    ]
    having.sort(key=partial(_rank, pieces[0]))
    page = having[offset : offset + limit]
    end = offset + len(page)
    return FoundPeople(page, str(end) if end < len(having) else None)


def _texts(person: Person) -> tuple[str, ...]:
    return tuple(postings.searched(text) for text in people.searched_texts(person))


def _has(person: Person, pieces: Iterable[str]) -> bool:
    texts = _texts(person)
    return all(any(piece in text for text in texts) for piece in pieces)


def _rank(first: str, person: Person) -> tuple[bool, str, int]:
    texts = _texts(person)
    return not any(text.startswith(first) for text in texts), texts[0] if texts else "", person.id


def count_tickets(actor: Actor, persons: Iterable[Person]) -> Mapping[int, int | None]:
    """The number of tickets of each of these people that the actor may see, at most MOST_COUNTED;
    one round trip, half a read unit for each 70 tickets. A new ticket counts within a second. None
    for others than a customer's key's own person: no index lists which of their tickets it sees.
    """
    ids = [person.id for person in persons]
    if not ids:
        return {}
    counts = aws.together(*(partial(_count, actor, number) for number in ids))
    return dict(zip(ids, counts, strict=True))


def _count(actor: Actor, person: int) -> int | None:
    if actor.customer not in {None, person}:
        return None
    newest_first = KeyRange(descending=True)
    entries = listings.read("g06", padded(person), newest_first, MOST_COUNTED)
    if not actor.departments:
        return len(entries)
    departments = (entry.bucket.split("#")[1] for entry in entries if entry.bucket)
    return sum(int(department) in actor.departments for department in departments)
