"""Deletes a ticket permanently, with everything that belongs to it (docs/architecture.md;
docs/aws.md m17).

One transaction removes the number and the ticket, so every write that is conditional on either
fails from then on. It leaves two events. `deleted` is history: it records that a ticket had this
number, and none of its contents. The tombstone is the deletion job, which `project` carries out:
children lose their parent; mails, history, entries, files and postings are removed a page at a
time, with the far side of links and the pointers of mentions and bookings; the tombstone is removed
last. Each step is idempotent, so the next delivery resumes where one stopped. A third event removes
the ticket from its tags' counts.

Two things remain besides the `deleted` event: people, and the Message-ID records of mails received
or sent, so that a redelivered mail is still recognised. Backups and old object versions expire on
their own.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from helpdesk import operations, sent_mail
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Damaged, NotAllowed, NotFound
from helpdesk.events import history, outbox
from helpdesk.events.history import Event, facets_of, ticket_event
from helpdesk.files import downloads
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Entry
from helpdesk.model.relations import INVERSE
from helpdesk.model.tickets import Ticket
from helpdesk.storage import (
    aws,
    entry_items,
    generations,
    objects,
    table,
    ticket_items,
    transact,
)
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    Key,
    Where,
    accounting_pointer_key,
    child_key,
    entry_pointer_key,
    file_key,
    folder_key,
    link_key,
    mention_pointer_key,
    merged_key,
    number_key,
    padded,
    suffix_key,
    ticket_key,
)
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import links, mentions, recount, relations, tags
from helpdesk.tickets.find import find_items, reference_keys, resolve_reference

TOMBSTONE = "tombstone"
"""The kind of the event that is a deletion job."""

CHILDREN, EVENTS, ENTRIES, OTHERS = 25, 20, 10, 100
"""Items that one step removes. Few entries, since their whole bodies are read; few events, since
each queries its mails in a thread of the pool.
"""

MOST_SECONDS = 15.0
"""How long one delivery works; an unfinished job is queued again."""

Follow = Callable[[Sequence[Event]], None]
"""Handles events as `project` does, including their counters."""


# --- the operation --------------------------------------------------------------------------


def delete_ticket(actor: Actor, ref: int | str) -> Ticket:
    """Deletes a ticket and returns it as it was.

    Three round trips: the reference, the ticket, the transaction. A concurrent write to the ticket
    either precedes the deletion or is refused. Rules: docs/osticket.md, rows E and 37.

    Raises:
        NotFound: No such ticket for this actor, or no longer.
        NotAllowed: The key is a customer's.
        ChangedUnderYou: Others kept changing the ticket.
    """
    if actor.customer is not None:
        raise NotAllowed("can_delete_tickets")
    for _ in transact.attempts():
        found, _ids = operations.first_round_trip(reference_keys(ref))
        known = cache.current(found)
        try:
            (item,) = find_items(actor, {"ticket": ref}, found, known)
            ticket = ticket_items.as_ticket(item)
        except Damaged:
            return _delete_damaged(actor, ref, found, known)
        if _delete(actor, ticket, known):
            return ticket
    raise ChangedUnderYou


def _delete_damaged(
    actor: Actor, ref: int | str, found: Mapping[Key, Item], known: Catalogue
) -> Ticket:
    """Deletes a damaged ticket; returns the part that could be read. The counters are reduced by
    the values that could be read.
    """
    number = resolve_reference(ref, found, known) or 0
    item = table.get(ticket_key(number))
    if item is None:
        raise NotFound("ticket", ref)
    ticket = ticket_items.salvage(number, item)
    if not ticket.number and number_key(str(ref)) in found:
        ticket = replace(ticket, number=str(ref))
    # A change since the read may have repaired it.
    same: dict[str, Any] = {n: item[n] for n in ("version", "parent") if n in item}
    if not _delete(actor, ticket, known, same):
        raise ChangedUnderYou
    return ticket


def _delete(
    actor: Actor, ticket: Ticket, known: Catalogue, same: Mapping[str, Any] | None = None
) -> bool:
    """Whether the ticket was deleted; False if somebody changed it meanwhile. `same` are the
    attributes to compare for a ticket that cannot be read.
    """
    at = now()
    event = ticket_event(
        "deleted",
        actor,
        ticket.id,
        at,
        todo=["project"],
        before=facets_of(ticket, known.state_of(ticket)) if ticket.status else None,
        data={"number": ticket.number},
        days=history.AUDIT_DAYS,
    )
    try:
        operations.commit(event, _removal(ticket, at, same))
    except Cancelled:
        return False
    return True


def _removal(ticket: Ticket, at: datetime, same: Mapping[str, Any] | None) -> list[Write]:
    names = {"number": ticket.number, "subject": ticket.subject}
    if same is None:
        condition, values = links.under_the_same(ticket)
        condition, values = f"#version = :version AND {condition}", dict(values)
        values[":version"] = ticket.version
        placeholders = {"#version": "version"}
    else:
        condition = " AND ".join(["attribute_exists(pk)", *(f"#{n} = :{n}" for n in same)])
        values = {f":{name}": value for name, value in same.items()}
        placeholders = {f"#{name}": name for name in same}
    writes = [
        ticket_event(TOMBSTONE, SYSTEM, ticket.id, at, todo=["project"], data=names),
        transact.delete(
            ticket_key(ticket.id), condition=condition, values=values, names=placeholders
        ),
    ]
    if ticket.number:
        writes.append(transact.delete(number_key(ticket.number)))
    if ticket.parent is not None:
        writes.append(transact.delete(child_key(ticket.parent, ticket.id)))
    if ticket.merged_into is not None:
        writes.append(transact.delete(merged_key(ticket.merged_into, ticket.id)))
    if ticket.tags:
        writes.append(tags.tag_event(SYSTEM, ticket.id, at, "untagged", ticket.tags))
    return writes


# --- what follows ---------------------------------------------------------------------------


def purge(tombstones: Iterable[Event], follow: Follow) -> None:
    """Carries out deletion jobs, each as far as time allows. Idempotent.

    Events of the ticket that `project` has not yet handled are passed to `follow` before they are
    removed, since the `deleted` event subtracts what they add to the counters.

    Raises:
        ChangedUnderYou: Others kept changing one of the items.
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
        ids = list(readable(ticket_items.child_of, children))
        aws.together(*(partial(_orphan, ticket, child) for child in ids))
        yield
    for page in _pages(ticket, "V#", EVENTS):
        if events := [item for item in page if not _stays(item, tombstone)]:
            _remove_events(events, follow)
            yield
    for thread in _pages(ticket, "E#", ENTRIES):
        _remove_entries(ticket, thread)
        yield
    _remove_suffixes(ticket, _texts(tombstone, "subject"), "".join(_texts(tombstone, "number")))
    for kind, key_of in _POINTED:
        for page in _pages(ticket, kind, OTHERS):
            _delete_all(readable(partial(key_of, ticket), page))
            _delete_all(map(_key, page))
            yield
    for page in _pages(ticket, "", OTHERS):
        if others := [_key(item) for item in page if not item["sk"].startswith("V#")]:
            _delete_all(others)
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
    """Removes a child from the ticket, if it is still its child."""
    at, link = now(), child_key(parent, child)
    freed = transact.set_attributes(
        ticket_key(child),
        {"updated": to_iso(at), "s2": f"{to_iso(at)}#{padded(child)}"},
        remove=["parent"],
        condition="#parent = :parent",
        values={":parent": parent},
    )
    event = ticket_event("unlinked", SYSTEM, child, at, todo=(), data={"parent": parent})
    try:
        operations.commit(event, [freed, transact.delete(link)])
    except Cancelled:
        # The child has another parent by now, or was deleted.
        transact.write(transact.delete(link))


