"""Counts events, each exactly once: one transaction adds to the counters and removes `project` from
the events (docs/aws.md m32).

While a generation of the index is being built (`tickets.recount`), a separate transaction counts
them there first, and stores the generation's name in each event.
"""

from collections.abc import Iterable, Iterator, Sequence

from helpdesk.events import outbox
from helpdesk.events.history import Event
from helpdesk.index import counters
from helpdesk.storage import generations, transact
from helpdesk.storage.keys import Key
from helpdesk.storage.reading import report
from helpdesk.storage.transact import Cancelled, Write

MOST_EVENTS, MOST_COUNTERS = 45, 50
"""Most events and counters of one transaction: DynamoDB allows a hundred items (docs/aws.md
m32).
"""


def count(waiting: Iterable[Event]) -> list[Event]:
    """Counts events that wait for `project`; returns those that another delivery has counted. After
    an error some may be counted, and the others still wait.

    Raises:
        ChangedUnderYou: Others kept changing the counters.
    """
    return [event for group in _groups(waiting) for event in _count(group)]


def _groups(waiting: Iterable[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    for event in waiting:
        if len(group) == MOST_EVENTS or len(_counters([*group, event])) > MOST_COUNTERS:
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _counters(waiting: Iterable[Event]) -> set[Key]:
    return {key for event in waiting for key, _ in counters.changes(event)}


def _count(group: Sequence[Event]) -> list[Event]:
    seen, waiting = generations.seen(), group
    if seen.building is not None and seen.counting:
        new = [event for event in group if event.generation != seen.building]
        _count_in(seen.building, new, last=False)
        # They have been marked.
        waiting = outbox.load([event.id for event in group], "project")
    counted = {event.id for event in _count_in(seen.serving, waiting, last=True)}
    return [event for event in group if event.id not in counted]


def _count_in(generation: str, group: Sequence[Event], *, last: bool) -> Sequence[Event]:
    """Counts those of these events in a generation that are not counted there yet, and marks all:
    as counted there, or, for the `last` generation, as done. Returns those that this call has
    marked.
    """
    waiting: Sequence[Event] = group
    damaged: set[Key] = set()
    while waiting:
        marks = [_mark(event, generation, last=last) for event in waiting]
        added = counters.additions(_sums(waiting, generation, last=last), damaged)
        try:
            transact.commit_retried([*marks, *added], generation)
        except Cancelled as cancelled:
            # Another delivery has counted some of them, or `notify` has finished one: those that
            # still wait are tried again. Each can change only twice, so this ends. A damaged
            # counter stays as it is: lists count its bucket themselves.
            for key in {write.key for write in added} & cancelled.failed.keys():
                report("counter", key, "TypeError")
                damaged.add(key)
            waiting = outbox.load([event.id for event in waiting], "project")
            if not last:
                waiting = [event for event in waiting if event.generation != generation]
        else:
            break
    return waiting


def _mark(event: Event, generation: str, *, last: bool) -> Write:
    if not last:
        return outbox.counted_in(event, generation)
    # A delivery that still sees the generation as being built may count the event there.
    unless = "" if event.generation == generation else generation
    return outbox.finished(event, "project", unless_counted_in=unless)


def _sums(waiting: Sequence[Event], generation: str, *, last: bool) -> counters.Sums:
    """The sums of these events: for a generation, of those not counted there yet; for counters
    without generation, of all events, with the last generation.
    """
    new = [event for event in waiting if not generation or event.generation != generation]
    sums = {at: n for at, n in counters.total(new).items() if not _beside(at)}
    if last:
        sums |= {at: n for at, n in counters.total(waiting).items() if _beside(at)}
    return sums


def _beside(counter: tuple[Key, str]) -> bool:
    return counter[0].pk.startswith(generations.BESIDE)
