"""Changes a ticket: any number of its values, and optionally a new entry, in one transaction.

The transaction is conditional on the version of the ticket that was read; on a conflict the change
is computed again from the new version (docs/aws.md m16). The history gets one event for each thing
that happened; only the first holds the facets before and after, so that the ticket is counted once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, NotAllowed
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry, NewEntry
from helpdesk.model.tickets import Change, Ticket
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import person_key, ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import accountings, change_values, effects, entries, links, telling
from helpdesk.tickets.find import find_items, reference_keys
from helpdesk.tickets.links import Reparenting
from helpdesk.tickets.requesters import person_by_id
from helpdesk.tickets.threads import new_entry


def change_ticket(
    actor: Actor,
    ref: int | str,
    change: Change,
    once: IdempotencyRecord | None = None,
    read_by: Catalogue | None = None,
) -> Ticket:
    """Changes a ticket, adds an entry if one is given, and returns the changed ticket.

    Two round trips by id: the first reads the ticket and everything else needed, while ids are
    allocated and files are stored; the second is the transaction. A number costs one more, to
    resolve it. A new parent costs one for each of its ancestors. If no value differs, nothing is
    written. A customer's key can close its ticket and reopen it, and change what `change.customers`
    names. Rules: docs/osticket.md, rows 22, 24, 26, 31, 32, B, I, J, K; docs/osticket.md 3.3.

    Args:
        actor: Who changes it.
        ref: Its id or its number.
        change: The new values, and the entry if there is one.
        once: The idempotency record of the request, if it has one.
        read_by: The catalogue with which names in the request were resolved to the ids in `change`,
            if any were.

    Raises:
        Outdated: That catalogue has changed.
        NotFound: No such ticket, parent, department, topic, status, SLA, agent, priority or person.
        Inactive: That department, topic, SLA or agent is switched off.
        Invalid: `subject`, `due`, `pending_until`, `services`, `end`, `closed_time`, a custom
            field or files.
        Conflict: `deleted_status`, `circular`.
        NotAllowed: The key is a customer's and asks for more than it may change.
        TooLarge: The entry has more files than can be kept.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    _check_customer(actor, change)
    at = now()
    new = change.entry if change.entry and change.entry.body.text.strip() else None
    normalized = entries.normalize(new.body, new.files, None) if new else None
    bodies = [normalized.at_rest] if normalized else []
    with (
        idempotency.replay_guard(once),
        stage_objects(normalized.files if normalized else (), bodies, at) as stage,
    ):
        keys = [*reference_keys(ref), *uploads.keys(stage.files)]
        wanted = {"ticket": ref}
        if change.parent is not None:
            keys += reference_keys(change.parent, "parent")
            wanted["parent"] = change.parent
        if change.person is not None:
            keys.append(person_key(change.person))
        found, ids = operations.first_round_trip(
            keys,
            once=once,
            ids=_ids(new, stage),
            calls=stage.calls(),
        )
        known = cache.still(read_by, found)
        items = find_items(actor, wanted, found, known)
        values = change_values.read(actor, change, known)
        if change.person is not None:
            values |= change_values.of_requester(person_by_id(change.person, found, known))
        plan = _ChangePlan(actor, known, at, change, values, stage, once)
        before = ticket_items.as_ticket(items[0])
        effects.check_follow_up(actor, before, known, at)
        if new and normalized:
            entries.enforce_limits(actor, normalized, stage, found, known.settings)
            new = entries.addressed(_signed(actor, new, known), before)
            entry = new_entry(new.kind, items[0]["id"], new, normalized, at)
            attachments = stage.attachments(ids.get("file", 0))
            entry = replace(entry, id=ids["entry"], attachments=attachments)
            entries.name_files(entry)
            plan = replace(plan, entry=entry, new=new, accounting=ids.get("accounting", 0))
        return plan.carry_out(items)


def _ids(new: NewEntry | None, stage: StagedObjects) -> dict[str, int] | None:
    """How many ids of each sequence the entry needs, if there is one."""
    if new is None:
        return None
    return {"entry": 1, "file": len(stage.files), "accounting": 1 if new.time_unit else 0}


_HOW = {"alike", "by", "customers", "strict", "tells"}
"""Fields of `Change` that control how the change is made, and are no values of the ticket."""


def _check_customer(actor: Actor, change: Change) -> None:
    if actor.customer is None:
        return
    untouched, entry = Change(), change.entry
    asked = {
        field.name
        for field in dataclass_fields(Change)
        if getattr(change, field.name) != getattr(untouched, field.name)
    }
    own = entry is None or (entry.kind == "message" and entry.person == actor.customer)
    if not own or not asked - _HOW <= change.customers:
        raise NotAllowed("can_update_tickets")


def _signed(actor: Actor, new: NewEntry, known: Catalogue) -> NewEntry:
    """An entry by staff with its author set: the agent it names, else the one the key acts as."""
    agent = known.agents.get(new.agent or actor.agent or 0)
    if agent is None or new.kind == "message":
        return new
    return replace(new, agent=agent.id, poster=agent.name)


