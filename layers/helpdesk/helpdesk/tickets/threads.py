"""What is added to a ticket: messages of those who ask, responses and notes of agents.

An entry is appended without a look at the ticket's version, so that many may write at once
(docs/aws.md m16): one transaction with the entry, its files and the event, in which the ticket gets
the entry's id and its new time. Only a message asks for the status that it has seen, since it may
open a closed ticket again; where it does, that is a change of the ticket, which asks for the
version and counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, NotAllowed, NotFound, Unavailable
from helpdesk.events.history import facets_of, ticket_event
from helpdesk.files import uploads
from helpdesk.files.staging import StagedObjects, stage_objects
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.entries import Entry, EntryKind, NewEntry
from helpdesk.model.tickets import Ticket
from helpdesk.scope import visible
from helpdesk.storage import aws, sequences, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, entry_pointer_key, ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries, participants
from helpdesk.tickets.entries import NormalizedEntry


def add_message(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds what somebody who asks has written. The ticket counts as unanswered again; a closed one
    whose status allows it opens again, unless a machine wrote (docs/osticket.md 4.3).

    Two trips. Errors: NotFound, also for what the actor may not see; NotAllowed (a customer's key
    for somebody else); Invalid (files), TooLarge, AlreadyAnswered, KeyReused, Duplicate,
    ChangedUnderYou, Throttled, Unavailable.
    """
    if actor.customer is not None and new.person != actor.customer:
        raise NotAllowed("can_act_for_others")
    return _append("message", actor, ticket, new, once)