# --- links, mentions, booked time -----------------------------------------------------------


def _other_side(ticket: int, item: Item) -> Key:
    """The key of a link's item in the other ticket's partition."""
    kind, other = relations.named(item)
    return link_key(other, INVERSE[kind], ticket)


def _mention_pointer(ticket: int, item: Item) -> Key:
    return mention_pointer_key(mentions.as_mention(ticket, item).id)


def _accounting_pointer(_ticket: int, item: Item) -> Key:
    return accounting_pointer_key(item["id"])


_POINTED = (("L#", _other_side), ("U#", _mention_pointer), ("W#", _accounting_pointer))
"""Items of a ticket with a counterpart in another partition: the prefix of their sort keys, and a
function that gives the counterpart's key.
"""


# --- history and mails ----------------------------------------------------------------------


def _stays(item: Item, tombstone: Event) -> bool:
    return item.get("kind") == "deleted" or _key(item) == tombstone.id


def _remove_events(items: Sequence[Item], follow: Follow) -> None:
    known = list(readable(_as_event, items))
    waiting = [event for event in known if "project" in event.todo]
    follow(waiting)
    for event in waiting:
        # The postings of the older subject have not been removed yet.
        _remove_suffixes(event.ticket or 0, _texts(event, "subject"))
    _recount(items)
    ids = [_key(item) for item in items]
    aws.together(*(partial(sent_mail.forget_mails, event) for event in ids))
    _delete_all(ids)


