"""Deleting a ticket, for good, and all that goes with it (docs/architecture.md; docs/aws.md m17).

One transaction: number and ticket are gone, and with them everything that asks for either. It
leaves two events. `deleted` is history: there was a ticket with this number, and nothing of what it
said. The other one is the tombstone, which `project` works off: children lose their parent; mails,
history, thread, files and postings go, a page at a time; the tombstone goes last. Each step may be
done again, so what breaks off, or has to stop, is taken up by the next delivery.

Two things stay beside the event: people, and the marks of mails that came in or went out, so that
one that comes once more is still known. Backups and old versions of objects go when their days are
over.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from helpdesk import sent_mail
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, NotAllowed, NotFound
from helpdesk.events import history, outbox
from helpdesk.events.history import Event, facets_of, ticket_event
from helpdesk.files import downloads
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Entry
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, objects, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    Key,
    child_key,
    entry_pointer_key,
    file_key,
    folder_key,
    number_key,
    padded,
    suffix_key,
    ticket_key,
)
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import links
from helpdesk.tickets.find import find_items, reference_keys

TOMBSTONE = "tombstone"
"""The event that tells what is left to be removed."""

CHILDREN, EVENTS, ENTRIES, OTHERS = 25, 20, 10, 100
"""What one step takes together. Few entries, since their bodies are read whole; few events, since
each asks for its mails in a thread that may need others.
"""

MOST_SECONDS = 15.0
"""How long one delivery goes on removing; what is left then is queued again."""

Follow = Callable[[Sequence[Event]], None]
"""Does what follows from events, counting them among it."""


# --- the operation --------------------------------------------------------------------------


def delete_ticket(actor: Actor, ref: int | str) -> Ticket:
    """Deletes a ticket; gives it as it was.

    Three trips: what the reference names, the ticket, the transaction. Whatever else is written to
    the ticket at this moment comes before it or is refused. Rules: docs/osticket.md, rows E and 37.
    Errors: NotFound, also for what the actor may not see and what has just been deleted; NotAllowed
    for a customer's key; ChangedUnderYou, Throttled, Unavailable.
    """
    if actor.customer is not None:
        raise NotAllowed("can_delete_tickets")
    for _ in transact.attempts():
        found: dict[Key, Item] = {}
        keys = [*reference_keys(ref), CATALOGUE_VERSION]
        aws.together(lambda: found.update(table.fetch(keys)), *cache.if_cold())  # noqa: B023
        known = cache.current(found)
        (item,) = find_items(actor, {"ticket": ref}, found, known)
        ticket = ticket_items.as_ticket(item)
        if _delete(actor, ticket, known):
            return ticket
    raise ChangedUnderYou


def _delete(actor: Actor, ticket: Ticket, known: Catalogue) -> bool:
    """Whether the ticket is deleted; not where somebody has changed it meanwhile."""
    at = now()
    told = ticket_event(
        "deleted",
        actor,
        ticket.id,
        at,
        todo=["project"],
        before=facets_of(ticket, known.statuses[ticket.status].state),
        data={"number": ticket.number},
        days=history.AUDIT_DAYS,
    )
    try:
        history.carry_out([told, *_removal(ticket, at)], told.key)
    except Cancelled:
        return False
    return True


def _removal(ticket: Ticket, at: datetime) -> list[Write]:
    left = {"number": ticket.number, "subject": ticket.subject}
    linked, values = links.under_the_same(ticket)
    writes = [
        ticket_event(TOMBSTONE, SYSTEM, ticket.id, at, todo=["project"], data=left),
        transact.delete(
            ticket_key(ticket.id),
            condition=f"#version = :version AND {linked}",
            values={":version": ticket.version, **values},
            names={"#version": "version"},
        ),
        transact.delete(number_key(ticket.number)),
    ]
    if ticket.parent is not None:
        writes.append(transact.delete(child_key(ticket.parent, ticket.id)))
    return writes


# --- what follows ---------------------------------------------------------------------------


def purge(tombstones: Iterable[Event], follow: Follow) -> None:
    """Removes what tombstones tell of, each as far as time allows. May be done again. Events of the
    ticket that still wait for `project` are handed to `follow` before they go: what they add to the
    counters, the `deleted` event takes away.

    Errors: Throttled, Unavailable, ChangedUnderYou.
    """
    until = time.monotonic() + MOST_SECONDS
    for tombstone in tombstones:
        for _ in _steps(tombstone, follow):
            if time.monotonic() > until:
                outbox.queue_again(tombstone, "project")
                break


def _steps(tombstone: Event, follow: Follow) -> Iterator[None]:
    ticket = tombstone.ticket or 0
    for children in _pages(ticket, "C#", CHILDREN):
        aws.together(*(partial(_orphan, ticket, int(item["sk"][2:])) for item in children))
        yield
    for page in _pages(ticket, "V#", EVENTS):
        if told := [item for item in page if not _stays(item, tombstone)]:
            _forget(told, follow)
            yield
    for thread in _pages(ticket, "E#", ENTRIES):
        _remove_entries(ticket, thread)
        yield
    _remove_suffixes(ticket, [tombstone.data["subject"]], tombstone.data["number"])
    for page in _pages(ticket, "", OTHERS):
        if others := [_key(item) for item in page if not item["sk"].startswith("V#")]:
            transact.write_many([transact.delete(key) for key in others])
            yield
    transact.write(transact.delete(tombstone.id))


def _pages(ticket: int, begins: str, size: int) -> Iterator[list[Item]]:
    found = table.query(ticket_key(ticket).pk, begins=begins or None)
    while page := list(islice(found, size)):
        yield page


def _key(item: Item) -> Key:
    return Key(item["pk"], item["sk"])


# --- children -------------------------------------------------------------------------------


def _orphan(parent: int, child: int) -> None:
    """Takes a child from under the ticket, if it still is there."""
    at, under = now(), child_key(parent, child)
    freed = transact.update(
        ticket_key(child),
        "SET updated = :updated, s2 = :s2 REMOVE parent",
        {
            ":updated": to_iso(at),
            ":s2": f"{to_iso(at)}#{padded(child)}",
            ":parent": parent,
        },
        condition="parent = :parent",
    )
    told = ticket_event("unlinked", SYSTEM, child, at, todo=(), data={"parent": parent})
    try:
        transact.commit_retried([freed, told, transact.delete(under)])
    except Cancelled:
        # It is under another one by now, or gone itself.
        transact.write(transact.delete(under))


# --- history and mails ----------------------------------------------------------------------


def _stays(item: Item, tombstone: Event) -> bool:
    return item["kind"] == "deleted" or _key(item) == tombstone.id


def _forget(told: Sequence[Item], follow: Follow) -> None:
    known = [history.as_event(_key(item), item) for item in told]
    waiting = [event for event in known if "project" in event.todo]
    follow(waiting)
    for event in waiting:
        if "subject" in event.data:
            # Nobody has taken the old subject out of the lists yet.
            _remove_suffixes(event.ticket or 0, event.data["subject"])
    aws.together(*(partial(sent_mail.forget_mails, event.id) for event in known))
    transact.write_many([transact.delete(event.id) for event in known])


# --- the thread -----------------------------------------------------------------------------


def _remove_entries(ticket: int, thread: Sequence[Item]) -> None:
    """Removes some entries with all that is theirs. Postings go before the bodies that say which
    there are; an entry's own item goes last, since it alone names the rest.
    """
    entries = [ticket_items.as_entry(ticket, item) for item in thread]
    bodies: list[str | None] = [item.get("object") for item in thread]
    reads = [partial(_with_body, *found) for found in zip(entries, bodies, strict=True)]
    separators = {"", cache.seen().settings.reply_separator}
    posted = {
        write.key
        for entry in aws.together(*reads)
        for separator in separators
        for write in postings.entry_postings(entry, 0, separator)
    }
    transact.write_many([transact.delete(key, where="index") for key in posted])
    files = [file for entry in entries for file in entry.attachments]
    put = [*filter(None, bodies), *(file.object for file in files)]
    raw = [entry.raw for entry in entries if entry.raw]
    objects.delete([*put, *raw, *(key for file in files for key in downloads.documents(file))])
    pointers = [
        *(entry_pointer_key(entry.id) for entry in entries),
        *(file_key(file.id) for file in files),
        *(folder_key(objects.folder_mark(key)) for key in put),
    ]
    transact.write_many([transact.delete(key) for key in pointers])
    transact.write_many([transact.delete(_key(item)) for item in thread])


def _with_body(entry: Entry, body: str | None) -> Entry:
    try:
        (whole,) = ticket_items.with_bodies([(entry, body)])
    except NotFound:
        # An earlier delivery has got as far as that, and so beyond the postings.
        return entry
    return whole


def _remove_suffixes(ticket: int, subjects: Iterable[str], number: str = "") -> None:
    keys = {
        *(suffix_key(s, ticket, "subject") for one in subjects for s in postings.suffixes(one)),
        *(suffix_key(s, ticket, "number") for s in postings.suffixes(number)),
    }
    transact.write_many([transact.delete(key, where="index") for key in keys])
