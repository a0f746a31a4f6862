"""Lists of tickets: filtered, searched, sorted, page by page (docs/data-model.md; docs/aws.md m12
to m14).

Three ways lead to a page, and each ends with the tickets themselves, which are read strongly and
looked at once more, so that an index that lags behind shows nothing that is not so:

- *listing*: status, department and topic pick cells, whose indexes are in order and are merged.
  All tickets by id need no index, because ids are dense. More than MOST_CELLS cells are so much of
  the desk that the list of all tickets is walked first.
- *candidates*: a text, a person, an organization or an agent has a list of its own. Those that
  were read to their end are intersected; what remains is fetched and sorted here.
- *walking*: where a text stands in so many tickets that its list was not read to its end, the
  first tickets of the list of all very likely hold a page of it.

A page that would need more than MOST_CANDIDATES tickets is refused, never cut.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain, islice

from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, seconds, to_iso
from helpdesk.errors import NotFound, TooWide
from helpdesk.index import counters, postings
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Sort, Wanted
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.scope import as_seen_by, visible
from helpdesk.storage import aws, listings, person_items, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    SEQUENCES,
    Key,
    padded,
    page_cursor_key,
    ticket_key,
)
from helpdesk.storage.listings import IndexEntry, KeyRange

MOST_CELLS = 64
"""Cells that are asked at the same time."""

PROBE = 500
"""Entries of a text's or a person's list that are read before anything is known of its length."""

MOST_CANDIDATES = 5_000
"""Entries that are read, or tickets that are looked at, for one page."""

FIRST_STEP = 100
"""Tickets that a walk looks at first: one batch."""

DEEPEST_JUMP = 10_000
"""How far into a list a page may lie that does not follow one just served, and has no ranks."""

LONGEST = 320
"""Characters of an address at most (RFC 5321); nothing longer is anybody's."""

SPARE = 3
"""Further tickets that are fetched along: some of a list may be gone or have moved meanwhile."""

MARK_SECONDS = 600
"""How long it is remembered where a page ended."""


_Fetch = Callable[..., list[Ticket | None]]
"""Gets the tickets at some spots, as `_fetch` does."""


def find_tickets(actor: Actor, wanted: Wanted, page: Page) -> list[Ticket]:
    """One page of the tickets that are wanted and that the actor may see.

    Two or three trips for a first page, up to four where a text stands in more than PROBE places;
    one more after a jump, and for an address. Errors: TooWide, Throttled, Unavailable,
    ChangedUnderYou.
    """
    asked = _of_person(wanted)
    if asked is None:
        return []
    start = _first_trip(actor, asked, page, PROBE)
    scope = _scope(actor, asked, start.known)
    return [] if scope is None else _Way(start, scope, page, _fetch).tickets()


def list_tickets(actor: Actor, wanted: Wanted, page: Page) -> tuple[list[Ticket], int]:
    """The same page, and how many tickets there are in all: the sum of cells wherever that says it,
    else what a person's, an organization's or an agent's list holds, else the matches.

    Trips as of `find_tickets`. Errors: TooWide also above MOST_CANDIDATES matches.
    """
    return _listed(actor, wanted, page, _fetch)


def list_threads(actor: Actor, wanted: Wanted, page: Page) -> tuple[list[Thread], int]:
    """The same page with all that was written, and how many tickets there are in all.

    Threads come with the tickets and cost no trip, but for one where tickets had to be fetched to
    be matched or counted, and one where a body lies in S3. Children are as they are stored. Errors
    as of `list_tickets`.
    """
    threads = _Threads()
    found, total = _listed(actor, wanted, page, threads)
    threads.read([ticket.id for ticket in found if ticket.id not in threads.found])
    known = cache.seen()
    # What has gone since it was listed is left out.
    shown = (threads.found[ticket.id] for ticket in found if ticket.id in threads.found)
    return [as_seen_by(actor, thread, known) for thread in shown], total


