"""Merges a ticket into another (docs/zammad.md 9.7; docs/decisions/0021).

One transaction closes the ticket, names the one that it was merged into, and puts it under that
one. From then on mail to it lands there. Its thread is moved afterwards by `project`, some entries
at a time, each with its pointers in one transaction; then its links and mentions. Each step may be
repeated, so the next delivery goes on where one has stopped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict
from helpdesk.events.history import Event, facets_of, ticket_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.entries import Body, Entry
from helpdesk.model.relations import INVERSE, Link, LinkKind
from helpdesk.model.tickets import Ticket
from helpdesk.scope import seen_by
from helpdesk.storage import table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    child_key,
    entry_key,
    entry_pointer_key,
    link_key,
    mention_key,
    mention_pointer_key,
    merged_key,
    ticket_key,
)
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import effects, entries, find, links, mentions, relations, versions
from helpdesk.tickets.links import Reparenting

MOST_MERGES = 20
"""Tickets in a row of which each was merged into the next, that are followed."""

AT_ONCE = 20
"""Entries that are read at a time to be moved."""

MOST_MOVED = 90
"""Writes of one transaction that moves entries: each takes three, and one per file."""

MERGED = "merged"
"""What the entry says that is left in a merged ticket, and the kind of the events."""


# --- the operation --------------------------------------------------------------------------


def merge_tickets(
    actor: Actor, source: int, target: int | str, once: IdempotencyRecord | None = None
) -> tuple[Ticket, Ticket]:
    """Merges the source into the target; gives the source and the target as they are then. The
    thread follows within seconds. A ticket that is merged into that target already stays as it is.

    Round trips: what the references name, the two tickets, one for each ticket above the target,
    the transaction.

    Raises:
        NotFound: `source` or `target`.
        NotAllowed: The key is a customer's.
        Conflict: `merged_itself`, `merged_target`; `no_closed_status`, where there is none.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the tickets.
    """
    versions.check_staff(actor)
    wanted: dict[str, int | str] = {"target": target, "source": source}
    keys = [key for what, ref in wanted.items() for key in find.reference_keys(ref, what)]
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            found, ids = operations.first_round_trip(keys, once=once, ids={"entry": 1, "link": 1})
            known = cache.current(found)
            items = find.find_items(actor, wanted, found, known)
            into, before = map(ticket_items.as_ticket, items)
            if before.id == into.id:
                raise Conflict("merged_itself")
            if before.merged_into == into.id:
                idempotency.record_answer(once, (before, into))
                return before, into
            if into.merged_into is not None:
                raise Conflict("merged_target")
            merge = _Merge(actor, known, now(), before, into, ids)
            try:
                return merge.carry_out(items[1], once)
            except Cancelled:
                continue
        raise ChangedUnderYou


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merge of two tickets as they were read."""

    actor: Actor
    known: Catalogue
    at: datetime
    source: Ticket
    target: Ticket
    ids: Mapping[str, int]

    def carry_out(self, item: Item, once: IdempotencyRecord | None) -> tuple[Ticket, Ticket]:
        """Closes the source, whose item this is, and names the target.

        Raises:
            Cancelled: Somebody has changed one of the tickets since.
        """
        before, at = self.source, self.at
        move, link = self._parent()
        values = {"status": _closed(self.known), "agent": None}
        after = replace(
            effects.changed(before, values, self.known, at),
            merged_into=self.target.id,
            parent=self.target.id if move else before.parent,
            updated=at,
            updated_by=self.actor.me,
            version=before.version + 1,
        )
        note = self._note()
        into = replace(self.target, updated=at, updated_by=self.actor.me)
        event, told = self._events(after)
        writes = [
            told,
            *(move.writes() if move else link),
            *self._note_writes(note),
            transact.put(merged_key(into.id, before.id), {"at": to_iso(at), "by": self.actor.me}),
            self._source_update(item, after),
            self._target_update(watched=move),
        ]
        if before.merged_into is not None:
            writes.append(transact.delete(merged_key(before.merged_into, before.id)))
        result = (replace(after, entries=(*before.entries, note.id)), into)
        operations.commit(event, _one_each(writes), once=once, result=result)
        return result

    def _parent(self) -> tuple[Reparenting | None, list[Write]]:
        """Puts the source under the target: as its one parent, or, where the target stands under
        the source, by a link of its own.
        """
        try:
            line = links.ancestors(self.target, self.source)
        except Conflict:
            link = Link(self.ids["link"], "parent", self.target.id, self.source.id, self.at)
            told = relations.events("linked", self.actor, link)
            there = table.fetch([link_key(self.source.id, "parent", self.target.id)])
            return None, [] if there else [*relations.link_items(link), *told]
        if self.source.parent == self.target.id:
            return None, []
        left = links.parent_of(self.source)
        return Reparenting(self.actor, self.source, self.at, left=left, line=line), []

    def _events(self, after: Ticket) -> tuple[Write, Write]:
        """The events of the source, which `follow` goes by, and of the target."""
        before, into = self.source, self.target
        was, is_ = (
            facets_of(row, self.known.statuses[row.status].state) for row in (before, after)
        )
        data: dict[str, Any] = {"into": into.id, "number": into.number}
        data |= {"entry": self.ids["entry"], "parent": before.parent}
        source = ticket_event(
            MERGED,
            self.actor,
            before.id,
            self.at,
            todo=["project"],
            before=was,
            after=is_,
            data=data,
        )
        data = {"source": before.id, "number": before.number}
        return source, ticket_event(MERGED, self.actor, into.id, self.at, todo=(), data=data)

    def _note(self) -> Entry:
        agent = self.known.agents.get(self.actor.agent or 0)
        return Entry(
            id=self.ids["entry"],
            ticket=self.source.id,
            kind="response",
            body=Body(MERGED),
            poster=agent.name if agent else "",
            created=self.at,
            agent=agent.id if agent else None,
            channel="note",
            sender="agent",
            created_by=self.actor.me,
        )

    def _note_writes(self, note: Entry) -> list[Write]:
        return ticket_items.new_entry(note, ticket_items.store_body(note.body).attributes)

    def _source_update(self, item: Item, after: Ticket) -> Write:
        state = self.known.state_of(after)
        attributes, emptied = ticket_items.difference(item, after, state)
        same, parent = links.under_the_same(self.source)
        return transact.set_attributes(
            ticket_key(after.id),
            {**attributes, "version": after.version},
            append={"entries": [self.ids["entry"]]},
            remove=emptied,
            condition=f"#version = :seen AND {same}",
            values={":seen": self.source.version, **parent},
        )

    def _target_update(self, watched: Reparenting | None) -> Write:
        """The target is there, is seen, and is not merged itself; under the ticket that it was seen
        under, where the source goes under it.
        """
        seen, values = seen_by(self.actor)
        conditions = ["attribute_exists(pk) AND attribute_not_exists(merged_into)", *seen]
        if watched:
            same, parent = links.under_the_same(self.target)
            conditions.append(same)
            values = values | parent
        return transact.set_attributes(
            ticket_key(self.target.id),
            versions.touched(self.target.id, self.at, self.actor),
            condition=" AND ".join(conditions),
            values=values,
        )


