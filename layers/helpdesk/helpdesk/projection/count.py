"""Counts events, each exactly once: what they add to the counters and the mark that they have been
counted are one transaction (docs/aws.md m32).
"""

from collections.abc import Iterable, Iterator, Sequence

from helpdesk.events import outbox
from helpdesk.events.history import Event
from helpdesk.index import counters
from helpdesk.storage import transact
from helpdesk.storage.keys import Key
from helpdesk.storage.transact import Cancelled

MOST_EVENTS, MOST_COUNTERS = 45, 50
"""What one transaction takes together: DynamoDB allows a hundred items (docs/aws.md m32)."""


def count(waiting: Iterable[Event]) -> list[Event]:
    """Adds up events that wait for `project`, and takes that name off them. Gives those that
    somebody else has counted meanwhile.

    Errors: ChangedUnderYou, Throttled, Unavailable; then some may be counted, and the others wait.
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
    waiting: Sequence[Event] = group
    while waiting:
        marks = [outbox.finished(event, "project") for event in waiting]
        try:
            transact.commit_retried([*marks, *counters.additions(counters.total(waiting))])
        except Cancelled:
            # Another delivery has counted some of them, or `notify` is through with one: those
            # that still wait are counted anew. Each can move only twice, so this ends.
            waiting = outbox.load([event.id for event in waiting], "project")
        else:
            break
    counted = {event.id for event in waiting}
    return [event for event in group if event.id not in counted]
