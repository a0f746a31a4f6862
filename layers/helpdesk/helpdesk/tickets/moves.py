"""Moves the content of a merged ticket to the merge target (docs/decisions/0021).

`project` does it after the merge (`merges`): first the thread, a few entries at a time, each with
its pointers in one transaction; then links, children, the parent and mentions. Each step is
idempotent, so the next delivery resumes where one stopped.

Words are added to the target, and removed from the source, before the entries move, so that an
interrupted delivery loses none. If the entries then stay, or have become internal meanwhile, the
index is corrected from the tickets' entries (`entry_words`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, Conflict, Damaged
from helpdesk.events.history import Event
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Entry
from helpdesk.model.relations import INVERSE, LinkKind
from helpdesk.model.tickets import Ticket
from helpdesk.storage import entry_items, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Seen,
    child_key,
    entry_key,
    entry_pointer_key,
    link_key,
    mention_key,
    mention_pointer_key,
    ticket_key,
)
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries, entry_words, find, links, mentions, relations
from helpdesk.tickets.links import Reparenting
from helpdesk.tickets.merges import MERGED

AT_ONCE = 20
"""Entries to move that are read at a time."""

MOST_MOVED = 90
"""Writes of one transaction that moves entries: each takes three, and one per file."""

_MERGED, _NOT_MERGED = "merged_into = :merged", "attribute_not_exists(merged_into)"


def follow(events: Iterable[Event]) -> None:
    """Moves the content of merged tickets to their targets; damaged items stay where they are.
    Idempotent.

    Raises:
        ChangedUnderYou: Others kept changing one of the tickets.
    """
    for event in events:
        if event.kind == MERGED and "into" in event.data and event.ticket is not None:
            with suppress(Damaged):
                _move(event, event.ticket, event.data["into"])


def _move(event: Event, source: int, target: int) -> None:
    note, separator = event.data["entry"], cache.current().settings.reply_separator
    tries = transact.attempts()
    while (into := _destination(source, target)) and (page := _left(source, note)):
        carried = [_move_entries(group, source, into, separator) for group in _groups(page)]
        if any(carried):
            tries = transact.attempts()
        elif next(tries, None) is None:
            raise ChangedUnderYou
    if into is None:
        _leave(source, target, note, separator)
        return
    entry_words.forget_hidden(into.id, separator)
    for kind, other in sorted(relations.linked_by_rows(source)):
        if other not in {target, into.id}:
            with suppress(Damaged):
                _move_link(kind, other, source, into.id)
    if parent := event.data.get("parent"):
        with suppress(Damaged):
            _add_parent(parent, into.id)
    for row in list(table.query(ticket_key(source).pk, begins="U#")):
        with suppress(Damaged):
            _move_mention(row, source, into.id)


def _destination(source: int, target: int) -> Ticket | None:
    """The ticket to move the content to, merged itself only if its own target is gone. None if
    either ticket is gone, or the source was reopened or merged into another one.
    """
    found = table.fetch([ticket_key(source), ticket_key(target)])
    item, into = found.get(ticket_key(source)), found.get(ticket_key(target))
    if item is None or into is None or item.get("merged_into") != target:
        return None
    return find.follow_merges(ticket_items.as_ticket(into))


# --- the thread -----------------------------------------------------------------------------


def _left(source: int, note: int) -> list[Item]:
    """The first entries still to be moved, without the note of the merge and damaged ones."""
    return list(islice(_rows(source, note), AT_ONCE))


def _rows(source: int, note: int) -> Iterator[Item]:
    def checked(row: Item) -> Item:
        entry_items.as_entry(source, row)
        return row

    rows = readable(checked, table.query(ticket_key(source).pk, begins="E#"))
    return (row for row in rows if row["id"] != note)


def _groups(page: Sequence[Item]) -> Iterator[list[Item]]:
    """The entries in groups that fit in one transaction."""
    group: list[Item] = []
    size = 0
    for row in page:
        needed = 3 + min(len(row.get("files", ())), entries.MOST_FILES)
        if group and size + needed > MOST_MOVED:
            yield group
            group, size = [], 0
        group.append(row)
        size += needed
    if group:
        yield group


def _move_entries(rows: Sequence[Item], source: int, into: Ticket, separator: str) -> bool:
    """Moves some entries, unless one of the tickets is gone or the target was merged since it was
    read; returns whether they have moved.
    """
    target = into.id
    moved = [entry_items.as_entry(source, row) for row in rows]
    whole = _with_bodies(source, rows)
    _post(whole, target, separator)
    for entry in whole:
        old = _postings(entry, source, separator)
        transact.write_many([transact.delete(write.key, where="index") for write in old])
    for entry in moved:
        entries.name_files(replace(entry, ticket=target))
    if _carried_over(rows, moved, source, into):
        return True
    entry_words.remove(target, _words(whole, separator), separator)
    return False


def _leave(source: int, target: int, note: int, separator: str) -> None:
    """Corrects the index if the entries stay: an interrupted delivery may have added their words to
    the target already.
    """
    left = list(_rows(source, note))
    whole = _with_bodies(source, left)
    if table.get(ticket_key(source)):
        _post(whole, source, separator)
    entry_words.remove(target, _words(whole, separator), separator)


def _with_bodies(source: int, rows: Sequence[Item]) -> list[Entry]:
    return entry_items.with_bodies([entry_items.entry_and_body(source, row) for row in rows])


def _post(whole: Sequence[Entry], ticket: int, separator: str) -> None:
    """Adds the words of these entries to the index for a ticket."""
    for entry in whole:
        transact.write_many(list(_postings(entry, ticket, separator)))


def _postings(entry: Entry, ticket: int, separator: str) -> Iterator[Write]:
    return postings.entry_postings(replace(entry, ticket=ticket), 0, separator)


def _words(whole: Sequence[Entry], separator: str) -> Mapping[Seen, set[str]]:
    found: dict[Seen, set[str]] = {"note": set(), "public": set()}
    for entry in whole:
        found[postings.seen_of(entry.kind)] |= set(postings.entry_words(entry, separator))
    return found


def _carried_over(rows: Sequence[Item], moved: Sequence[Entry], source: int, into: Ticket) -> bool:
    """Whether these entries and their pointers are in the target's partition now; False if the
    target takes no entries or the source is gone.
    """
    target, merged = into.id, into.merged_into
    ids = [entry.id for entry in moved]
    # By key: damaged entries may name the same file, and a transaction may write an item only once.
    writes = {
        write.key: write
        for row, entry in zip(rows, moved, strict=True)
        for write in _of_entry(row, entry, source, target)
    }
    for _ in transact.attempts():
        found = table.fetch(
            [ticket_key(source), ticket_key(target), *(entry_key(source, one) for one in ids)]
        )
        if len(found) < len(ids) + 2 or found[ticket_key(target)].get("merged_into") != merged:
            # A call whose answer was lost, or another delivery, has already moved some of them.
            return bool(table.get(entry_key(target, ids[0])))
        if any(found[entry_key(source, row["id"])] != row for row in rows):
            return False  # Somebody has changed one of them; read them again.
        listed = found[ticket_key(source)].get("entries", [])
        source_write = transact.set_attributes(
            ticket_key(source),
            {"entries": [number for number in listed if number not in ids]},
            condition="#entries = :seen",
            values={":seen": listed},
        )
        target_write = transact.set_attributes(
            ticket_key(target),
            {},
            append={"entries": ids},
            condition=f"attribute_exists(pk) AND {_MERGED if merged else _NOT_MERGED}",
            values={":merged": merged} if merged else {},
        )
        with suppress(Cancelled):
            transact.commit_retried([source_write, target_write, *writes.values()])
            return True
    raise ChangedUnderYou


def _of_entry(row: Item, entry: Entry, source: int, target: int) -> Iterator[Write]:
    yield transact.put_new(entry_key(target, entry.id), _attributes(row))
    was = {":kind": entry.kind, ":updated": row.get("updated", "")}
    yield transact.delete(
        entry_key(source, entry.id),
        condition="#kind = :kind AND (attribute_not_exists(#updated) OR #updated = :updated)",
        values=was,
        names={"#kind": "kind", "#updated": "updated"},
    )
    yield transact.put(entry_pointer_key(entry.id), {"ticket": target})
    named = entry.attachments[: entries.MOST_FILES]
    yield from entry_items.file_pointers(replace(entry, ticket=target), named)


def _attributes(row: Item) -> Item:
    """An item without its key attributes."""
    return {name: value for name, value in row.items() if name not in {"pk", "sk"}}


# --- links and mentions ---------------------------------------------------------------------


def _move_link(kind: LinkKind, other: int, source: int, target: int) -> None:
    """Moves a link with the source to the target."""
    old = [link_key(source, kind, other), link_key(other, INVERSE[kind], source)]
    new = [link_key(target, kind, other), link_key(other, INVERSE[kind], target)]
    tickets = [ticket_key(other), ticket_key(target)]
    found = table.fetch([*old, *new, *tickets])
    if item := found.get(old[0]):
        writes = [transact.delete(key) for key in old]
        if all(key in found for key in tickets):
            writes += [transact.put(key, item) for key in new if key not in found]
            writes += [transact.check(key, "attribute_exists(pk)") for key in tickets]
        _repeatable(writes)
    if kind == "child":
        _move_child(other, source, target)


def _move_child(child: int, source: int, target: int) -> None:
    """Moves a child of the source to the target, unless this would close a cycle."""
    for _ in transact.attempts():
        found = table.fetch([ticket_key(child), ticket_key(source), ticket_key(target)])
        if len(found) < 3:
            return
        below, above, into = (
            ticket_items.as_ticket(found[ticket_key(number)]) for number in (child, source, target)
        )
        if below.parent != source:
            transact.write(transact.delete(child_key(source, child)))
            return
        at = now()
        try:
            line = links.ancestors(into, below)
        except Conflict:
            move = Reparenting(SYSTEM, below, at, left=above)
            after = replace(below, parent=None, updated=at)
        else:
            move = Reparenting(SYSTEM, below, at, left=above, line=line)
            after = replace(below, parent=target, updated=at)
        if links.carried_out(move, below, after):
            return
    raise ChangedUnderYou


def _add_parent(parent: int, target: int) -> None:
    """Puts the target under the source's parent, if possible."""
    if parent == target:
        return
    for _ in transact.attempts():
        found = table.fetch([ticket_key(parent), ticket_key(target)])
        if len(found) < 2:
            return
        above, below = (
            ticket_items.as_ticket(found[ticket_key(number)]) for number in (parent, target)
        )
        if below.parent is not None:
            return
        try:
            line = links.ancestors(above, below)
        except Conflict:
            return
        at = now()
        move = Reparenting(SYSTEM, below, at, line=line)
        if links.carried_out(move, below, replace(below, parent=parent, updated=at)):
            return
    raise ChangedUnderYou


def _move_mention(row: Item, source: int, target: int) -> None:
    """Moves a mention of the source to the target."""
    mention = mentions.as_mention(source, row)
    user, number = mention.user, mention.id
    key, old = mention_key(target, user), mention_key(source, user)
    found = table.fetch([key, ticket_key(target)])
    gone: Write
    if key in found or ticket_key(target) not in found:
        gone = transact.delete(mention_pointer_key(number))
        _repeatable([transact.delete(old), gone])
        return
    _repeatable(
        [
            transact.delete(old, condition="attribute_exists(pk)"),
            transact.put_new(key, _attributes(row)),
            mentions.pointer(number, target, user),
            transact.check(ticket_key(target), "attribute_exists(pk)"),
        ]
    )


def _repeatable(writes: Sequence[Write]) -> None:
    """Carries out writes; a conflict with another writer is ignored, since the next delivery looks
    again.
    """
    try:
        transact.commit_retried(writes)
    except Cancelled as cancelled:
        raise ChangedUnderYou from cancelled
