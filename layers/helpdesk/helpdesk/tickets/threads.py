"""Adds entries to a ticket: requesters' messages, agents' responses and notes.

An entry is appended without a condition on the ticket's version, so that many may write
concurrently (docs/aws.md m16): one transaction writes the entry, its files and the event, and adds
the entry's id and the new time to the ticket. Only a message has a condition on the ticket's
status, since it may reopen a closed ticket; if it does, the condition is on the ticket's version.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Invalid, Merged, NotAllowed, NotFound, Problem
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import Entry, EntryKind, NewEntry
from helpdesk.model.tickets import Ticket
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import accountings, effects, entries, participants, telling, versions
from helpdesk.tickets.entries import NormalizedEntry
from helpdesk.tickets.find import find_items, reference_keys


def add_message(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds a requester's message.

    The ticket counts as unanswered again; a closed one reopens if its status allows it and the
    message `reopens` (docs/osticket.md 4.3). Two round trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: A customer's key names another author.
        Invalid: Every problem with the files.
        TooLarge: The entry has more files than can be kept.
        Duplicate: The mail was received before.
        Merged: The ticket was merged while the mail was being processed.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    if actor.customer is not None and new.person != actor.customer:
        raise NotAllowed("can_act_for_others")
    return _append("message", actor, ticket, new, once)


def add_response(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds an agent's answer: the ticket is answered, and its requester gets the answer by mail.

    Round trips and errors as `add_message`.

    Raises:
        NotAllowed: The key is a customer's.
    """
    versions.check_staff(actor)
    return _append("response", actor, ticket, new, once)


def reply(
    actor: Actor,
    ref: int | str,
    agent: int | str | None,
    new: NewEntry,
    once: IdempotencyRecord | None = None,
) -> Entry:
    """Adds the response of an agent, named by id, user name or address; by default the agent that
    the key acts as.

    Round trips as `add_response`, by number one more. Other errors as there.

    Raises:
        NotFound, Inactive: `agent`.
        Invalid: `agent`, if none is named and the key acts as none.
        NotAllowed: The key is a customer's, or may not act for this agent.
    """
    versions.check_staff(actor)

    def sign(known: Catalogue) -> NewEntry:
        author = _find_author(actor, agent, known)
        return replace(new, agent=author.id, poster=author.name)

    with idempotency.replay_guard(once):
        return _append("response", actor, ref, new, once, sign=sign)


def _find_author(actor: Actor, ref: int | str | None, known: Catalogue) -> Agent:
    if ref is None and actor.agent is None:
        raise Invalid(Problem("agent", "required"))
    author = known.find_agent(ref if ref is not None else actor.agent or 0)
    if author.id != actor.agent and not actor.may("can_act_for_others"):
        raise NotAllowed("can_act_for_others")
    return author