def _listed(actor: Actor, wanted: Wanted, page: Page, fetch: _Fetch) -> tuple[list[Ticket], int]:
    asked = _of_person(wanted)
    if asked is None:
        return [], 0
    start = _first_trip(actor, asked, page, MOST_CANDIDATES)
    scope = _scope(actor, asked, start.known)
    if scope is None:
        return [], 0
    way = _Way(start, scope, page, fetch)
    total = start.total(scope)
    if total is not None:
        return way.tickets(), total
    # To be counted, all matches had to be fetched, and the page is among them.
    matches = way.matches()
    return matches[page.offset : page.offset + page.limit], len(matches)


def count_tickets(actor: Actor, wanted: Wanted) -> int:
    """How many tickets are wanted and may be seen. Errors as of `list_tickets`."""
    return list_tickets(actor, wanted, Page(limit=0))[1]


def _of_person(wanted: Wanted) -> Wanted | None:
    """What is wanted with its address as the person who has it; None where nobody has. One trip
    where there is an address.
    """
    if wanted.email is None:
        return wanted
    found = (
        table.get(person_items.holder_key(wanted.email)) if len(wanted.email) <= LONGEST else None
    )
    if found is None or wanted.person not in {None, found["id"]}:
        return None
    return replace(wanted, email=None, person=found["id"])


# --- what is asked --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds for every ticket of the list."""

    actor: Actor
    wanted: Wanted
    statuses: frozenset[int]
    departments: frozenset[int] | None
    texts: tuple[str, ...]

    @property
    def everything(self) -> bool:
        """Whether no cell is left out."""
        return (self.wanted.status, self.wanted.topic, self.departments) == (None, None, None)

    @property
    def ranked(self) -> bool:
        """Whether ranks, which are per department, tell how many of its cells lie before an id."""
        return (self.wanted.status, self.wanted.topic) == (None, None)

    def holds_cell(self, cell: str) -> bool:
        status, department, topic = map(int, cell.split("#"))
        return self._holds(status, department, topic)

    def _holds(self, status: int, department: int, topic: int) -> bool:
        return (
            status in self.statuses
            and (self.departments is None or department in self.departments)
            and self.wanted.topic in {None, topic}
        )

    def holds(self, ticket: Ticket) -> bool:
        wanted, subject = self.wanted, postings.searched(ticket.subject) if self.texts else ""
        return (
            visible(self.actor, ticket)
            and self._holds(ticket.status, ticket.department, ticket.topic or 0)
            and wanted.person in {None, ticket.person}
            and wanted.organization in {None, ticket.organization}
            and wanted.agent in {None, ticket.agent}
            and (wanted.tickets is None or ticket.id in wanted.tickets)
            and all(text in subject for text in self.texts)
        )


def _scope(actor: Actor, wanted: Wanted, known: Catalogue) -> _Scope | None:
    """What is asked, or None where nothing can be found."""
    statuses = {row.id for row in known.statuses.values() if row.state != "deleted"}
    departments = actor.departments or None
    if wanted.status is not None:
        try:
            statuses &= {known.find_status(wanted.status).id}
        except NotFound:
            return None
    if wanted.department is not None:
        # An inactive one takes no tickets, and still has those it took.
        chosen = known.department(wanted.department)
        if chosen is None or (departments is not None and chosen.id not in departments):
            return None
        departments = frozenset({chosen.id})
    if not statuses or (actor.customer and wanted.person not in {None, actor.customer}):
        return None
    return _Scope(actor, wanted, frozenset(statuses), departments, _texts(wanted))


def _texts(wanted: Wanted) -> tuple[str, ...]:
    return tuple(filter(None, map(postings.searched, wanted.subject)))


# --- conditions with lists of their own -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _List:
    """What was read of a list, and whether that is all of it."""

    spots: Sequence[IndexEntry]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Owner:
    """Somebody's tickets, by id."""

    index: str
    who: int

    def read(self, limit: int, *, descending: bool) -> _List:
        stretch = KeyRange(descending=descending)
        spots = listings.read(self.index, padded(self.who), stretch, limit)
        return _List(spots, len(spots) < limit)

    def pages(self, stretch: KeyRange, size: int) -> Iterator[IndexEntry]:
        return listings.pages(self.index, padded(self.who), stretch, size)


