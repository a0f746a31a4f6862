"""Rebuilds the Index table while the desk is in use: `make rebuild` (docs/decisions/0028).

A new generation (`storage.generations`) is announced, so that everything is written to both; then
events are counted in both; then a walk over all ids, which are dense, fills it from `Desk`:
postings, and counters by `tickets.recount`. When it is complete, readers switch to it, and a second
walk removes the old one. No mail is sent: only the progress is written to `Desk`.

Between these steps it waits until every function that began before the step has ended (`patience`),
which takes at most a minute. A call works for a while and reports its progress; the next call
continues there, even after an error, since every step is idempotent.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from secrets import token_hex

from helpdesk import tags
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, Conflict
from helpdesk.index import postings
from helpdesk.model.tickets import Thread
from helpdesk.organizations import as_organization
from helpdesk.projection import progress
from helpdesk.projection.progress import WALKED, Held, Progress
from helpdesk.storage import (
    aws,
    generations,
    person_items,
    table,
    ticket_items,
    transact,
    version_item,
)
from helpdesk.storage.attributes import Item
from helpdesk.storage.generations import Generations
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    REBUILD,
    Key,
    bucket_key,
    organization_key,
    person_key,
    rank_key,
    stat_key,
    tag_count_key,
    tagged_key,
    ticket_key,
)
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Write
from helpdesk.tickets import recount

_ORDER = ("announced", "counting", *WALKED, "whole", "removal", "done")

PATIENCE = 90.0
"""Seconds after which every function that began before has ended: no writer of the index may run
for longer than a minute.
"""

TICKETS, OTHERS = recount.AT_ONCE, 100
"""Ids of one step."""

PARTITIONS, PAGE = 25, 500
"""Partitions that are removed in parallel, and how many items of each at a time."""


def go_on(seconds: float, *, patience: float = PATIENCE, anew: bool = False) -> Progress:
    """Starts or continues a rebuild of the index, for about `seconds` seconds. A finished rebuild
    has the phase `done`; the next call then starts another.

    Args:
        seconds: how long to work.
        patience: how long to wait between steps.
        anew: whether to restart one that is under way: after a restore its state is out of date.

    Raises:
        Conflict: `job_under_way`: another call is working on it.
        Damaged: The catalogue's version cannot be read.
        ChangedUnderYou: Others kept changing the items.
    """
    until = time.monotonic() + seconds
    work = _Work(_taken(anew=anew), until, patience)
    # Loads the catalogue for the phases, and the generations.
    cache.current()
    try:
        return work.run()
    finally:
        work.release()


# --- beginning and ending -------------------------------------------------------------------


def _taken(*, anew: bool) -> Held:
    """The existing progress, or a new one, leased to this call."""
    found, version = progress.find(REBUILD), table.get(CATALOGUE_VERSION)
    seen = generations.of(version or {})
    # The generations in the version item are what all readers and writers use.
    lost = found is None or found.name not in {seen.building, seen.serving}
    if found is not None and not (anew or lost or found.phase == "done"):
        return progress.take(REBUILD, found, found)
    # Named by time, since a restored desk does not know later generations, and a random part.
    name = f"{int(now().timestamp() * 1000):x}{token_hex(2)}"
    held = progress.take(REBUILD, found, Progress(name, "announced", now()))
    left = [one for one in (*seen.retiring, seen.building) if one is not None]
    _announce(Generations(seen.serving, name, retiring=tuple(left)))
    return held


def _announce(wanted: Generations) -> None:
    version_item.announce(generations.ATTRIBUTE, wanted.stored())


# --- working --------------------------------------------------------------------------------


class _Work:
    """The work of one call: phases and steps until its time is up, but at least one step."""

    def __init__(self, held: Held, until: float, patience: float) -> None:
        self._held = held
        self._until = until
        self._patience = timedelta(seconds=patience)
        self._wiped: set[str] = set()

    def run(self) -> Progress:
        """Works; returns the progress."""
        phases: Mapping[str, Callable[[], bool]] = {
            "announced": partial(self._wait, self._count),
            "counting": partial(self._wait, self._begin_walk),
            "tickets": partial(self._walk, TICKETS, _put_tickets),
            "people": partial(self._walk, OTHERS, _put_people),
            "organizations": partial(self._walk, OTHERS, _put_organizations),
            "whole": partial(self._wait, lambda: None),
            "removal": partial(self._walk, TICKETS, self._remove),
        }
        while self._progress.phase != "done":
            if not phases[self._progress.phase]():
                return self._progress
            self._enter(_ORDER[_ORDER.index(self._progress.phase) + 1])
            if self._late:
                break
        return self._progress

    def release(self) -> None:
        """Releases the lease, so that the next call can continue at once."""
        self._held.release()

    @property
    def _progress(self) -> Progress:
        return self._held.progress

    def _enter(self, phase: str) -> None:
        seen, made = generations.seen(), self._progress.name
        # An earlier call may have stopped exactly here.
        if phase == "whole" and seen.building == made:
            _announce(Generations(made, retiring=(*seen.retiring, seen.serving)))
        if phase == "done":
            _announce(Generations(seen.serving))
        self._held.enter(phase)

    def _wait(self, then: Callable[[], None]) -> bool:
        """Whether enough time has passed since the phase began; if so, calls `then` to end it."""
        left = max(0.0, (self._progress.since + self._patience - now()).total_seconds())
        spare = max(0.0, self._until - time.monotonic())
        time.sleep(min(left, spare))
        if left > spare:
            return False
        then()
        return True

    def _count(self) -> None:
        _announce(replace(generations.seen(), counting=True))

    def _begin_walk(self) -> None:
        self._held.save(lasts=progress.last_ids())

    def _walk(self, size: int, step: Callable[[Sequence[int]], bool]) -> bool:
        """Takes steps and saves the progress after each; returns whether the walk is finished."""
        while self._progress.next <= self._progress.last:
            begin = self._progress.next
            end = min(begin + size, self._progress.last + 1)
            if not step(range(begin, end)):
                return False
            self._held.save(next=end)
            if self._late:
                return end > self._progress.last
        return True

    @property
    def _late(self) -> bool:
        return time.monotonic() > self._until

    # --- removal ----------------------------------------------------------------------------

    def _remove(self, ids: Sequence[int]) -> bool:
        """Removes the partitions of the retiring generations with items of these tickets, people
        and organizations; entirely, so that orphaned items are removed, too. False if time is up
        before.
        """
        retiring = generations.seen().retiring
        new = sorted(set(_partitions(ids)) - self._wiped)
        for start in range(0, len(new), PARTITIONS):
            some = new[start : start + PARTITIONS]
            left = [(partition, generation) for partition in some for generation in retiring]
            while left := _wiped_in_part(left):
                self._held.save()
                if self._late:
                    return False
            self._wiped.update(some)
        return True


# --- filling --------------------------------------------------------------------------------


def _put_tickets(ids: Sequence[int]) -> bool:
    building = _building()
    separator = cache.seen().settings.reply_separator
    keys = [ticket_key(number) for number in ids]

    def made(found: Mapping[Key, Item]) -> Iterator[Write]:
        there = [number for number in ids if ticket_key(number) in found]
        for thread in ticket_items.read_threads(there):
            if thread is not None:
                yield from _ticket_postings(thread, separator)

    _put(building, keys, made)
    recount.recount(ids)
    return True


def _ticket_postings(thread: Thread, separator: str) -> Iterator[Write]:
    ticket = thread.ticket
    yield from postings.ticket_postings(ticket)
    for name in ticket.tags:
        yield postings.tag_posting(tags.folded(name), ticket.id, there=True)
    for entry in thread.entries:
        yield from postings.entry_postings(entry, ticket.version, separator)


def _put_people(ids: Sequence[int]) -> bool:
    def made(found: Mapping[Key, Item]) -> Iterator[Write]:
        # An agent's item only reserves the id, which people must not get.
        items = (item for item in found.values() if "agent" not in item)
        for person in readable(person_items.as_person, items):
            yield from postings.person_postings(person)

    return _put(_building(), [person_key(number) for number in ids], made)


def _put_organizations(ids: Sequence[int]) -> bool:
    def made(found: Mapping[Key, Item]) -> Iterator[Write]:
        for one in readable(as_organization, found.values()):
            yield from postings.named_postings(one.id, [one.name], "organization")

    return _put(_building(), [organization_key(number) for number in ids], made)


def _building() -> str:
    building = generations.seen().building
    if building is None:
        # Another call has restarted the rebuild and gone further.
        raise Conflict("job_under_way")
    return building


def _put(
    building: str, keys: Sequence[Key], made: Callable[[Mapping[Key, Item]], Iterable[Write]]
) -> bool:
    """Writes the projections of these items to the new generation, and reads the items again: what
    `project` has removed since the first read must not be restored. Returns True.

    Raises:
        ChangedUnderYou: Others kept changing the items.
    """
    found = table.fetch(keys)
    put: dict[Key, Write] = {}
    for _ in transact.attempts():
        wanted = {write.key: write for write in made(found)}
        gone = [transact.delete(key, where="index") for key in put.keys() - wanted.keys()]
        transact.write_many([*wanted.values(), *gone], building)
        put = wanted
        again = table.fetch(keys)
        if again == found:
            return True
        found = again
    raise ChangedUnderYou


# --- removal ------------------------------------------------------------------------


def _partitions(ids: Sequence[int]) -> Iterator[str]:
    """The partitions of `Index` with items of these tickets, people and organizations."""
    separator = cache.seen().settings.reply_separator
    yield from (bucket_key("").pk, stat_key(0, 0).pk, tag_count_key("").pk)
    # Including departments without tickets.
    yield from (rank_key(number, 0).pk for number in cache.seen().departments)
    found = table.fetch([key(number) for number in ids for key in (person_key, organization_key)])
    people = (
        item for item in found.values() if item["pk"].startswith("U#") and "agent" not in item
    )
    for person in readable(person_items.as_person, people):
        yield from (write.key.pk for write in postings.person_postings(person))
    named = (item for item in found.values() if item["pk"].startswith("O#"))
    for one in readable(as_organization, named):
        yield from (w.key.pk for w in postings.named_postings(one.id, [one.name], "organization"))
    for thread in ticket_items.read_threads(list(ids)):
        if thread is not None:
            yield rank_key(thread.ticket.department, 0).pk
            yield from (tagged_key(tags.folded(name), 0).pk for name in thread.ticket.tags)
            yield from (write.key.pk for write in _ticket_postings(thread, separator))


def _wiped_in_part(partitions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Removes a page of each of these partitions of a generation; returns those with more items."""
    pages = aws.together(*(partial(_page, *one) for one in partitions))
    found = list(zip(partitions, pages, strict=True))
    for generation in {generation for _, generation in partitions}:
        keys = [key for (_, of), page in found if of == generation for key in page]
        transact.write_many([transact.delete(key, where="index") for key in keys], generation)
    return [one for one, page in found if len(page) == PAGE]


def _page(partition: str, generation: str) -> list[Key]:
    items = table.query(partition, where="index", limit=PAGE, generation=generation)
    return [Key(item["pk"], item["sk"]) for item in items]