def _closed(known: Catalogue) -> int:
    """The status of merged tickets: Closed, or whatever the desk has that closes."""
    closed = [row for row in known.statuses.values() if row.state == "closed"]
    if not closed:
        raise Conflict("no_closed_status")
    return min(closed, key=lambda row: (row.name != "Closed", row.id)).id


def _one_each(writes: Sequence[Write]) -> list[Write]:
    """These writes without the checks of items that another one changes: a transaction takes one
    per item.
    """
    changed = {write.key for write in writes if write.kind != "ConditionCheck"}
    return [w for w in writes if w.kind != "ConditionCheck" or w.key not in changed]


# --- where a merged ticket is now -----------------------------------------------------------


def follow_merges(ticket: Ticket) -> Ticket:
    """The ticket that has a ticket's thread now: itself, where it is not merged or the one that it
    was merged into is gone. A round trip for each merge.
    """
    for _ in range(MOST_MERGES):
        if ticket.merged_into is None:
            return ticket
        item = table.get(ticket_key(ticket.merged_into))
        if item is None:
            return ticket
        ticket = ticket_items.as_ticket(item)
    return ticket


# --- what follows ---------------------------------------------------------------------------


def follow(events: Iterable[Event]) -> None:
    """Moves what merged tickets have to those that they were merged into. May be repeated.

    Raises:
        ChangedUnderYou: Others kept changing one of the tickets.
    """
    for event in events:
        if event.kind == MERGED and "into" in event.data and event.ticket is not None:
            _move(event, event.ticket, event.data["into"])


