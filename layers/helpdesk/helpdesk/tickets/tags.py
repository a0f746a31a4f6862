"""Tags of tickets, and how they follow a tag of the list that is renamed or deleted.

A ticket's item holds the names of its tags in order of attachment. The list of tags
(`helpdesk.tags`) and the index of tickets by tag are derived from the events `tagged` and
`untagged`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice

from helpdesk import idempotency, operations, tags
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, Invalid, NotAllowed, Problem, TooLarge
from helpdesk.events.history import Event, ticket_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.index import postings
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.settings import Settings
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, tagged_key, ticket_key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import versions
from helpdesk.tickets.find import find_items

MOST_TAGS = 50
"""Tags of one ticket at most: all tags of one event are counted in one transaction."""

AT_ONCE = 25
"""Tickets in which a renamed tag is replaced at the same time."""


# --- the operations -------------------------------------------------------------------------


def add_tags(
    actor: Actor, ticket: int, names: Sequence[str], once: IdempotencyRecord | None = None
) -> Ticket:
    """Adds tags to a ticket; those it already has (ignoring case) stay as they are. Two round
    trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's, or may not create a tag that is not in the list.
        Invalid: A name is blank.
        TooLarge: The ticket would have more than MOST_TAGS.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    wanted = [tags.clean(name) for name in names]
    if not all(wanted):
        raise Invalid(Problem("tag", "required"))
    return _change(actor, ticket, wanted, (), once)


def remove_tags(
    actor: Actor, ticket: int, names: Sequence[str], once: IdempotencyRecord | None = None
) -> Ticket:
    """Removes tags from a ticket, if it has them (ignoring case). Round trips and errors as
    `add_tags`.
    """
    return _change(actor, ticket, (), [tags.clean(name) for name in names], once)


def _change(
    actor: Actor,
    number: int,
    add: Sequence[str],
    remove: Sequence[str],
    once: IdempotencyRecord | None,
) -> Ticket:
    versions.check_staff(actor)
    keys = [ticket_key(number), *map(tags.key_of, add)]
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            found, _ids = operations.first_round_trip(keys, once=once)
            known = cache.current(found)
            (item,) = find_items(actor, {"ticket": number}, found, known)
            before = ticket_items.as_ticket(item)
            for name in add:
                if not may_tag(actor, name, found, known.settings):
                    raise NotAllowed("can_manage_directory")
            gone = set(map(tags.folded, remove))
            kept = [name for name in before.tags if tags.folded(name) not in gone]
            after = replace(before, tags=joined(kept, add, found))
            if after.tags == before.tags:
                idempotency.record_answer(once, before)
                return before
            if _committed(actor, before, after, now(), once):
                return replace(after, version=before.version + 1)
        raise ChangedUnderYou


def may_tag(actor: Actor, name: str, found: Mapping[Key, Item], settings: Settings) -> bool:
    """Whether the actor may give a ticket this tag; a tag that is not in the list would be created.
    `found` has the rows of the list.
    """
    return (
        settings.tag_new
        or tags.listed(name, found)
        or (not actor.bound and actor.may("can_manage_directory"))
    )


def joined(there: Iterable[str], add: Iterable[str], found: Mapping[Key, Item]) -> tuple[str, ...]:
    """The tags followed by the added ones, without duplicates; added ones are spelled as in the
    list.

    Raises:
        TooLarge: There are more than MOST_TAGS.
    """
    names = {tags.folded(name): name for name in there}
    for name in add:
        names.setdefault(tags.folded(name), tags.spelled(name, found))
    if len(names) > MOST_TAGS:
        raise TooLarge("tags", MOST_TAGS)
    return tuple(names.values())


def tag_event(actor: Actor, ticket: int, at: datetime, kind: str, names: Sequence[str]) -> Write:
    """The write of the event `tagged` or `untagged`, from which index and list are updated."""
    return ticket_event(kind, actor, ticket, at, todo=["project"], data={"tags": list(names)})


def _committed(
    actor: Actor,
    before: Ticket,
    after: Ticket,
    at: datetime,
    once: IdempotencyRecord | None = None,
) -> bool:
    """Whether the ticket has its new tags; False if somebody has changed it since it was read."""
    lost = [name for name in before.tags if name not in after.tags]
    new = [name for name in after.tags if name not in before.tags]
    told = [("untagged", lost), ("tagged", new)]
    event, *others = [tag_event(actor, before.id, at, kind, names) for kind, names in told if names]
    attributes = {"tags": list(after.tags)} if after.tags else {}
    write = versions.update(before, at, actor, attributes, () if after.tags else ["tags"])
    try:
        operations.commit(event, [*others, write], once=once, result=after)
    except Cancelled:
        return False
    return True


# --- what follows ---------------------------------------------------------------------------


def postings_of(event: Event, ticket: Ticket | None) -> Iterator[Write]:
    """The postings of an event's tags: written for tags that the ticket has now, removed for
    others. The ticket is read when the event is handled, so events may be handled in any order.
    """
    has = set(map(tags.folded, ticket.tags)) if ticket else set()
    for name in map(tags.folded, event.data.get("tags", ())):
        yield postings.tag_posting(name, event.ticket or 0, there=name in has)


def follow(events: Sequence[Event]) -> None:
    """Adds new tags to the list, and applies renamed and deleted tags to their tickets. Idempotent;
    resumes where it stopped.

    Raises:
        ChangedUnderYou: Others kept changing a ticket.
    """
    _list_new([event for event in events if event.kind == "tagged"])
    for event in events:
        if event.kind in {"tag_renamed", "tag_deleted"}:
            _take_to_tickets(event.data["from"], event.data.get("to", ""))


def _list_new(events: Sequence[Event]) -> None:
    names = {name: None for event in events for name in event.data["tags"]}
    found = table.fetch([tags.key_of(name) for name in names])
    new: dict[str, None] = {}
    for event in events:
        for name in event.data["tags"]:
            if tags.listed(name, found):
                continue
            mark = tags.mark_of(name, found)
            if mark is None or mark.at < event.at:
                new[name] = None
            elif event.ticket:
                # The ticket got the tag while the tag was being renamed or deleted.
                _retag(name, mark.to, event.ticket)
    tags.add_rows(new)


def _take_to_tickets(old: str, new: str) -> None:
    posted = table.query(tagged_key(tags.folded(old), 0).pk, where="index", consistent=False)
    while page := list(islice(posted, AT_ONCE)):
        tickets = list(readable(_posted, page))
        aws.together(*(partial(_retag, old, new, ticket) for ticket in tickets))


def _posted(item: Item) -> int:
    with reading("posting", item):
        return int(item["sk"])


def _retag(old: str, new: str, number: int) -> None:
    """Replaces a tag of a ticket by its new name; removes it if that is empty. A damaged ticket
    stays as it is.
    """
    for _ in transact.attempts():
        item = table.get(ticket_key(number))
        before = next(readable(ticket_items.as_ticket, [item] if item else []), None)
        if before is None:
            return
        renamed = [new if tags.folded(name) == tags.folded(old) else name for name in before.tags]
        names = {tags.folded(name): name for name in filter(None, renamed)}
        after = replace(before, tags=tuple(names.values()))
        if after.tags == before.tags or _committed(SYSTEM, before, after, now()):
            return
    raise ChangedUnderYou
