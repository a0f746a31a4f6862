"""Changes a ticket: however many of its values change, one operation and one transaction.

The transaction has a condition on the version of the ticket that was read; where somebody else was
faster, everything is worked out anew (docs/aws.md m16). The history gets one event for each thing
that happened; only the first of them holds the facets before and after, so that the ticket is
counted once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency, operations, text, times
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, NotAllowed, Problem
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Status
from helpdesk.model.entries import Entry, NewEntry
from helpdesk.model.tickets import UNCHANGED, Change, Ticket
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries, links
from helpdesk.tickets.find import find_items, reference_keys
from helpdesk.tickets.links import Reparenting
from helpdesk.tickets.routing import find_department
from helpdesk.tickets.threads import new_entry


def change_ticket(
    actor: Actor, ref: int | str, change: Change, once: IdempotencyRecord | None = None
) -> Ticket:
    """Changes a ticket, with a note beside where one is given; gives the ticket as it is then.

    Two round trips by id: the ticket with all else that must be known, the ids and the files at the
    same time; then one transaction. Three by a number, since only the first tells whose it is. A
    new parent costs one for each ticket above it. A value that the ticket has already changes
    nothing, and where nothing changes, nothing is written. A customer's key can close its ticket
    and reopen it, nothing else. Rules: docs/osticket.md, rows 22, 24, 26, 31, 32, B, I, J, K;
    docs/osticket.md 3.3.

    Raises:
        NotFound: No such ticket, parent, department, topic, status, SLA, agent or priority.
        Inactive: That department, topic, SLA or agent is switched off.
        Invalid: `subject`, `due` or files.
        Conflict: `deleted_status`, `circular`.
        NotAllowed: The key is a customer's and asks for more than it can.
        TooLarge: The note has more files than can be kept.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    _check_customer(actor, change)
    at = now()
    note = change.note if change.note and change.note.body.text.strip() else None
    normalized = entries.normalize(note.body, note.files, None) if note else None
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
        found, ids = operations.first_round_trip(
            keys,
            once=once,
            ids={"entry": 1, "file": len(stage.files)} if note else None,
            calls=stage.calls(),
        )
        known = cache.current(found)
        items = find_items(actor, wanted, found, known)
        values = _read(actor, change, known)
        plan = _ChangePlan(actor, known, at, values, stage, once)
        if note and normalized:
            entries.enforce_limits(actor, normalized, stage, found, known.settings)
            note = _signed(actor, note, known)
            entry = new_entry("note", items[0]["id"], note, normalized, at)
            attachments = stage.attachments(ids.get("file", 0))
            entry = replace(entry, id=ids["entry"], attachments=attachments)
            entries.name_files(entry)
            plan = replace(plan, entry=entry, alert=note.alert)
        return plan.carry_out(items)


def _check_customer(actor: Actor, change: Change) -> None:
    if actor.customer is not None and replace(change, status=None) != Change():
        raise NotAllowed("can_update_tickets")


# --- what is asked for ----------------------------------------------------------------------


def _read(actor: Actor, change: Change, known: Catalogue) -> dict[str, Any]:
    """The values that the ticket is to have, by the name of its field."""
    values: dict[str, Any] = {}
    if change.department is not None:
        values["department"] = find_department(actor, change.department, known).id
    if change.topic is not None:
        values["topic"] = known.find_topic(change.topic).id
    if change.status is not None:
        values["status"] = _status(actor, change.status, known).id
    if change.sla is not None:
        values["sla"] = known.find_sla(change.sla).id
    if change.release:
        values["agent"] = None
    if change.agent is not None:
        values["agent"] = known.find_agent(change.agent).id
    if change.priority is not None:
        values["priority"] = known.find_priority(change.priority).id
    if change.subject is not None:
        values["subject"] = _subject(change.subject)
    if change.due is not UNCHANGED:
        values["due"] = _due(change.due, known)
    return values


def _status(actor: Actor, ref: int | str, known: Catalogue) -> Status:
    status = known.find_status(ref)
    if status.state == "deleted":
        raise Conflict("deleted_status")
    if actor.customer is not None and status.state == "archived":
        raise NotAllowed("can_update_tickets")
    return status


def _subject(written: str) -> str:
    subject = text.one_line(text.strip_tags(written))
    if not subject:
        raise Invalid(Problem("subject", "required"))
    if len(subject) > fields.LONGEST_LINE:
        raise Invalid(Problem("subject", "too_long", detail=str(fields.LONGEST_LINE)))
    return subject