def _recount(items: Sequence[Item]) -> None:
    """Counts the ticket in a new generation of the index while its events still exist to tell its
    state.
    """
    if generations.seen().building is not None:
        # The new generation may have started counting since this delivery began.
        table.fetch([CATALOGUE_VERSION])
        tickets = {item["ticket"] for item in items if type(item.get("ticket")) is int}
        recount.recount(sorted(tickets))


def _as_event(item: Item) -> Event:
    return history.as_event(_key(item), item)


def _texts(event: Event, name: str) -> list[str]:
    """The texts in an event's attribute: one, or the one before and the one after."""
    value = event.data.get(name, ())
    found = [value] if isinstance(value, str) else value
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


# --- the thread -----------------------------------------------------------------------------


def _remove_entries(ticket: int, page: Sequence[Item]) -> None:
    """Removes some entries and everything that belongs to them.

    Postings are removed before the bodies, from which they are derived; the entries' items are
    removed last, since only they name the rest.
    """
    read = list(readable(partial(entry_items.entry_and_body, ticket), page))
    entries = [entry for entry, _ in read]
    bodies = [body for _, body in read]
    _delete_all(_entry_postings(entries, bodies), where="index")
    files = [file for entry in entries for file in entry.attachments]
    stored = [*filter(None, bodies), *(file.object for file in files)]
    mails = [entry.raw for entry in entries if entry.raw]
    documents = [key for file in files for key in downloads.documents(file)]
    objects.delete([*stored, *mails, *documents])
    _delete_all(
        [
            *(entry_pointer_key(entry.id) for entry in entries),
            *(file_key(file.id) for file in files),
            *(folder_key(objects.folder_name(key)) for key in stored),
        ]
    )
    _delete_all(map(_key, page))


def _delete_all(keys: Iterable[Key], *, where: Where = "desk") -> None:
    transact.write_many([transact.delete(key, where=where) for key in keys])


def _entry_postings(entries: Sequence[Entry], bodies: Sequence[str | None]) -> set[Key]:
    """The postings of these entries, both with and without the desk's reply separator."""
    reads = [partial(_with_body, *pair) for pair in zip(entries, bodies, strict=True)]
    separators = {"", cache.seen().settings.reply_separator}
    return {
        write.key
        for entry in aws.together(*reads)
        for separator in separators
        for write in postings.entry_postings(entry, 0, separator)
    }


def _with_body(entry: Entry, body: str | None) -> Entry:
    try:
        return entry_items.with_body(entry, body) if body else entry
    except (NotFound, Damaged):
        # An earlier delivery removed the body, and before that its postings.
        return entry


def _remove_suffixes(ticket: int, subjects: Iterable[str], number: str = "") -> None:
    keys = {
        *(suffix_key(s, ticket, "subject") for one in subjects for s in postings.suffixes(one)),
        *(suffix_key(s, ticket, "number") for s in postings.suffixes(number)),
    }
    _delete_all(keys, where="index")
