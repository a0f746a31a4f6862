"""Changes of single entries: visibility, a caller's own values, and removal.

Words are indexed by ticket, not by entry. So an event lists the words that an entry had, and
`project` removes those that no other entry of the ticket has.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Damaged, NotAllowed, NotFound
from helpdesk.events.history import Event, ticket_event
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry, EntryKind, channel_of, sender_of
from helpdesk.model.tickets import Ticket
from helpdesk.scope import visible
from helpdesk.storage import entry_items, objects, table, ticket_items, transact
from helpdesk.storage.attributes import Item, as_document
from helpdesk.storage.keys import (
    entry_key,
    entry_pointer_key,
    file_key,
    folder_key,
    ticket_key,
)
from helpdesk.storage.reading import reference
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entry_words

CHANGED, DELETED = "entry_changed", "entry_deleted"


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry with its ticket; `item` is the item as read, `body` the S3 key of a long body."""

    entry: Entry
    ticket: Ticket
    item: Item


def find_entry(actor: Actor, number: int) -> FoundEntry:
    """An entry by its id; three round trips, one more for a long body.

    Raises:
        NotFound: `article`: no such entry for this actor; a customer does not see notes.
        Damaged: The entry or its ticket cannot be read.
    """
    pointed = reference(table.get(entry_pointer_key(number)), "ticket")
    if pointed is None:
        raise NotFound("article", number)
    place, above = entry_key(pointed, number), ticket_key(pointed)
    found, _ = operations.first_round_trip([place, above])
    cache.current(found)
    if place not in found or above not in found:
        raise NotFound("article", number)
    item, ticket = found[place], _above(actor, found[above], number)
    entry, body = entry_items.entry_and_body(ticket.id, item)
    if not visible(actor, ticket) or (actor.customer is not None and entry.internal):
        raise NotFound("article", number, hidden=True)
    (entry,) = entry_items.with_bodies([(entry, body)])
    return FoundEntry(entry, ticket, item)


def _above(actor: Actor, item: Item, entry: int) -> Ticket:
    try:
        return ticket_items.as_ticket(item)
    except Damaged:
        if actor.bound:
            raise NotFound("article", entry, hidden=True) from None
        raise


def change_entry(
    actor: Actor,
    number: int,
    *,
    internal: bool | None = None,
    preferences: Mapping[str, object] | None = None,
) -> Entry:
    """Makes an entry internal or public; `preferences` are merged into the existing ones.

    Round trips as `find_entry`, and one transaction.

    Raises:
        NotFound: `article`: no such entry for this actor.
        NotAllowed: The key is a customer's.
        ChangedUnderYou: Others kept changing the entry.
    """
    for _ in transact.attempts():
        found = find_entry(actor, number)
        if actor.customer is not None:
            raise NotAllowed("can_update_tickets")
        before, at = found.entry, now()
        after = replace(before, preferences={**before.preferences, **(preferences or {})})
        if internal is not None and internal != before.internal:
            after = replace(after, kind=_kind(before, internal=internal))
        if after == before:
            return before
        after = replace(
            after,
            channel=channel_of(before),
            sender=sender_of(before),
            updated=at,
            updated_by=actor.me,
        )
        try:
            operations.commit(_event(CHANGED, actor, before, at), _changes(before, after, at))
        except Cancelled:
            continue
        return after
    raise ChangedUnderYou


def _kind(entry: Entry, *, internal: bool) -> EntryKind:
    if internal:
        return "note"
    return "message" if sender_of(entry) == "customer" else "response"


def _changes(before: Entry, after: Entry, at: datetime) -> list[Write]:
    values: dict[str, Any] = {
        "kind": after.kind,
        "channel": after.channel,
        "sender": after.sender,
        "updated": to_iso(at),
        "updated_by": after.updated_by,
        "preferences": as_document(after.preferences),
    }
    values = {name: value for name, value in values.items() if value is not None}
    entry = transact.set_attributes(
        entry_key(before.ticket, before.id),
        values,
        condition="#kind = :seen",
        values={":seen": before.kind},
    )
    return [entry, _touch(before.ticket, at)]


def _touch(ticket: int, at: datetime) -> Write:
    """The write that advances a ticket's time of update."""
    values = {"updated": to_iso(at), "s2": ticket_items.by_update(at, ticket)}
    return transact.set_attributes(ticket_key(ticket), values, condition="attribute_exists(pk)")


def _event(kind: str, actor: Actor, entry: Entry, at: datetime, **data: object) -> Write:
    words = postings.entry_words(entry, cache.seen().settings.reply_separator)
    told = {"entry": entry.id, "was": entry.kind, "words": words, **data}
    return ticket_event(kind, actor, entry.ticket, at, todo=["project"], data=told)


def delete_entry(actor: Actor, number: int) -> Entry:
    """Removes an entry with its files and returns it as it was.

    Round trips as `find_entry`, and one transaction. Its objects in S3 are removed later.

    Raises:
        NotFound: `article`: no such entry for this actor.
        NotAllowed: The key is a customer's.
        ChangedUnderYou: Others kept changing the ticket.
    """
    for _ in transact.attempts():
        found = find_entry(actor, number)
        if actor.customer is not None:
            raise NotAllowed("can_delete_tickets")
        entry, ticket, at = found.entry, found.ticket, now()
        stored = [*filter(None, [found.item.get("object")]), *(f.object for f in entry.attachments)]
        event = _event(DELETED, actor, entry, at, objects=stored)
        left = [one for one in ticket.entries if one != number]
        writes = [
            transact.delete(entry_key(ticket.id, number), condition="attribute_exists(pk)"),
            transact.delete(entry_pointer_key(number)),
            *(transact.delete(file_key(file.id)) for file in entry.attachments),
            *(transact.delete(folder_key(name)) for name in {*map(objects.folder_name, stored)}),
            _without(ticket, left, at),
        ]
        try:
            operations.commit(event, writes)
        except Cancelled:
            continue
        return entry
    raise ChangedUnderYou


def _without(ticket: Ticket, left: Sequence[int], at: datetime) -> Write:
    values = {
        "entries": left,
        "updated": to_iso(at),
        "s2": ticket_items.by_update(at, ticket.id),
    }
    # Entries are appended without raising the version, so the condition is on the list that was
    # read.
    return transact.set_attributes(
        ticket_key(ticket.id),
        values,
        condition="#entries = :seen",
        values={":seen": list(ticket.entries)},
    )


# --- what follows ---------------------------------------------------------------------------


def follow(events: Iterable[Event]) -> None:
    """Removes the words and objects that changed and deleted entries left behind. Idempotent.

    Raises:
        ChangedUnderYou: Others kept changing one of the items.
    """
    for event in events:
        if event.kind in {CHANGED, DELETED} and event.ticket is not None:
            with suppress(Damaged):
                seen = postings.seen_of(event.data["was"])
                words = {seen: event.data.get("words", ())}
                entry_words.remove(event.ticket, words, cache.seen().settings.reply_separator)
            if stored := event.data.get("objects"):
                objects.delete(list(stored))
            _forget_words(event)


def _forget_words(event: Event) -> None:
    """Removes the words from the event, so that none of an entry's content stays in the history."""
    forget = transact.update(
        event.id,
        "REMOVE #data.#words, #data.#objects",
        condition="attribute_exists(pk)",
        names={"#data": "data", "#words": "words", "#objects": "objects"},
    )
    try:
        transact.write(forget)
    except transact.ConditionFailed:
        return
