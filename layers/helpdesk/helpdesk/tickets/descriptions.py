"""The description of a ticket for its subscribers: the text of one public entry (docs/notific.md
5.3).
"""

from collections.abc import Mapping, Sequence

from helpdesk import text
from helpdesk.model.entries import Entry
from helpdesk.model.tickets import Ticket
from helpdesk.storage import entry_items, table, ticket_items
from helpdesk.storage.keys import Key, entry_key
from helpdesk.storage.reading import readable


def find(tickets: Sequence[Ticket]) -> Mapping[int, Entry]:
    """The entries that describe these tickets, by ticket: the entry written as description, else
    the first message. A ticket without either is left out; a note is never used.

    One round trip for each hundred tickets; one more if a first entry is not a message, and one if
    bodies are in S3.
    """
    wanted = {t.id: number for t in tickets if (number := _first(t))}
    found = _read([entry_key(ticket, number) for ticket, number in wanted.items()])
    entries = {entry.ticket: entry for entry in found if not entry.internal}
    unclear = [t for t in tickets if t.description is None and t.id in entries]
    others = [t for t in unclear if entries[t.id].kind != "message"]
    others += [t for t in tickets if t.id in wanted and t.id not in entries]
    if others:
        entries |= _first_messages(others)
    return entries


def as_text(entry: Entry | None) -> str:
    """The entry's body as plain text."""
    return text.as_plain(entry.body) if entry else ""


def _first(ticket: Ticket) -> int | None:
    return ticket.description or next(iter(ticket.entries), None)


def _first_messages(tickets: Sequence[Ticket]) -> dict[int, Entry]:
    threads = ticket_items.read_threads([ticket.id for ticket in tickets])
    found: dict[int, Entry] = {}
    for thread in filter(None, threads):
        for entry in thread.entries:
            if entry.kind == "message":
                found.setdefault(entry.ticket, entry)
    return found


def _read(keys: Sequence[Key]) -> list[Entry]:
    found = table.fetch(keys)
    items = [found[key] for key in keys if key in found]
    read = readable(lambda item: entry_items.entry_and_body(_ticket(item["pk"]), item), items)
    return entry_items.with_bodies(list(read))


def _ticket(partition: str) -> int:
    return int(partition.removeprefix("T#"))