def _move(event: Event, source: int, target: int) -> None:
    note, separator = event.data["entry"], cache.current().settings.reply_separator
    while (into := _destination(source, target)) and (page := _left(source, note)):
        for group in _groups(page):
            _move_entries(group, source, into, separator)
    if into is None:
        return
    for kind, other in sorted(relations.linked_by_rows(source)):
        if other not in {target, into}:
            _move_link(kind, other, source, into)
    if parent := event.data.get("parent"):
        _add_parent(parent, into)
    for row in list(table.query(ticket_key(source).pk, begins="U#")):
        _move_mention(row, source, into)


def _destination(source: int, target: int) -> int | None:
    """The ticket that gets what the source has; None where either is gone, or the source has been
    opened again or merged into another one.
    """
    found = table.fetch([ticket_key(source), ticket_key(target)])
    item, into = found.get(ticket_key(source)), found.get(ticket_key(target))
    if item is None or into is None or item.get("merged_into") != target:
        return None
    return follow_merges(ticket_items.as_ticket(into)).id


# --- the thread -----------------------------------------------------------------------------


def _left(source: int, note: int) -> list[Item]:
    """The first entries that are still to be moved: all but the note of the merge, and damaged
    ones.
    """

    def checked(row: Item) -> Item:
        ticket_items.as_entry(source, row)
        return row

    rows = readable(checked, table.query(ticket_key(source).pk, begins="E#"))
    return list(islice((row for row in rows if row["id"] != note), AT_ONCE))


def _groups(page: Sequence[Item]) -> Iterator[list[Item]]:
    """The entries in parts that one transaction can move."""
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


def _move_entries(rows: Sequence[Item], source: int, target: int, separator: str) -> None:
    """Moves some entries, unless one of the tickets is gone or merged itself by now.

    Their words are found under the other ticket before the entries are there, so that a delivery
    that breaks off loses none.
    """
    moved = [ticket_items.as_entry(source, row) for row in rows]
    pairs = zip(moved, (row.get("object") for row in rows), strict=True)
    whole = ticket_items.with_bodies(list(pairs))
    _repost(whole, source, target, separator)
    for entry in moved:
        entries.name_files(replace(entry, ticket=target))
    if not _carried_over(rows, moved, source, target):
        _repost(whole, target, source, separator)


def _repost(moved: Sequence[Entry], source: int, target: int, separator: str) -> None:
    """Lets the words of these entries be found under one ticket, and no longer under another."""
    for entry in moved:
        old = postings.entry_postings(replace(entry, ticket=source), 0, separator)
        new = postings.entry_postings(replace(entry, ticket=target), 0, separator)
        gone = [transact.delete(write.key, where="index") for write in old]
        transact.write_many([*new, *gone])


def _carried_over(rows: Sequence[Item], moved: Sequence[Entry], source: int, target: int) -> bool:
    """Whether the items of these entries lie with the target, with their pointers; not where the
    target takes nothing, or the source is gone.
    """
    ids = [entry.id for entry in moved]
    writes = [
        write
        for row, entry in zip(rows, moved, strict=True)
        for write in _of_entry(row, entry, source, target)
    ]
    for _ in transact.attempts():
        found = table.fetch(
            [ticket_key(source), ticket_key(target), *(entry_key(source, one) for one in ids)]
        )
        if len(found) < len(ids) + 2 or "merged_into" in found[ticket_key(target)]:
            # A call whose answer was lost, or another delivery, has moved some of them.
            return bool(table.get(entry_key(target, ids[0])))
        if any(found[entry_key(source, row["id"])] != row for row in rows):
            return False  # Somebody has changed one of them; it is read once more.
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
            condition="attribute_exists(pk) AND attribute_not_exists(merged_into)",
        )
        with suppress(Cancelled):
            transact.commit_retried([source_write, target_write, *writes])
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
    yield from ticket_items.file_pointers(replace(entry, ticket=target), named)


def _attributes(row: Item) -> Item:
    """A row without its keys."""
    return {name: value for name, value in row.items() if name not in {"pk", "sk"}}


# --- links and mentions ---------------------------------------------------------------------


def _move_link(kind: LinkKind, other: int, source: int, target: int) -> None:
    """Links the other ticket with the target as it was with the source."""
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
    """Puts a child of the source under the target, unless the two would stand in a circle."""
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
    """Puts the target under the ticket that the source was under, where it can be."""
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
    """Lets who followed the source follow the target."""
    user, number = int(row["user"]), int(row["id"])
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
    """Carries out writes that are left as they are where somebody else was faster: the next
    delivery looks again.
    """
    try:
        transact.commit_retried(writes)
    except Cancelled as cancelled:
        raise ChangedUnderYou from cancelled
