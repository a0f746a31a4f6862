"""Counts each ticket once in a generation of the index that is being built, while new events are
counted there too (docs/aws.md m24).

A ticket is counted as it was before the events that the generation counts itself: its current
state, minus the effect of its events that are already counted there (`Event.generation`) or still
pending. Whenever this happens, the ticket's count and its events add up to its current state. A
mark keeps a ticket from being counted twice.

A deleted ticket is counted from its events, so `tickets.deletion` counts it before it removes them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, seconds
from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.events import history
from helpdesk.events.history import Event, facets_of
from helpdesk.index import counters
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, generations, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, event_key, recounted_key, ticket_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, Write

AT_ONCE = 20
"""Tickets that are read at a time, and counted in one transaction if MOST_COUNTERS allows it."""

MOST_COUNTERS = 55
"""Counters of one transaction, beside two writes for each ticket (docs/aws.md m32)."""

MARKED = timedelta(days=60)
"""How long a mark is kept: longer than the build of a generation takes."""

_COUNTED = ("status", "department", "topic", "agent", "overdue", "tags")
"""The attributes of a ticket's item that determine its counters."""


def recount(tickets: Sequence[int]) -> None:
    """Counts the tickets with these ids in the generation being built, if there is one and it is
    counting. Idempotent. Three round trips for AT_ONCE of them, and the transaction.

    Raises:
        ChangedUnderYou: Others kept changing one of the tickets.
    """
    seen = generations.seen()
    if seen.building is None or not seen.counting:
        return
    for start in range(0, len(tickets), AT_ONCE):
        _recount_some(seen.building, tickets[start : start + AT_ONCE])


def _recount_some(building: str, tickets: Sequence[int]) -> None:
    for _ in transact.attempts():
        left = [one for one in _read(building, tickets) if one.counts]
        failed = [one.ticket for group in _groups(left) for one in _failed(building, group)]
        if not failed:
            return
        # Changed meanwhile, or already marked: look at them again.
        tickets = failed
    raise ChangedUnderYou


@dataclass(frozen=True, slots=True)
class _Counted:
    """A ticket with its contribution, and the item that it was read from, if it still exists.
    `counts` tells whether it must be counted and marked even if it adds nothing, because some of
    its events may be removed. A ticket that never existed, or was deleted long ago, need not be.
    """

    ticket: int
    item: Item | None
    sums: Counter[tuple[Key, str]]
    counts: bool

    @property
    def writes(self) -> Iterator[Write]:
        """The mark, and the check that the ticket is unchanged."""
        mark = {"ttl": seconds(now() + MARKED)}
        yield transact.put_new(recounted_key(self.ticket), mark, where="index")
        key = ticket_key(self.ticket)
        if self.item is None:
            yield transact.check(key, "attribute_not_exists(pk)")
            return
        there = {name: self.item[name] for name in _COUNTED if name in self.item}
        gone = [name for name in _COUNTED if name not in self.item]
        conditions = ["attribute_exists(pk)", *(f"#{name} = :{name}" for name in there)]
        conditions += [f"attribute_not_exists(#{name})" for name in gone]
        yield transact.check(
            key,
            " AND ".join(conditions),
            {f":{name}": value for name, value in there.items()},
            names={f"#{name}": name for name in _COUNTED},
        )


def _read(building: str, tickets: Sequence[int]) -> list[_Counted]:
    # Items before events: an event becomes readable no earlier than its change of the ticket, and a
    # change after the read fails the transaction's check.
    found = table.fetch([ticket_key(ticket) for ticket in tickets])
    marks = _marked(building, tickets)
    wanted = [ticket for ticket in tickets if ticket not in marks]
    known = cache.seen()
    events = aws.together(*(partial(_events, building, ticket) for ticket in wanted))
    return [
        _Counted(
            ticket, item, _sums(ticket, item, waiting, known), item is not None or bool(waiting)
        )
        for ticket, waiting in zip(wanted, events, strict=True)
        for item in [found.get(ticket_key(ticket))]
    ]


def _marked(building: str, tickets: Sequence[int]) -> set[int]:
    keys = {ticket: recounted_key(ticket) for ticket in tickets}
    found = table.fetch(list(keys.values()), where="index", generation=building)
    return {ticket for ticket, key in keys.items() if key in found}


def _events(building: str, ticket: int) -> list[Event]:
    """The events of a ticket that are counted in the generation, or will be. A damaged one never
    will.
    """
    key = event_key(ticket, "")
    items = table.query(key.pk, begins=key.sk)
    known = readable(lambda item: history.as_event(Key(item["pk"], item["sk"]), item), items)
    return [one for one in known if "project" in one.todo or one.generation == building]


def _sums(
    ticket: int, item: Item | None, events: Iterable[Event], known: Catalogue
) -> Counter[tuple[Key, str]]:
    sums: Counter[tuple[Key, str]] = Counter()
    if item is not None:
        read = _as_far_as_readable(ticket, item)
        if read.status:
            sums.update(
                counters.standing(read.id, facets_of(read, known.state_of(read)), read.tags)
            )
    for event in events:
        sums.subtract(counters.changes(event))
    beside = generations.BESIDE
    return Counter({at: n for at, n in sums.items() if n and not at[0].pk.startswith(beside)})


def _as_far_as_readable(ticket: int, item: Item) -> Ticket:
    # A damaged ticket is counted by its readable values, as when it is deleted.
    try:
        return ticket_items.as_ticket(item)
    except Damaged:
        return ticket_items.salvage(ticket, item)


def _groups(counted: Iterable[_Counted]) -> Iterator[list[_Counted]]:
    group: list[_Counted] = []
    keys: set[Key] = set()
    for one in counted:
        more = {key for key, _ in one.sums}
        if group and len(keys | more) > MOST_COUNTERS:
            yield group
            group, keys = [], set()
        group.append(one)
        keys |= more
    if group:
        yield group


def _failed(building: str, group: Sequence[_Counted]) -> Sequence[_Counted]:
    """Counts these; returns those that were not counted and must be looked at again."""
    sums: Counter[tuple[Key, str]] = Counter()
    for one in group:
        sums.update(one.sums)
    added = counters.additions({at: n for at, n in sums.items() if n})
    writes = [write for one in group for write in one.writes]
    try:
        transact.commit_retried([*writes, *added], building)
    except Cancelled:
        return group if len(group) == 1 else [x for one in group for x in _failed(building, [one])]
    return ()