@dataclass(frozen=True, slots=True)
class _These:
    """Tickets that were named."""

    tickets: tuple[int, ...]

    def read(self, limit: int, *, descending: bool) -> _List:  # noqa: ARG002 - as of an owner
        return _List([IndexEntry(padded(one), one) for one in self.tickets], complete=True)


@dataclass(frozen=True, slots=True)
class _Text:
    """The tickets that have a text in their subject, in no order."""

    beginning: str

    def read(self, limit: int, *, descending: bool) -> _List:  # noqa: ARG002 - as of an owner
        return _List(*listings.with_subject(self.beginning, limit))


_Term = _Owner | _These | _Text


def _terms(actor: Actor, wanted: Wanted) -> list[_Term]:
    owners = {
        "g06": wanted.person if actor.customer is None else actor.customer,
        "g07": wanted.organization,
        "g08": wanted.agent,
    }
    return [
        *(_Owner(index, who) for index, who in owners.items() if who is not None),
        *([_These(wanted.tickets)] if wanted.tickets is not None else []),
        *(_Text(text[: postings.LONGEST_SUFFIX]) for text in _texts(wanted)),
    ]


def _intersection(lists: Iterable[_List], scope: _Scope) -> list[IndexEntry] | None:
    """What all lists have that were read to their end; None where there is no such list."""
    whole = [
        {spot.ticket: spot for spot in one.spots if not spot.cell or scope.holds_cell(spot.cell)}
        for one in lists
        if one.complete
    ]
    if not whole:
        return None
    shortest, *others = sorted(whole, key=len)
    return [spot for spot in shortest.values() if all(spot.ticket in one for one in others)]


# --- where pages end ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Marks:
    """Remembers where the pages of one list end, for the key that asks for them
    (docs/aws.md m14).
    """

    asked: str

    @classmethod
    def of(cls, actor: Actor, wanted: Wanted, page: Page) -> "_Marks":
        return cls(json.dumps([actor.key, asdict(wanted), page.sort, page.descending]))

    def key(self, offset: int) -> Key:
        return page_cursor_key(sha256(f"{offset} {self.asked}".encode()).hexdigest())

    def find(self, offset: int) -> str | None:
        """The order after which the page at this offset begins, where that is remembered."""
        item = table.get(self.key(offset), where="index")
        # Expired items stay for days sometimes.
        return str(item["after"]) if item and item["ttl"] > seconds(now()) else None

    def put(self, offset: int, last: IndexEntry) -> None:
        values = {"after": last.order, "ttl": seconds(now()) + MARK_SECONDS}
        transact.write(transact.put(self.key(offset), values, where="index"))

    def drop(self, offset: int) -> None:
        # Overwritten, not removed: a list needs no right to delete.
        transact.write(transact.put(self.key(offset), {"after": "-", "ttl": 0}, where="index"))


# --- the first trip -------------------------------------------------------------------------


@dataclass(slots=True)
class _Start:
    """What the first trip brings: the last id drawn, the count of each cell, the beginning of each
    term's list and of the list of all tickets, and after which order the page begins.
    """

    terms: Sequence[_Term]
    descending: bool
    lists: list[_List]
    marks: _Marks
    known: Catalogue
    last: int
    cells: Mapping[str, int]
    head: Sequence[IndexEntry]
    after: str | None

    def rest_of(self, owner: _Owner, stretch: KeyRange) -> Iterator[IndexEntry]:
        """What the only list, if it is an owner's, has behind the part that was read."""
        (read,) = self.lists
        if read.complete:
            return iter(())
        return owner.pages(replace(stretch, after=read.spots[-1].order), PROBE)

    def total(self, scope: _Scope) -> int | None:
        """How many tickets there are, where cells or the list of one owner say it."""
        if not self.terms:
            return sum(count for cell, count in self.cells.items() if scope.holds_cell(cell))
        first, *others = self.terms
        if not isinstance(first, _Owner) or others:
            return None
        stretch = KeyRange(descending=self.descending)
        spots = chain(self.lists[0].spots, self.rest_of(first, stretch))
        return sum(scope.holds_cell(spot.cell) for spot in spots)


