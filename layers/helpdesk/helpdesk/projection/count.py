"""Counts events, each exactly once: one transaction adds to the counters and removes `project` from
the events (docs/aws.md m32).
"""

from collections.abc import Iterable, Iterator, Sequence

from helpdesk.events import outbox
from helpdesk.events.history import Event
from helpdesk.index import counters
from helpdesk.storage import transact
from helpdesk.storage.keys import Key
from helpdesk.storage.reading import report
from helpdesk.storage.transact import Cancelled

MOST_EVENTS, MOST_COUNTERS = 45, 50
"""What one transaction takes together: DynamoDB allows a hundred items (docs/aws.md m32)."""


def count(waiting: Iterable[Event]) -> list[Event]:
    """Counts events that wait for `project`; gives those that another delivery has counted.

    After an error some may be counted, and the others wait.

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
    waiting: Sequence[Event] = group
    damaged: set[Key] = set()
    while waiting:
        finished = [outbox.finished(event, "project") for event in waiting]
        added = counters.additions(counters.total(waiting), damaged)
        try:
            transact.commit_retried([*finished, *added])
        except Cancelled as cancelled:
            # Another delivery has counted some of them, or `notify` has finished one: those that
            # still wait are counted again. Each can change only twice, so this ends. A counter that
            # is no number stays as it is: lists count anew what it stands for.
            for key in {write.key for write in added} & cancelled.failed.keys():
                report("counter", key, "TypeError")
                damaged.add(key)
            waiting = outbox.load([event.id for event in waiting], "project")
        else:
            break
    counted = {event.id for event in waiting}
    return [event for event in group if event.id not in counted]
