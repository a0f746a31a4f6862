"""The consumer `project`: search postings, participants, mentions, merges, tags, gateway keys,
counters, deletion jobs.

Everything but the counters is idempotent, so it is done first; counting removes `project` from the
events, so that each is counted exactly once however often it is delivered (docs/aws.md m32).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from helpdesk.catalogue import cache
from helpdesk.errors import Damaged
from helpdesk.events import outbox
from helpdesk.events.history import Event
from helpdesk.index import postings
from helpdesk.keys import usage_plan
from helpdesk.model.people import Person
from helpdesk.projection import count, directory, organizations, people
from helpdesk.storage import entry_items, person_items, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, entry_key, person_key, ticket_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Write
from helpdesk.tickets import deletion, entry_changes, mentions, moves, participants, tags


def project(keys: Sequence[Key]) -> None:
    """Handles these events. After an error some may be done; repeating the call does the rest.

    Raises:
        ChangedUnderYou: Others kept changing the items.
    """
    # The version item also lists the generations of the index.
    found = table.fetch([CATALOGUE_VERSION, *keys])
    version = {key: found.pop(key) for key in [CATALOGUE_VERSION] if key in found}
    waiting = outbox.waiting(found, "project")
    tombstones = [event for event in waiting if event.kind == deletion.TOMBSTONE]
    _follow(version, [event for event in waiting if event not in tombstones])
    deletion.purge(tombstones, partial(_follow, version))


def _follow(version: Mapping[Key, Item], waiting: Sequence[Event]) -> None:
    if waiting:
        posted = _index(version, [event for event in waiting if event.ticket is not None])
        people.follow(waiting)
        organizations.follow(waiting)
        directory.follow(waiting)
        participants.add_participants(waiting)
        mentions.follow(waiting)
        entry_changes.follow(waiting)
        moves.follow(waiting)
        tags.follow(waiting)
        usage_plan.follow(waiting)
        _remove_late(count.count(waiting), posted)


# --- search ---------------------------------------------------------------------------------


def _index(version: Mapping[Key, Item], waiting: Sequence[Event]) -> Mapping[Key, list[Write]]:
    """Writes the search postings of these events; returns those of tickets, by event."""
    wanted = [key for event in waiting for key in _sources(event)]
    if not wanted:
        return {}
    found = table.fetch(wanted)
    separator = cache.current(version).settings.reply_separator
    posted = {event.id: list(_postings(event, found, separator)) for event in waiting}
    newcomers = [person for event in waiting if (person := _new_person(event, found))]
    persons = (write for person in newcomers for write in postings.person_postings(person))
    transact.write_many([*persons, *(write for writes in posted.values() for write in writes)])
    for person in newcomers:
        people.join_organization(person)
    return posted


def _sources(event: Event) -> Iterator[Key]:
    ticket = event.ticket or 0
    yield ticket_key(ticket)
    if "entry" in event.data:
        yield entry_key(ticket, event.data["entry"])
    if event.data.get("new_person") and event.person is not None:
        yield person_key(event.person)


def _postings(event: Event, found: Mapping[Key, Item], separator: str) -> Iterator[Write]:
    number = event.ticket or 0
    ticket_item = found.get(ticket_key(number))
    try:
        ticket = ticket_items.as_ticket(ticket_item) if ticket_item else None
    except Damaged:
        ticket = None  # damaged: it gets no postings, but the event is counted
    yield from tags.postings_of(event, ticket)
    if ticket is None:
        return  # deleted meanwhile
    if event.before is None and event.after is not None:
        yield from postings.ticket_postings(ticket)
    if event.kind == "edited" and "subject" in event.data:
        yield from postings.renamed_postings(ticket, event.data["subject"])
    item = found.get(entry_key(number, event.data.get("entry", 0)))
    read = readable(partial(entry_items.entry_and_body, number), [item] if item else [])
    for entry in entry_items.with_bodies(list(read)):
        yield from postings.entry_postings(entry, ticket.version, separator)


def _new_person(event: Event, found: Mapping[Key, Item]) -> Person | None:
    # The requester stays when the ticket is deleted.
    item = found.get(person_key(event.person or 0)) if event.data.get("new_person") else None
    return next(readable(person_items.as_person, [item] if item else []), None)


def _remove_late(counted: Sequence[Event], posted: Mapping[Key, list[Write]]) -> None:
    """Removes the postings of events that another delivery has counted, if the ticket is gone: the
    deletion job may have removed the ticket's postings before these were written.
    """
    tickets = {event.id: ticket_key(event.ticket) for event in counted if event.ticket}
    if tickets:
        found = table.fetch(list(tickets.values()))
        late = [posted[event] for event, ticket in tickets.items() if ticket not in found]
        transact.write_many(
            [transact.delete(write.key, where="index") for writes in late for write in writes]
        )