def _first_trip(actor: Actor, wanted: Wanted, page: Page, probe: int) -> _Start:
    terms, marks = _terms(actor, wanted), _Marks.of(actor, wanted, page)
    lists: dict[int, _List] = {}
    found: dict[Key, Item] = {}
    cells: dict[str, int] = {}
    head: list[IndexEntry] = []
    after: list[str | None] = []

    def probed(position: int, term: _Term) -> None:
        lists[position] = term.read(probe, descending=page.descending)

    calls: list[Callable[[], object]] = [
        lambda: found.update(table.fetch([CATALOGUE_VERSION, SEQUENCES])),
        *cache.if_cold(),
        lambda: cells.update(listings.cells()),
        *(lambda at=at, term=term: probed(at, term) for at, term in enumerate(terms)),
    ]
    if page.offset:
        calls.append(lambda: after.append(marks.find(page.offset)))
    elif page.sort != "created" and any(isinstance(term, _Text) for term in terms):
        sort, stretch = page.sort, KeyRange(descending=page.descending)
        calls.append(
            lambda: head.extend(islice(listings.of_all(sort, stretch, FIRST_STEP), FIRST_STEP))
        )
    aws.together(*calls)
    return _Start(
        terms=terms,
        descending=page.descending,
        lists=[lists[at] for at in range(len(terms))],
        marks=marks,
        known=cache.current(found),
        last=found.get(SEQUENCES, {}).get("ticket", 0),
        cells=cells,
        head=head,
        after=after[0] if after else None,
    )


# --- the ways to a page ---------------------------------------------------------------------