# --- the transaction ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ChangePlan:
    """Everything that does not depend on the ticket's current version; kept across retries."""

    actor: Actor
    known: Catalogue
    at: datetime
    change: Change
    values: Mapping[str, Any]
    stage: StagedObjects
    once: IdempotencyRecord | None
    entry: Entry | None = None
    new: NewEntry | None = None
    accounting: int = 0

    def carry_out(self, items: Sequence[Item]) -> Ticket:
        """Changes the ticket of the first item; the second item, if any, is its new parent.

        Raises:
            NotFound: The ticket or the parent was deleted meanwhile.
            Conflict: `circular`.
            ChangedUnderYou: Others kept changing the ticket.
        """
        for _ in transact.attempts():
            item, *parents = items
            before = ticket_items.as_ticket(item)
            after = effects.changed(before, self._values(before), self.known, self.at)
            move = self._move(before, [ticket_items.as_ticket(parent) for parent in parents])
            if move:
                after = replace(after, parent=move.line[0].id)
            change_values.check_span(after.start, after.end)
            changes = [*self._events(before, after), *(move.writes() if move else [])]
            if not changes and not self.entry:
                idempotency.record_answer(self.once, before)
                return before
            if self.entry and self.accounting:
                units = accountings.total(before.time_units, self.entry.time_unit)
                bookings = (*before.bookings, self.accounting)
                after = replace(after, time_units=units, bookings=bookings)
            if self.entry and self.change.describes:
                after = replace(after, description=self.entry.id)
            changes += telling.events(
                self.actor, before, after, self.known, self.at, tells=self.change.tells
            )
            differs = bool(changes) or after.bookings != before.bookings
            differs = differs or after.description != before.description
            after = replace(after, updated=self.at, version=before.version + differs)
            if self.change.by is not None:
                after = replace(after, updated_by=self.change.by)
            if self.entry:
                after = replace(after, entries=(*before.entries, self.entry.id))
            event, *others = [*changes, *self._entry_writes(before.id)]
            try:
                operations.commit(
                    event,
                    [*others, self._update(item, before, after)],
                    once=self.once,
                    result=after,
                    checks=entries.checks(None, self.stage),
                )
            except Cancelled:
                ids = {"ticket": before.id, **({"parent": parents[0]["id"]} if parents else {})}
                items = find_items(self.actor, ids, {}, self.known)
            else:
                return after
        raise ChangedUnderYou

    def _values(self, before: Ticket) -> dict[str, Any]:
        """The values that differ from the ticket's current ones."""
        alike = self.change.alike
        values = {
            name: value
            for name, value in self.values.items()
            if getattr(before, name) not in alike.get(name, ())
        }
        values |= change_values.of_times(self.change, before, self.known)
        if self.change.release_from is not None and before.agent == self.change.release_from:
            values["agent"] = None
        if self.entry:
            values = effects.of_entry(before, self.entry, self.at) | values
        # Custom fields are stored as they were read; values that belong to no form are left out.
        for name, added in (
            ("fields", self.values.get("fields")),
            ("preferences", self.change.preferences),
        ):
            if added:
                values[name] = {**getattr(before, name), **added}
        return values

    def _move(self, before: Ticket, parents: Sequence[Ticket]) -> Reparenting | None:
        above = parents[0] if parents else None
        if above is None or above.id == before.parent:
            return None
        line = links.ancestors(above, before)
        return Reparenting(self.actor, before, self.at, left=links.parent_of(before), line=line)

    def _events(self, before: Ticket, after: Ticket) -> list[Write]:
        was, is_ = (facets_of(row, self._state(row)) for row in (before, after))
        writes: list[Write] = []
        for kind, data in effects.happened(self.actor, before, after, self.known):
            # Only one event may hold the facets, or the ticket would be counted twice.
            counts = was != is_ and not writes
            event = ticket_event(
                kind,
                self.actor,
                before.id,
                self.at,
                before=was if counts else None,
                after=is_ if counts else None,
                data=data,
            )
            writes.append(event)
        return writes

    def _state(self, ticket: Ticket) -> str:
        return self.known.state_of(ticket)

    def _entry_writes(self, ticket: int) -> list[Write]:
        """The writes of the entry, if there is one; the first is its event."""
        if self.entry is None or self.new is None:
            return []
        kind, person = self.entry.kind, self.entry.person
        by = replace(self.actor, agent=self.entry.agent) if self.entry.agent else self.actor
        data = {"entry": self.entry.id, "alert": self.new.alert}
        data |= entries.notice_data(kind, self.new)
        event = ticket_event(kind, by, ticket, self.at, person=person, data=data)
        booked: list[Write] = []
        if self.accounting:
            accounting = accountings.of_entry(self.actor, self.entry, self.accounting)
            booked = accountings.book_writes(self.actor, accounting)
        return [event, *booked, *entries.writes(self.entry, self.stage)]

    def _update(self, item: Item, before: Ticket, after: Ticket) -> Write:
        attributes, emptied = ticket_items.difference(item, after, self._state(after))
        condition, values = "attribute_exists(pk)", {}
        if after.version != before.version:
            attributes["version"] = after.version
            condition, values = "#version = :seen", {":seen": before.version}
        if after.parent != before.parent:
            same, parent = links.under_the_same(before)
            condition, values = f"{condition} AND {same}", values | parent
        return transact.set_attributes(
            ticket_key(before.id),
            attributes,
            append={"entries": [self.entry.id]} if self.entry else None,
            remove=emptied,
            condition=condition,
            values=values,
        )