def add_note(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds a note, which only staff may see. Round trips and errors as `add_response`."""
    versions.check_staff(actor)
    return _append("note", actor, ticket, new, once)


def add_entry(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds an entry of the kind that `new` names. Round trips and errors as those of that kind."""
    add = {"message": add_message, "response": add_response, "note": add_note}[new.kind]
    return add(actor, ticket, new, once)


# --- the operation --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _EntryPlan:
    """Everything that does not depend on the ticket's current state; kept across retries."""

    kind: EntryKind
    actor: Actor
    new: NewEntry
    known: Catalogue
    at: datetime
    entry: Entry
    accounting: int = 0


def _append(
    kind: EntryKind,
    actor: Actor,
    ref: int | str,
    new: NewEntry,
    once: IdempotencyRecord | None,
    *,
    sign: Callable[[Catalogue], NewEntry] | None = None,
) -> Entry:
    """Appends an entry; `sign` sets its author, who is looked up in the catalogue."""
    at = now()
    normalized = entries.normalize(new.body, new.files, new.mail)
    with stage_objects(normalized.files, [normalized.at_rest], at) as stage:
        found, ids = operations.first_round_trip(
            [*reference_keys(ref), *entries.mail_keys(new.mail), *uploads.keys(stage.files)],
            once=once,
            ids={
                "entry": 1,
                "file": len(stage.files),
                "accounting": 1 if new.time_unit else 0,
            },
            calls=stage.calls(),
        )
        entries.check_mail(new.mail, found)
        known = cache.current(found)
        (item,) = find_items(actor, {"ticket": ref}, found, known)
        new = sign(known) if sign else new
        ticket = ticket_items.as_ticket(item)
        if new.mail is None:
            effects.check_follow_up(actor, ticket, known, at)
            new = entries.addressed(replace(new, kind=kind), ticket)
        if new.mail is None:
            entries.enforce_limits(actor, normalized, stage, found, known.settings)
        entry = new_entry(kind, item["id"], new, normalized, at)
        entry = replace(entry, id=ids["entry"], attachments=stage.attachments(ids.get("file", 0)))
        plan = _EntryPlan(kind, actor, new, known, at, entry, ids.get("accounting", 0))
        return _write(plan, item, stage, once)


def new_entry(
    kind: EntryKind, number: int, new: NewEntry, normalized: NormalizedEntry, at: datetime
) -> Entry:
    """An entry of the ticket with the id `number`; without its own id and files yet."""
    return Entry(
        id=0,
        ticket=number,
        kind=kind,
        body=normalized.body,
        poster=new.poster,
        created=at,
        title=new.title,
        person=new.person,
        agent=new.agent,
        source=new.source,
        message_id=new.mail.message_id.strip("<>") if new.mail else "",
        quoted=normalized.quoted,
        raw=new.mail.raw if new.mail else "",
        channel=new.channel,
        sender=new.sender,
        headers=new.headers,
        created_by=new.created_by,
        preferences=new.preferences,
        time_unit=new.time_unit,
    )


def _write(
    plan: _EntryPlan, item: Item, stage: StagedObjects, once: IdempotencyRecord | None
) -> Entry:
    entry, mail = plan.entry, plan.new.mail
    key = ticket_key(entry.ticket)
    entries.name_files(entry)
    for _ in transact.attempts():
        ticket = ticket_items.as_ticket(item)
        try:
            operations.commit(
                _event(plan, ticket),
                [
                    *entries.writes(entry, stage),
                    *_changes(plan, ticket),
                    *entries.mail_writes(mail, ticket.id, ticket.number, entry.id),
                ],
                once=once,
                result=entry,
                checks=entries.checks(mail, stage),
            )
        except Cancelled as cancelled:
            if key not in cancelled.failed:
                raise ChangedUnderYou from cancelled
            changed = cancelled.failed[key]
            if changed is None:
                raise NotFound("ticket", entry.ticket) from cancelled
            if mail and "merged_into" in changed:
                raise Merged from cancelled
            item = changed
        else:
            return entry
    raise ChangedUnderYou


# --- effects on the ticket ------------------------------------------------------------------


def _changes(plan: _EntryPlan, ticket: Ticket) -> list[Write]:
    """The writes that update the ticket, reopen it, and add a new participant."""
    reopened = _reopened(plan, ticket)
    writes = [_update(plan, ticket, reopened)]
    if reopened:
        writes.append(_reopening(plan, ticket, reopened))
        writes += telling.events(plan.actor, ticket, reopened, plan.known, plan.at)
        if reopened.agent != ticket.agent:
            data = {"agent": ticket.agent}
            writes.append(
                ticket_event("released", plan.actor, ticket.id, plan.at, todo=(), data=data)
            )
    if plan.accounting:
        booked = accountings.of_entry(plan.actor, plan.entry, plan.accounting)
        writes += accountings.book_writes(plan.actor, booked)
    if plan.new.joins and plan.new.person not in {None, NOBODY}:
        writes.append(participants.participant_write(ticket.id, plan.new.person or NOBODY, plan.at))
    return writes


def _reopened(plan: _EntryPlan, ticket: Ticket) -> Ticket | None:
    """The ticket reopened, or woken from pending, by a message; None if neither applies."""
    if plan.kind != "message" or not plan.new.reopens:
        return None
    status = plan.known.statuses.get(ticket.status)
    closed = status is not None and status.state == "closed" and status.reopens
    asleep = status is not None and status.state == "open" and ticket.pending
    if not (closed or asleep):
        return None
    after = replace(
        ticket,
        status=plan.known.settings.default_ticket_status_id if closed else ticket.status,
        phase=None,
        pending_until=None,
        closed=None,
        merged_into=None,
        updated=plan.at,
        version=ticket.version + 1,
    )
    if closed:
        after = replace(after, reopened_time=plan.at.replace(microsecond=0))
        after = plan.known.reopened(after)
    # A reopened ticket is not new, even if nobody has answered it.
    return replace(after, phase="open") if after.stage == "new" else after


def _reopening(plan: _EntryPlan, before: Ticket, after: Ticket) -> Write:
    if after.status == before.status:
        data = {"from": before.stage}
        return ticket_event("woken", plan.actor, before.id, plan.at, todo=(), data=data)
    return ticket_event(
        "reopened",
        plan.actor,
        before.id,
        plan.at,
        person=plan.new.person,
        before=facets_of(before, plan.known.state_of(before)),
        after=facets_of(after, plan.known.state_of(after)),
        data={"status": after.status},
    )


def _update(plan: _EntryPlan, ticket: Ticket, reopened: Ticket | None) -> Write:
    after = reopened or replace(ticket, updated=plan.at)
    state = plan.known.state_of(after) if reopened else ""
    listed = ticket_items.listed(after, state)
    attributes: dict[str, Any] = {"updated": to_iso(plan.at), "s2": listed["s2"]}
    for name, value in effects.of_entry(ticket, plan.entry, plan.at).items():
        attributes[name] = to_iso(value) if isinstance(value, datetime) else value
    if plan.new.created_by is not None:
        attributes["updated_by"] = plan.new.created_by
    if (mail := plan.new.mail) and mail.suspicious:
        attributes[f"fields.{fields.SUSPICIOUS}"] = mail.suspicious
    ended: list[str] = []
    if reopened:
        attributes |= {"status": after.status, "version": after.version, "p1": listed["p1"]}
        turned = {"phase": after.phase, "p9": listed["p9"], "s9": listed["s9"]}
        attributes |= {name: value for name, value in turned.items() if value}
        if after.reopened_time != ticket.reopened_time and after.reopened_time:
            attributes["reopened_time"] = to_iso(after.reopened_time)
        ended = [
            "closed",
            "pending_until",
            "merged_into",
            *(name for name in turned if not turned[name]),
            *(("agent", "p8") if after.agent is None else ()),
        ]
    condition, values, names = "attribute_exists(pk)", {}, {}
    if plan.kind == "message":
        condition, names = "#status = :seen", {"#status": "status"}
        values[":seen"] = ticket.status
    if mail and ticket.merged_into is None:
        # A mail must follow a thread that was merged (`merges`).
        condition += " AND attribute_not_exists(merged_into)"
    if plan.accounting:
        attributes["time_units"] = accountings.total(ticket.time_units, plan.entry.time_unit)
        attributes["bookings"] = [*ticket.bookings, plan.accounting]
        attributes["version"] = ticket.version + 1
    if "version" in attributes:
        condition += " AND #version = :seen_version"
        values[":seen_version"] = ticket.version
    return transact.set_attributes(
        ticket_key(ticket.id),
        attributes,
        append={"entries": [plan.entry.id]},
        remove=ended,
        condition=condition,
        values=values,
        names=names,
    )


def _event(plan: _EntryPlan, ticket: Ticket) -> Write:
    new = plan.new
    data = {"entry": plan.entry.id, "alert": new.alert, **entries.notice_data(plan.kind, new)}
    by = replace(plan.actor, agent=new.agent) if new.agent is not None else plan.actor
    return ticket_event(plan.kind, by, ticket.id, plan.at, person=new.person, data=data)