def add_response(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds an agent's answer: the ticket is answered, and who asked gets it by mail.

    Trips and errors as `add_message`; NotAllowed for any customer's key.
    """
    _check_staff(actor)
    return _append("response", actor, ticket, new, once)


def add_note(
    actor: Actor, ticket: int, new: NewEntry, once: IdempotencyRecord | None = None
) -> Entry:
    """Adds what only staff may see. Trips and errors as `add_response`."""
    _check_staff(actor)
    return _append("note", actor, ticket, new, once)


def _check_staff(actor: Actor) -> None:
    if actor.customer is not None:
        raise NotAllowed("can_update_tickets")


# --- the operation --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is settled before the transaction, whatever others do to the ticket meanwhile."""

    kind: EntryKind
    actor: Actor
    new: NewEntry
    known: Catalogue
    at: datetime
    entry: Entry


def _append(
    kind: EntryKind, actor: Actor, number: int, new: NewEntry, once: IdempotencyRecord | None
) -> Entry:
    at = now()
    said = entries.normalize(new.body, new.files, new.mail)
    with stage_objects(said.files, [said.at_rest], at) as stage:
        found, ids = _first_trip(number, new, once, stage)
        idempotency.check(once, found)
        entries.check_mail(new.mail, found)
        known = cache.current(found)
        item = found.get(ticket_key(number))
        if item is None or not visible(actor, ticket_items.as_ticket(item)):
            raise NotFound("ticket", number)
        if new.mail is None:
            entries.enforce_limits(actor, said, stage, found, known.settings)
        entry = new_entry(kind, number, new, said, at)
        entry = replace(entry, id=ids["entry"], attachments=stage.attachments(ids.get("file", 0)))
        return _write(_Plan(kind, actor, new, known, at, entry), item, stage, once)


def _first_trip(
    number: int, new: NewEntry, once: IdempotencyRecord | None, stage: StagedObjects
) -> tuple[dict[Key, Item], dict[str, int]]:
    keys = [
        CATALOGUE_VERSION,
        ticket_key(number),
        *idempotency.first_keys(once),
        *entries.mail_keys(new.mail),
        *uploads.keys(stage.files),
    ]
    found: dict[Key, Item] = {}
    ids: dict[str, int] = {}
    aws.together(
        lambda: found.update(table.fetch(keys)),
        lambda: ids.update(sequences.allocate_ids(entry=1, file=len(stage.files))),
        *cache.if_cold(),
        *stage.calls(),
    )
    return found, ids


def new_entry(
    kind: EntryKind, number: int, new: NewEntry, said: NormalizedEntry, at: datetime
) -> Entry:
    """An entry that has no id yet, nor files."""
    return Entry(
        id=0,
        ticket=number,
        kind=kind,
        body=said.body,
        poster=new.poster,
        created=at,
        title=new.title,
        person=new.person,
        agent=new.agent,
        source=new.source,
        message_id=new.mail.message_id.strip("<>") if new.mail else "",
        quoted=said.quoted,
        raw=new.mail.raw if new.mail else "",
    )


def _write(plan: _Plan, item: Item, stage: StagedObjects, once: IdempotencyRecord | None) -> Entry:
    entry, mail = plan.entry, plan.new.mail
    place, pointer = ticket_key(entry.ticket), entry_pointer_key(entry.id)
    entries.name_files(entry)
    for _ in transact.attempts():
        ticket = ticket_items.as_ticket(item)
        writes = [
            *entries.writes(entry, stage),
            *_changes(plan, ticket),
            *entries.mail_writes(mail, ticket.id, ticket.number, entry.id),
            *([once.write(entry, plan.at)] if once else []),
        ]
        try:
            transact.commit_retried(writes)
        except Unavailable:
            # The answer was lost. The id is this operation's alone: if it is taken, by itself.
            if table.get(pointer):
                return entry
            raise
        except Cancelled as cancelled:
            if pointer in cancelled.failed:
                return entry
            idempotency.check(once, cancelled.failed)
            entries.check_mail(mail, cancelled.failed)
            uploads.check_used(stage.files, cancelled.failed)
            if place not in cancelled.failed:
                raise ChangedUnderYou from cancelled
            moved = cancelled.failed[place]
            if moved is None:
                raise NotFound("ticket", entry.ticket) from cancelled
            item = moved
        else:
            return entry
    raise ChangedUnderYou


# --- what becomes of the ticket -------------------------------------------------------------


def _changes(plan: _Plan, ticket: Ticket) -> Sequence[Write]:
    reopened = _reopened(plan, ticket)
    after = replace(reopened or ticket, updated=plan.at)
    state = plan.known.statuses[after.status].state if reopened else ""
    values: dict[str, Any] = {
        "updated": to_iso(plan.at),
        "s2": ticket_items.listed(after, state)["s2"],
    }
    if plan.kind != "note":
        values["answered"] = plan.kind == "response"
    if plan.kind == "response" and plan.new.agent is not None:
        values["respondent"] = plan.new.agent
    if reopened:
        listed = ticket_items.listed(after, state)
        values |= {"status": after.status, "p1": listed["p1"]}
        values |= {name: listed[name] for name in ("p9", "s9") if listed[name]}
    writes = [_update(plan, ticket, values, reopened=reopened is not None), _event(plan, ticket)]
    if reopened:
        before = facets_of(ticket, plan.known.statuses[ticket.status].state)
        writes.append(
            ticket_event(
                "reopened",
                plan.actor,
                ticket.id,
                plan.at,
                person=plan.new.person,
                before=before,
                after=facets_of(after, state),
                data={"status": after.status},
            )
        )
    if plan.new.joins and plan.new.person not in {None, NOBODY}:
        writes.append(participants.participant_write(ticket.id, plan.new.person or NOBODY, plan.at))
    return writes


def _reopened(plan: _Plan, ticket: Ticket) -> Ticket | None:
    """The ticket as a message opens it again; None where it does not."""
    status = plan.known.statuses.get(ticket.status)
    reopens = status is not None and status.state == "closed" and status.reopens
    if plan.kind != "message" or plan.new.automatic or not reopens:
        return None
    return replace(ticket, status=plan.known.settings.default_ticket_status_id, closed=None)


def _update(plan: _Plan, ticket: Ticket, values: dict[str, Any], *, reopened: bool) -> Write:
    # Every name by a placeholder: some are words of DynamoDB's own.
    names = {f"#{name}": name for name in ("entries", *values)}
    settings = [f"#{name} = :{name}" for name in values]
    given = {f":{name}": value for name, value in values.items()}
    if (mail := plan.new.mail) and mail.suspicious:
        names |= {"#fields": "fields", "#suspicious": fields.SUSPICIOUS}
        given[":suspicious"] = mail.suspicious
        settings.append("#fields.#suspicious = :suspicious")
    expression = ", ".join(["SET #entries = list_append(#entries, :entry)", *settings])
    condition = "attribute_exists(pk)"
    if plan.kind == "message":
        condition, given[":seen"] = "#status = :seen", ticket.status
        names["#status"] = "status"
    if reopened:
        condition += " AND #version = :version"
        expression += ", #version = #version + :one REMOVE #closed"
        names |= {"#version": "version", "#closed": "closed"}
        given |= {":version": ticket.version, ":one": 1}
    return transact.update(
        ticket_key(ticket.id),
        expression,
        given | {":entry": [plan.entry.id]},
        condition=condition,
        names=names,
    )


def _event(plan: _Plan, ticket: Ticket) -> Write:
    new = plan.new
    data: dict[str, Any] = {"entry": plan.entry.id, "alert": new.alert}
    if plan.kind == "message":
        data |= {"autorespond": new.autorespond, "from_mail": False, **entries.mail_data(new.mail)}
    by = replace(plan.actor, agent=new.agent) if new.agent is not None else plan.actor
    return ticket_event(plan.kind, by, ticket.id, plan.at, person=new.person, data=data)