def _due(value: object, known: Catalogue) -> datetime | None:
    if value is None:
        return None
    try:
        return times.read(value, times.zone(known.settings.default_timezone))
    except ValueError as bad:
        raise Invalid(Problem("due", "date")) from bad


def _signed(actor: Actor, note: NewEntry, known: Catalogue) -> NewEntry:
    """The note with its agent's name: the agent it names, else the one the key acts as."""
    agent = known.agents.get(note.agent or actor.agent or 0)
    return replace(note, agent=agent.id, poster=agent.name) if agent else note


# --- what becomes of the ticket -------------------------------------------------------------


def _changed(before: Ticket, values: Mapping[str, Any], known: Catalogue, at: datetime) -> Ticket:
    """The ticket with these values, and with what follows from them."""
    after = replace(before, **values)
    was_open, is_open = (known.statuses[row.status].state == "open" for row in (before, after))
    if was_open and not is_open:
        first = before.first_closed or at
        return replace(after, closed=at, first_closed=first, last_closed=at, overdue=False)
    if is_open and not was_open:
        return replace(after, closed=None)
    if after.due != before.due and (after.deadline is None or after.deadline > at):
        return replace(after, overdue=False)
    return after


def _happened(
    actor: Actor, before: Ticket, after: Ticket, known: Catalogue
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kinds of events, with their data, that tell of this change."""
    if after.status != before.status:
        was_open, is_open = (known.statuses[row.status].state == "open" for row in (before, after))
        if was_open == is_open:
            yield "status", {"from": before.status, "to": after.status}
        else:
            yield "reopened" if is_open else "closed", {"status": after.status}
    if after.department != before.department:
        yield "transferred", {"from": before.department, "to": after.department}
    if after.agent != before.agent:
        if after.agent is None:
            yield "released", {"agent": before.agent}
        else:
            yield "assigned", {"agent": after.agent, "by": actor.agent}
    edited = {
        name: [_stored(getattr(before, name)), _stored(getattr(after, name))]
        for name in ("subject", "topic", "sla", "priority", "due")
        if getattr(after, name) != getattr(before, name)
    }
    if edited:
        yield "edited", edited


def _stored(value: object) -> object:
    return to_iso(value) if isinstance(value, datetime) else value


# --- the transaction ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ChangePlan:
    """Everything that is settled before the transaction, whatever others do to the ticket."""

    actor: Actor
    known: Catalogue
    at: datetime
    values: Mapping[str, Any]
    stage: StagedObjects
    once: IdempotencyRecord | None
    entry: Entry | None = None
    alert: bool = True

    def carry_out(self, items: Sequence[Item]) -> Ticket:
        """Changes the ticket of the first of these items; a second one is that of its new parent.

        Raises:
            NotFound: The ticket or the parent has gone meanwhile.
            Conflict: `circular`.
            ChangedUnderYou: Others kept changing the ticket.
        """
        for _ in transact.attempts():
            item, *parents = items
            before = ticket_items.as_ticket(item)
            after = _changed(before, self.values, self.known, self.at)
            move = self._move(before, [ticket_items.as_ticket(parent) for parent in parents])
            if move:
                after = replace(after, parent=move.line[0].id)
            changes = [*self._events(before, after), *(move.writes() if move else [])]
            if not changes and not self.entry:
                idempotency.record_answer(self.once, before)
                return before
            after = replace(after, updated=self.at, version=before.version + bool(changes))
            if self.entry:
                after = replace(after, entries=(*before.entries, self.entry.id))
            event, *others = [*changes, *self._note_writes(before.id)]
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

    def _move(self, before: Ticket, parents: Sequence[Ticket]) -> Reparenting | None:
        above = parents[0] if parents else None
        if above is None or above.id == before.parent:
            return None
        line = links.ancestors(above, before)
        return Reparenting(self.actor, before, self.at, left=links.parent_of(before), line=line)

    def _events(self, before: Ticket, after: Ticket) -> list[Write]:
        was, is_ = (facets_of(row, self._state(row)) for row in (before, after))
        writes: list[Write] = []
        for kind, data in _happened(self.actor, before, after, self.known):
            # Only one event holds the facets, or the ticket would be counted twice.
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
        return self.known.statuses[ticket.status].state

    def _note_writes(self, ticket: int) -> list[Write]:
        """The writes of the note, if there is one; the first is its event."""
        if self.entry is None:
            return []
        by = replace(self.actor, agent=self.entry.agent) if self.entry.agent else self.actor
        data = {"entry": self.entry.id, "alert": self.alert}
        event = ticket_event("note", by, ticket, self.at, data=data)
        return [event, *entries.writes(self.entry, self.stage)]

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
