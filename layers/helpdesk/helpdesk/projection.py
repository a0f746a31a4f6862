"""What follows from an event: search postings, people who join, gateway keys, counters.

Everything but the counters may be done twice without harm, so it is done first; then one
transaction adds up the counters and takes `project` off the events, so that each is counted exactly
once however often it is delivered [m32].
"""

from collections.abc import Iterable, Iterator, Sequence

from helpdesk import catalogue, gatekeeping, outbox, participants, search, stats
from helpdesk.events import Event
from helpdesk.storage import people, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.table import CATALOGUE_VERSION, Cancelled, Item, Key, Write

MOST_EVENTS, MOST_COUNTERS = 45, 50
"""What one transaction takes together: DynamoDB allows a hundred items [m32]."""


def project(keys: Sequence[Key]) -> None:
    """Does what follows from these events, once. Errors: Throttled, Unavailable, ChangedUnderYou;
    then some may be done, and the same call again does the rest.
    """
    waiting = outbox.load(keys, "project")
    if not waiting:
        return
    _index([event for event in waiting if event.ticket is not None])
    participants.invite(waiting)
    gatekeeping.follow(waiting)
    for group in _groups(waiting):
        _count(group)


# --- search ---------------------------------------------------------------------------------


def _index(waiting: Sequence[Event]) -> None:
    wanted = [key for event in waiting for key in _sources(event)]
    if wanted:
        found = table.fetch([CATALOGUE_VERSION, *wanted])
        separator = catalogue.current(found).settings.reply_separator
        table.write_many(
            [write for event in waiting for write in _postings(event, found, separator)]
        )


def _sources(event: Event) -> Iterator[Key]:
    ticket = event.ticket or 0
    yield table.ticket_key(ticket)
    if "entry" in event.data:
        yield table.entry_key(ticket, event.data["entry"])
    if event.data.get("new_person") and event.person is not None:
        yield table.person_key(event.person)


def _postings(event: Event, found: dict[Key, Item], separator: str) -> Iterator[Write]:
    ticket_item, *rest = (found.get(key) for key in _sources(event))
    if ticket_item is None:
        return  # deleted meanwhile: there is nothing left to be found
    ticket = stored.as_ticket(ticket_item)
    if event.before is None and event.after is not None:
        yield from search.ticket_postings(ticket)
    for key, item in zip(list(_sources(event))[1:], rest, strict=True):
        if item is None:
            continue
        if key.sk == "A":
            yield from search.person_postings(people.as_person(item))
        else:
            (entry,) = stored.with_bodies([(stored.as_entry(ticket.id, item), item.get("object"))])
            yield from search.entry_postings(entry, ticket.version, separator)


# --- counters -------------------------------------------------------------------------------


def _groups(waiting: Iterable[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    for event in waiting:
        if len(group) == MOST_EVENTS or len(_counters([*group, event])) > MOST_COUNTERS:
            yield group
            group = []
        group.append(event)
    yield group


def _counters(waiting: Iterable[Event]) -> set[Key]:
    return {key for event in waiting for key, _ in stats.changes(event)}


def _count(group: Sequence[Event]) -> None:
    waiting: Sequence[Event] = group
    while waiting:
        marks = [outbox.finished(event, "project") for event in waiting]
        try:
            table.commit_retried([*marks, *stats.additions(stats.total(waiting))])
        except Cancelled:
            # Another delivery has counted some of them, or `notify` is through with one: those
            # that still wait are counted anew. Each can move only twice, so this ends.
            waiting = outbox.load([event.id for event in waiting], "project")
        else:
            return
