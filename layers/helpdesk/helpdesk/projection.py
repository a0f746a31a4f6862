"""What follows from an event: search postings, people who join, gateway keys, counters.

Everything but the counters may be done twice without harm, so it is done first; counting takes
`project` off the events, so that each is counted exactly once however often it is delivered [m32].
"""

from collections.abc import Iterator, Sequence

from helpdesk import catalogue, counting, gatekeeping, outbox, participants, search
from helpdesk.events import Event
from helpdesk.storage import people, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.table import CATALOGUE_VERSION, Item, Key, Write


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
    counting.count(waiting)


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
