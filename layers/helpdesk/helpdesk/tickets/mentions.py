"""Mentions: which agents follow a ticket (docs/zammad.md 17.18).

A mention is an item in its ticket's partition, keyed by the user, so that nobody follows a ticket
twice; a pointer item finds it by its own id.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import ChangedUnderYou, Damaged, Invalid, NotFound, Problem
from helpdesk.events.history import Event, ticket_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import SYSTEM, THE_DESK, Actor
from helpdesk.model.relations import Mention
from helpdesk.scope import seen_by
from helpdesk.storage import sequences, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import mention_key, mention_pointer_key, ticket_key
from helpdesk.storage.reading import make, readable, reading, reference
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import versions
from helpdesk.tickets.find import find_items, find_ticket, follow_merges

MOST_MENTIONED = 20
"""Users that one request can mention."""


# --- the operations -------------------------------------------------------------------------


def list_mentions(actor: Actor, ticket: int) -> list[Mention]:
    """The mentions of a ticket, by id. Two round trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's.
    """
    versions.check_staff(actor)
    return of_ticket(find_ticket(actor, ticket).id)


def of_ticket(ticket: int) -> list[Mention]:
    """The mentions of a ticket, by id; one round trip."""
    rows = table.query(ticket_key(ticket).pk, begins="U#")
    return sorted(readable(partial(as_mention, ticket), rows), key=lambda mention: mention.id)


def mention(actor: Actor, ticket: int, user: int, once: IdempotencyRecord | None = None) -> Mention:
    """Lets a user follow a ticket; returns the mention, new or existing. Two round trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's.
        Invalid: `mentions`: that user is no agent who sees the ticket.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the mention.
    """
    versions.check_staff(actor)
    keys = [ticket_key(ticket), mention_key(ticket, user)]
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            found, ids = operations.first_round_trip(keys, once=once, ids={"mention": 1})
            known = cache.current(found)
            (item,) = find_items(actor, {"ticket": ticket}, found, known)
            if there := found.get(mention_key(ticket, user)):
                made = as_mention(ticket, there)
                idempotency.record_answer(once, made)
                return made
            check_users(ticket_items.as_ticket(item).department, [user], known)
            made = Mention(ids["mention"], ticket, user, actor.me, now())
            seen, values = seen_by(actor)
            condition = " AND ".join(["attribute_exists(pk)", *seen])
            event, *writes = mention_writes(actor, [made])
            try:
                operations.commit(
                    event,
                    [*writes, transact.check(ticket_key(ticket), condition, values)],
                    once=once,
                    result=made,
                )
            except Cancelled:
                continue
            return made
        raise ChangedUnderYou


def unmention(actor: Actor, number: int) -> Mention:
    """Removes a mention of the actor; returns it as it was. Three round trips.

    Raises:
        NotFound: No such mention, or it is another user's, or of a ticket that the actor does not
            see.
        NotAllowed: The key is a customer's.
        ChangedUnderYou: Others kept changing the mention.
    """
    versions.check_staff(actor)
    for _ in transact.attempts():
        pointer = table.get(mention_pointer_key(number))
        ticket, user = (reference(pointer, name) for name in ("ticket", "user"))
        if ticket is None or user is None:
            raise NotFound("mention", number)
        key = mention_key(ticket, user)
        found, _ids = operations.first_round_trip([ticket_key(ticket), key])
        find_items(actor, {"ticket": ticket}, found, cache.current(found))
        if key not in found or user != actor.me:
            raise NotFound("mention", number)
        before = as_mention(ticket, found[key])
        data = {"user": user, "mention": number}
        event = ticket_event("unmentioned", actor, ticket, now(), todo=(), data=data)
        writes = [
            transact.delete(key, condition="id = :id", values={":id": number}),
            transact.delete(mention_pointer_key(number)),
        ]
        try:
            operations.commit(event, writes)
        except Cancelled:
            continue
        return before
    raise ChangedUnderYou


# --- rules and rows -------------------------------------------------------------------------


def check_users(department: int, users: Iterable[int], known: Catalogue) -> None:
    """Refuses users who cannot see tickets of this department.

    Raises:
        Invalid: `mentions`, with the user as its detail.
    """
    for user in users:
        if not _sees(user, department, known):
            raise Invalid(Problem("mentions", "no_access", detail=str(user)))


def _sees(user: int, department: int, known: Catalogue) -> bool:
    agent = known.agents.get(user)
    return user == THE_DESK or (agent is not None and agent.active and agent.works_in(department))


def mention_writes(actor: Actor, made: Sequence[Mention]) -> list[Write]:
    """The writes of new mentions, each with its pointer and its event; the first is an event."""
    events = [
        ticket_event(
            "mentioned",
            actor,
            one.ticket,
            one.at,
            todo=(),
            data={"user": one.user, "mention": one.id},
        )
        for one in made
    ]
    return [*events, *(write for one in made for write in mention_items(one))]


def mention_items(one: Mention) -> list[Write]:
    """The item of a mention and its pointer; they fail if the user already follows the ticket."""
    item: Item = {"id": one.id, "user": one.user, "by": one.by, "at": to_iso(one.at)}
    return [
        transact.put_new(mention_key(one.ticket, one.user), item),
        pointer(one.id, one.ticket, one.user),
    ]


def pointer(number: int, ticket: int, user: int) -> Write:
    """The write of the pointer by which a mention is found by its id."""
    return transact.put(mention_pointer_key(number), {"ticket": ticket, "user": user})


def as_mention(ticket: int, item: Mapping[str, Any]) -> Mention:
    """The mention that an item of a ticket's partition holds.

    Raises:
        Damaged: It is not a valid mention.
    """
    with reading("mention", item):
        mention = make(Mention, {**item, "ticket": ticket, "at": from_iso(item["at"])})
        if mention_key(ticket, mention.user).sk != item["sk"]:
            raise ValueError("user")
    return mention


# --- what follows ---------------------------------------------------------------------------


def follow(events: Iterable[Event]) -> None:
    """Makes the agents mentioned in new entries follow the tickets, if they can see them.
    Idempotent.

    Raises:
        ChangedUnderYou: DynamoDB leaves out items of a batch again and again.
    """
    for event in events:
        if event.ticket is not None and (users := event.data.get("mentions")):
            with suppress(Damaged):
                _mention_all(event, event.ticket, users)


def _mention_all(event: Event, number: int, users: Sequence[int]) -> None:
    item = table.get(ticket_key(number))
    if item is None:
        return
    ticket, known = follow_merges(ticket_items.as_ticket(item)), cache.current()
    there = table.fetch([mention_key(ticket.id, user) for user in users])
    new = [
        user
        for user in users
        if mention_key(ticket.id, user) not in there and _sees(user, ticket.department, known)
    ]
    if not new:
        return
    first = sequences.allocate_ids(mention=len(new))["mention"]
    by = replace(SYSTEM, agent=event.agent)
    for place, user in enumerate(new):
        made = Mention(first + place, ticket.id, user, by.me, event.at)
        # Cancelled if the user already follows the ticket, or the ticket is gone.
        with suppress(Cancelled):
            transact.commit_retried(
                [
                    *mention_writes(by, [made]),
                    transact.check(ticket_key(ticket.id), "attribute_exists(pk)"),
                ]
            )