class _Way:
    """One page of one list."""

    def __init__(self, start: _Start, scope: _Scope, page: Page, fetch: _Fetch) -> None:
        self._start, self._scope, self._page, self._fetch = start, scope, page, fetch
        self._cells = [cell for cell in start.cells if scope.holds_cell(cell)]
        self._total = sum(start.cells[cell] for cell in self._cells)
        self._stretch = KeyRange(page.descending, start.after)
        # A page that follows one just served begins behind it; to any other one has to count.
        self._skip = page.offset if start.after is None else 0

    def tickets(self) -> list[Ticket]:
        """The page."""
        if self._page.limit < 1 or self._beyond_the_end:
            return []
        return self._by_candidates() if self._start.terms else self._by_listing()

    def matches(self) -> list[Ticket]:
        """All that match, in order. Errors: TooWide where no list was read to its end."""
        candidates = _intersection(self._start.lists, self._scope)
        if candidates is None:
            raise TooWide
        return self._matching(candidates)

    @property
    def _beyond_the_end(self) -> bool:
        """Whether no cell holds anything so far down."""
        return self._skip > 0 and self._skip >= self._total

    # listing

    def _by_listing(self) -> list[Ticket]:
        if self._skip >= counters.BLOCK and self._page.sort == "created" and self._scope.ranked:
            self._pass_blocks()
        if self._skip > DEEPEST_JUMP:
            raise TooWide
        # Keys are passed over more cheaply than tickets.
        dense = self._page.sort == "created" and self._wide and not self._skip
        return self._serve(self._listing(dense=dense), exact=not dense)

    @property
    def _wide(self) -> bool:
        return self._scope.everything or len(self._cells) > MOST_CELLS

    def _listing(self, *, dense: bool) -> Iterator[IndexEntry]:
        """The tickets of the cells in order; where they are `dense`, ids without a ticket, or with
        one of another cell, may be among them.
        """
        page, size = self._page, self._skip + self._page.limit + SPARE
        if dense:
            return self._walked(listings.by_id(self._start.last, self._stretch), size)
        if page.sort != "created" and self._scope.everything:
            spots = listings.of_all(page.sort, self._stretch, size)
            # Also where all are asked for, a deleted one must not count towards an offset.
            return (spot for spot in spots if not spot.cell or self._scope.holds_cell(spot.cell))
        if page.sort != "created" and self._wide:
            return self._walked(listings.of_all(page.sort, self._stretch, 2 * size), size)
        return listings.of_cells(self._cells, page.sort, self._stretch, size)

    def _walked(self, spots: Iterator[IndexEntry], size: int) -> Iterator[IndexEntry]:
        """What a list of all has of the cells; by way of the cells where that takes long."""
        last: IndexEntry | None = None
        for last in islice(spots, MOST_CANDIDATES):
            if not last.cell or self._scope.holds_cell(last.cell):
                yield last
        if last and next(spots, None):
            stretch = replace(self._stretch, after=last.order)
            yield from listings.of_cells(self._cells, self._page.sort, stretch, size)

    def _pass_blocks(self) -> None:
        """Passes over whole blocks of ids, as far as they lie before the page (docs/aws.md m14)."""
        departments = self._scope.departments or self._start.known.departments.keys()
        ranks = listings.ranks(departments)
        descending = self._page.descending
        edge: int | None = None
        for block in sorted(ranks, reverse=descending):
            if self._skip < ranks[block]:
                break
            self._skip -= ranks[block]
            edge = block * counters.BLOCK if descending else (block + 1) * counters.BLOCK - 1
        if edge is not None:
            self._stretch = replace(self._stretch, after=padded(edge))

    # candidates

    def _by_candidates(self) -> list[Ticket]:
        start, scope = self._start, self._scope
        candidates = _intersection(start.lists, scope)
        if candidates is None and len(self._cells) <= MOST_CELLS and self._total <= PROBE:
            # The cells are the shortest list.
            newest_first = KeyRange(descending=True)
            candidates = [*listings.of_cells(self._cells, "created", newest_first, PROBE)]
        if candidates is not None:
            return self._of_candidates(candidates)
        first, *others = start.terms
        if isinstance(first, _Owner) and not others and self._page.sort == "created":
            return self._of_owner(first)
        return (self._head() if scope.texts else None) or self._of_long_lists()

    def _of_candidates(self, candidates: Iterable[IndexEntry]) -> list[Ticket]:
        page = self._page
        if page.sort == "created":
            by_id = (IndexEntry(padded(spot.ticket), spot.ticket) for spot in candidates)
            ordered = sorted(by_id, reverse=page.descending)
            rest = (spot for spot in ordered if self._stretch.holds(spot.order))
            # A text's list tells no cells, and cells tell no texts: few of these may hold.
            told = not self._scope.texts or (
                self._scope.everything and all(one.complete for one in self._start.lists)
            )
            return self._serve(rest, exact=False, step=0 if told else PROBE)
        return self._matching([*candidates])[page.offset : page.offset + page.limit]

    def _matching(self, candidates: Sequence[IndexEntry]) -> list[Ticket]:
        page = self._page
        tickets = (ticket for ticket in _fetch(candidates) if ticket is not None)
        found = [ticket for ticket in tickets if self._scope.holds(ticket)]
        found.sort(key=lambda ticket: _order(ticket, page.sort), reverse=page.descending)
        return found

    def _of_owner(self, owner: _Owner) -> list[Ticket]:
        if self._skip > DEEPEST_JUMP:
            raise TooWide
        spots = owner.pages(self._stretch, self._page.limit + SPARE)
        if self._stretch.after is None:
            spots = chain(self._start.lists[0].spots, self._start.rest_of(owner, self._stretch))
        return self._serve(
            (spot for spot in spots if self._scope.holds_cell(spot.cell)), exact=True
        )

    # walking

    def _head(self) -> list[Ticket] | None:
        """The page, where the first tickets of the cells, or of all, hold the whole of it."""
        page, skip = self._page, self._skip
        spots: Iterable[IndexEntry] = self._start.head
        if not self._wide:
            spots = listings.of_cells(self._cells, page.sort, self._stretch, FIRST_STEP)
        elif page.sort == "created":
            spots = listings.by_id(self._start.last, self._stretch)
        elif page.offset:
            spots = listings.of_all(page.sort, self._stretch, FIRST_STEP)
        first = islice(spots, FIRST_STEP)
        own = (spot for spot in first if not spot.cell or self._scope.holds_cell(spot.cell))
        found = self._serve(own, exact=False, step=FIRST_STEP)
        self._skip = skip
        return found if len(found) == page.limit else None

    def _of_long_lists(self) -> list[Ticket]:
        descending = self._page.descending
        lists = aws.together(
            *(
                partial(term.read, MOST_CANDIDATES, descending=descending)
                for term in self._start.terms
            )
        )
        candidates = _intersection(lists, self._scope)
        if candidates is not None:
            return self._of_candidates(candidates)
        dense = self._page.sort == "created" and self._wide
        return self._serve(
            self._listing(dense=dense), exact=False, step=PROBE, most=MOST_CANDIDATES
        )

    # serving

    def _serve(
        self, spots: Iterable[IndexEntry], *, exact: bool, step: int = 0, most: int = 0
    ) -> list[Ticket]:
        """The page's tickets, fetched one part of the list after the other.

        `exact` spots are passed over without a look at their tickets. `step` is how many are
        looked at first, where it is not known how many of them hold; beyond `most`, TooWide.
        """
        page, found, looked_at = self._page, list[Ticket](), 0
        rest = _once_each(spots)
        if exact:
            rest, self._skip = islice(rest, self._skip, None), 0
        size = step or self._skip + page.limit + SPARE
        guessed = False
        while part := [*islice(rest, size)]:
            looked_at += len(part)
            if most and looked_at > most:
                self._forget(guessed=guessed)
                raise TooWide
            # Likely the last of the page: remembered while the tickets come.
            last = self._skip + page.limit - len(found) - 1
            likely = part[last : last + 1] if not step else []
            guessed = guessed or bool(likely)
            # What is looked at and passed over need not come with more than itself.
            fetch = _fetch if step or self._skip else self._fetch
            tickets = fetch(part, *(partial(self._remember, spot) for spot in likely))
            for spot, ticket in zip(part, tickets, strict=True):
                if ticket is None or not self._scope.holds(ticket):
                    continue
                if self._skip:
                    self._skip -= 1
                    continue
                found.append(ticket)
                if len(found) == page.limit:
                    if likely != [spot]:
                        self._remember(spot)
                    return found
            size = max(size, min(size * 2, listings.LONGEST_PAGE))
        self._forget(guessed=guessed)
        return found

    def _remember(self, last: IndexEntry) -> None:
        self._start.marks.put(self._page.offset + self._page.limit, last)

    def _forget(self, *, guessed: bool) -> None:
        # The page did not end where it was likely to: the next one must not begin there.
        if guessed:
            self._start.marks.drop(self._page.offset + self._page.limit)


