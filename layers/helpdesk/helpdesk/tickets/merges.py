"""Merges a ticket into another (docs/zammad.md 9.7; docs/decisions/0021).

One transaction closes the source, records the target in it, and makes it a child of the target.
From then on mail to the source is added to the target. Its content is moved afterwards (`moves`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Body, Entry
from helpdesk.model.relations import Link
from helpdesk.model.tickets import Ticket
from helpdesk.scope import seen_by
from helpdesk.storage import entry_items, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    link_key,
    merged_key,
    ticket_key,
)
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import effects, find, links, relations, telling, versions
from helpdesk.tickets.links import Reparenting

MERGED = "merged"
"""The text of the entry that is left in a merged ticket, and the kind of the events."""


# --- the operation --------------------------------------------------------------------------


def merge_tickets(
    actor: Actor, source: int | str, target: int | str, once: IdempotencyRecord | None = None
) -> tuple[Ticket, Ticket]:
    """Merges the source into the target; returns both as changed. The thread follows within
    seconds. A ticket already merged into that target stays as it is.

    Round trips: the references, the two tickets, one for each ancestor of the target, the
    transaction.

    Raises:
        NotFound: `source` or `target`.
        NotAllowed: The key is a customer's.
        Conflict: `merged_itself`, `merged_target`; `no_closed_status`, if the desk has none.
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
        """Closes the source, of which `item` was read, and records the target in it.

        Raises:
            Cancelled: Somebody has changed one of the tickets since.
        """
        before, at = self.source, self.at
        move, link = self._parent()
        values = {"status": self.known.closed_status, "agent": None}
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
            *telling.events(self.actor, before, after, self.known, at),
        ]
        if before.merged_into is not None:
            writes.append(transact.delete(merged_key(before.merged_into, before.id)))
        result = (replace(after, entries=(*before.entries, note.id)), into)
        operations.commit(event, _one_each(writes), once=once, result=result)
        return result

    def _parent(self) -> tuple[Reparenting | None, list[Write]]:
        """Puts the source under the target: by its `parent`, or by a separate link if the target is
        itself below the source.
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
        """The events of the source, on which `moves.follow` acts, and of the target."""
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
        return entry_items.new_entry(note, entry_items.store_body(note.body).attributes)

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
        """The update of the target, conditional on its being there, visible, and not merged itself;
        and with the parent that was read, if the source goes under it. The last respondent of the
        two threads becomes the target's, so that this agent is notified of the next message.
        """
        seen, values = seen_by(self.actor)
        conditions = ["attribute_exists(pk) AND attribute_not_exists(merged_into)", *seen]
        if watched:
            same, parent = links.under_the_same(self.target)
            conditions.append(same)
            values = values | parent
        touched = dict(versions.touched(self.target.id, self.at, self.actor))
        if self._source_was_answered_last():
            touched["respondent"] = self.source.respondent
            if self.target.respondent is None:
                conditions.append("attribute_not_exists(#respondent)")
            else:
                conditions.append("#respondent = :answered")
                values = {**values, ":answered": self.target.respondent}
        return transact.set_attributes(
            ticket_key(self.target.id),
            touched,
            condition=" AND ".join(conditions),
            values=values,
        )

    def _source_was_answered_last(self) -> bool:
        """Whether the latest answer of an agent is in the source's thread."""
        ours, theirs = self.source.agent_contact, self.target.agent_contact
        if self.source.respondent is None:
            return False
        if self.target.respondent is None:
            return True
        return ours is not None and (theirs is None or ours > theirs)


def _one_each(writes: Sequence[Write]) -> list[Write]:
    """These writes without checks of items that another write changes: a transaction may have only
    one action per item.
    """
    changed = {write.key for write in writes if write.kind != "ConditionCheck"}
    return [w for w in writes if w.kind != "ConditionCheck" or w.key not in changed]
