"""What follows from an event: search postings, people who join, gateway keys, counters; and all of
a deleted ticket goes.

Everything but the counters may be done twice without harm, so it is done first; counting takes
`project` off the events, so that each is counted exactly once however often it is delivered [m32].
"""

from collections.abc import Iterator, Mapping, Sequence

from helpdesk import catalogue, counting, deletion, gatekeeping, outbox, participants, search
from helpdesk.events import Event
from helpdesk.storage import people, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.table import CATALOGUE_VERSION, Item, Key, Write


def project(keys: Sequence[Key]) -> None:
    """Does what follows from these events, once. Errors: Throttled, Unavailable, ChangedUnderYou;
    then some may be done, and the same call again does the rest.
    """
    waiting = outbox.load(keys, "project")
    tombstones = [event for event in waiting if event.kind == deletion.TOMBSTONE]
    _follow([event for event in waiting if event not in tombstones])
    deletion.clean_up(tombstones, _follow)


def _follow(waiting: Sequence[Event]) -> None:
    if waiting:
        posted = _index([event for event in waiting if event.ticket is not None])
        participants.invite(waiting)
        gatekeeping.follow(waiting)
        _take_back(counting.count(waiting), posted)


# --- search ---------------------------------------------------------------------------------


def _index(waiting: Sequence[Event]) -> Mapping[Key, list[Write]]:
    """Posts what these events bring to be found; gives the postings of tickets, by event."""
    wanted = [key for event in waiting for key in _sources(event)]
    if not wanted:
        return {}
    found = table.fetch([CATALOGUE_VERSION, *wanted])
    separator = catalogue.current(found).settings.reply_separator
    posted = {event.id: list(_postings(event, found, separator)) for event in waiting}
    persons = (write for event in waiting for write in _person_postings(event, found))
    table.write_many([*persons, *(write for writes in posted.values() for write in writes)])
    return posted


def _sources(event: Event) -> Iterator[Key]:
    ticket = event.ticket or 0
    yield table.ticket_key(ticket)
    if "entry" in event.data:
        yield table.entry_key(ticket, event.data["entry"])
    if event.data.get("new_person") and event.person is not None:
        yield table.person_key(event.person)


def _postings(event: Event, found: Mapping[Key, Item], separator: str) -> Iterator[Write]:
    number = event.ticket or 0
    ticket_item = found.get(table.ticket_key(number))
    if ticket_item is None:
        return  # deleted meanwhile: there is nothing left to be found
    ticket = stored.as_ticket(ticket_item)
    if event.before is None and event.after is not None:
        yield from search.ticket_postings(ticket)
    if event.kind == "edited" and "subject" in event.data:
        yield from search.renamed_postings(ticket, event.data["subject"])
    if item := found.get(table.entry_key(number, event.data.get("entry", 0))):
        (entry,) = stored.with_bodies([(stored.as_entry(number, item), item.get("object"))])
        yield from search.entry_postings(entry, ticket.version, separator)


def _person_postings(event: Event, found: Mapping[Key, Item]) -> Iterator[Write]:
    # Who asked stays when the ticket is deleted.
    if event.data.get("new_person") and (item := found.get(table.person_key(event.person or 0))):
        yield from search.person_postings(people.as_person(item))


def _take_back(counted: Sequence[Event], posted: Mapping[Key, list[Write]]) -> None:
    """Removes what was posted for events that were counted elsewhere meanwhile, where the ticket is
    gone: what deleted it may have looked for postings before they were there.
    """
    tickets = {event.id: table.ticket_key(event.ticket) for event in counted if event.ticket}
    if tickets:
        found = table.fetch(list(tickets.values()))
        late = [posted[event] for event, ticket in tickets.items() if ticket not in found]
        table.write_many(
            [table.delete(write.key, where="index") for writes in late for write in writes]
        )
