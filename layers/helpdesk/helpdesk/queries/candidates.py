"""Candidate lists: filters that have their own index partition or posting list.

Each such filter is a `Source`. A source is read up to a limit; lists that were read completely are
intersected, the others are left to `Filters.holds`. A new filter with postings, such as a tag or
the words of a body, becomes another source here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Sort
from helpdesk.queries import limits
from helpdesk.queries.filters import Asked, Filters, folded_texts
from helpdesk.queries.spans import Span
from helpdesk.storage import listings, posting_items
from helpdesk.storage.keys import padded
from helpdesk.storage.listings import IndexEntry, KeyRange


class CandidateList(NamedTuple):
    """The entries read of a source, and whether they are all."""

    entries: Sequence[IndexEntry]
    complete: bool


class Owned(NamedTuple):
    """The tickets of a person (g06), an organization (g07) or an agent (g08), in order of ids."""

    index_name: str
    owner: int

    def read(self, limit: int, *, descending: bool) -> CandidateList:
        """The first `limit` entries; one round trip."""
        key_range = KeyRange(descending=descending)
        entries = listings.read(self.index_name, padded(self.owner), key_range, limit)
        return CandidateList(entries, len(entries) < limit)

    def after(self, key_range: KeyRange, size: int) -> Iterator[IndexEntry]:
        """The entries of a key range, a first page of `size` and then larger ones."""
        return listings.pages(self.index_name, padded(self.owner), key_range, size)

    def continued(self, begun: CandidateList, *, descending: bool) -> Iterator[IndexEntry]:
        """All entries, starting with those already read."""
        yield from begun.entries
        if not begun.complete:
            key_range = KeyRange(descending, begun.entries[-1].order)
            yield from self.after(key_range, limits.PROBE)


class OwnedByAny(NamedTuple):
    """The tickets of a person (g06) and of organizations (g07), by id, without duplicates."""

    person: int
    organizations: frozenset[int]

    def read(self, limit: int, *, descending: bool) -> CandidateList:
        """The first `limit` entries of each list; one round trip per list."""
        owners = [Owned("g06", self.person), *(Owned("g07", one) for one in self.organizations)]
        lists = [owner.read(limit, descending=descending) for owner in owners]
        merged = {entry.ticket: entry for one in lists for entry in one.entries}
        complete = all(one.complete for one in lists)
        return CandidateList(
            sorted(merged.values(), reverse=descending)[: None if complete else limit], complete
        )


class Named(NamedTuple):
    """Tickets requested by id."""

    tickets: tuple[int, ...]

    def read(self, limit: int, *, descending: bool) -> CandidateList:  # noqa: ARG002 - as `Owned`
        """All of them; no round trip."""
        return CandidateList([IndexEntry(padded(one), one) for one in self.tickets], complete=True)


class WithText(NamedTuple):
    """The tickets with a text in their subject, unordered.

    Args:
        beginning: the text folded, cut to the length of a posting.
    """

    beginning: str

    def read(self, limit: int, *, descending: bool) -> CandidateList:  # noqa: ARG002 - as `Owned`
        """The tickets of the first `limit` postings; one round trip per MB."""
        tickets, complete = posting_items.with_text(self.beginning, limit)
        entries = [IndexEntry(padded(one), one) for one in sorted(tickets["subject"])]
        return CandidateList(entries, complete)


class ChangedIn(NamedTuple):
    """The tickets last changed in a span of time, in that order (g04).

    Args:
        low: the inclusive lower bound, as stored; None for no bound.
        high: the exclusive upper bound.
    """

    low: str | None
    high: str | None

    def read(self, limit: int, *, descending: bool) -> CandidateList:
        """The first `limit` entries; one round trip per MB."""
        key_range = KeyRange(descending, low=self.low, high=self.high)
        entries = [*islice(listings.of_all("updated", key_range, limit), limit)]
        return CandidateList(entries, len(entries) < limit)


class WithIds(NamedTuple):
    """The tickets in a range of ids."""

    first: int
    last: int

    def read(self, limit: int, *, descending: bool) -> CandidateList:
        """The first `limit` ids, whether or not the ticket exists; no round trip."""
        key_range = KeyRange(descending, low=padded(self.first), high=padded(self.last))
        entries = [*islice(listings.by_id(self.last, key_range), limit)]
        return CandidateList(entries, len(entries) < limit)


Source = Owned | OwnedByAny | Named | WithText | ChangedIn | WithIds


def sources(actor: Actor, asked: Asked, sort: Sort) -> list[Source]:
    """A source for each filter that has one; empty if there are only bucket filters. A span of the
    list's sort key is no source: it bounds the list itself (`key_range`).
    """
    wanted = asked.wanted
    owners = {
        "g06": wanted.person if actor.customer is None or actor.organizations else actor.customer,
        "g07": wanted.organization,
        "g08": asked.agent,
    }
    found: list[Source] = [
        *(Owned(index, owner) for index, owner in owners.items() if owner is not None),
        *(WithText(text[: postings.LONGEST_SUFFIX]) for text in folded_texts(wanted)),
    ]
    if actor.customer is not None and actor.organizations:
        found.append(OwnedByAny(actor.customer, actor.organizations))
    if wanted.tickets is not None:
        found.append(Named(wanted.tickets))
    if asked.updated != Span() and sort != "updated":
        found.append(ChangedIn(*asked.updated.stamps))
    if asked.opened_as and sort != "created":
        found.append(WithIds(*asked.opened_as))
    return found


def key_range(asked: Asked, page: Page) -> KeyRange:
    """The part of the list, in the page's order, that the spans of time allow."""
    low = high = None
    if page.sort == "updated":
        low, high = asked.updated.stamps
    elif page.sort == "created" and asked.opened_as:
        low, high = map(padded, asked.opened_as)
    return KeyRange(page.descending, low=low, high=high)


def intersect(lists: Iterable[CandidateList], filters: Filters) -> list[IndexEntry] | None:
    """The tickets, without duplicates, that are in all completely read lists; None if no list was
    read completely.
    """
    whole = [
        {
            entry.ticket: entry
            for entry in one.entries
            if not entry.bucket or filters.holds_bucket(entry.bucket)
        }
        for one in lists
        if one.complete
    ]
    if not whole:
        return None
    shortest, *others = sorted(whole, key=len)
    return [entry for entry in shortest.values() if all(entry.ticket in one for one in others)]