def _once_each(spots: Iterable[IndexEntry]) -> Iterator[IndexEntry]:
    # A ticket that is just moving from one cell to another stands in both for a moment.
    seen: set[int] = set()
    for spot in spots:
        if spot.ticket not in seen:
            seen.add(spot.ticket)
            yield spot


def _fetch(spots: Sequence[IndexEntry], *beside: Callable[[], None]) -> list[Ticket | None]:
    """The tickets at these spots, None where there is none; `beside` is done at the same time."""
    keys = [ticket_key(spot.ticket) for spot in spots]
    items: dict[Key, Item] = {}
    # Fetching comes first: it runs in this thread, and so may ask for others.
    aws.together(lambda: items.update(table.fetch(keys)), *beside)
    return [ticket_items.as_ticket(items[key]) if key in items else None for key in keys]


class _Threads:
    """A `_fetch` that gets tickets with their threads, and keeps these by id."""

    def __init__(self) -> None:
        self.found: dict[int, Thread] = {}

    def __call__(
        self, spots: Sequence[IndexEntry], *beside: Callable[[], None]
    ) -> list[Ticket | None]:
        tickets = [spot.ticket for spot in spots]
        # Reading comes first: it runs in this thread, and so may ask for others.
        aws.together(lambda: self.read(tickets), *beside)
        return [self.found[one].ticket if one in self.found else None for one in tickets]

    def read(self, tickets: Sequence[int]) -> None:
        """Reads the threads of these tickets."""
        read = ticket_items.read_threads(tickets)
        self.found |= {thread.ticket.id: thread for thread in read if thread}


def _order(ticket: Ticket, sort: Sort) -> str:
    by = {"created": "", "updated": to_iso(ticket.updated), "number": ticket.number}[sort]
    return f"{by}#{padded(ticket.id)}"
