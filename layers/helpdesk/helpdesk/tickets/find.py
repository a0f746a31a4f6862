"""Finds tickets: by reference, with their thread, within what the actor may see."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from helpdesk.catalogue import cache
from helpdesk.catalogue.numbers import FEWEST_DIGITS, plausible
from helpdesk.catalogue.rows import Catalogue, as_id
from helpdesk.errors import (
    NotFound,
)
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.scope import as_seen_by, visible
from helpdesk.storage import aws, person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    Key,
    number_key,
    person_key,
    ticket_key,
)


def reference_keys(ref: int | str, what: str = "ticket") -> list[Key]:
    """What a first trip asks for to learn which ticket a reference means.

    An `int` is an id. Text is a number, and an id only where it is too short for a number
    (docs/osticket.md, row E). Errors: NotFound, with the word for what it is, for what no ticket
    can be called.
    """
    if isinstance(ref, int):
        return [ticket_key(ref)]
    if not plausible(ref):
        raise NotFound(what, ref)
    number = as_id(ref) if len(ref) < FEWEST_DIGITS else None
    # So short a text is an id in every desk, and its ticket is worth a look at once.
    return [number_key(ref), *([ticket_key(number)] if number else [])]


def resolve_reference(ref: int | str, found: Mapping[Key, Item], known: Catalogue) -> int | None:
    """The id of the ticket that a reference means, by what a first trip has found."""
    if isinstance(ref, int):
        return ref
    number = ticket_items.number_holder(found, ref)
    if number is None and len(ref) < known.shortest_number():
        number = as_id(ref)
    return number or None


def find_items(
    actor: Actor, wanted: Mapping[str, int | str], found: Mapping[Key, Item], known: Catalogue
) -> list[Item]:
    """The items of the tickets that are meant, by what each is to the operation: `ticket`,
    `parent`, `child`. One trip for those that the first has not found.

    Errors: NotFound with that word, for the first of them that is not there or not to be seen.
    """
    ids = {what: resolve_reference(ref, found, known) for what, ref in wanted.items()}
    keys = [ticket_key(number) for number in ids.values() if number is not None]
    there = dict(found) | table.fetch([key for key in keys if key not in found])
    items = []
    for what, number in ids.items():
        item = there.get(ticket_key(number)) if number is not None else None
        if item is None or not visible(actor, ticket_items.as_ticket(item)):
            raise NotFound(what, wanted[what])
        items.append(item)
    return items


def find_thread(actor: Actor, ref: str) -> Thread:
    """A ticket with its thread, by number, or by id where the reference is too short for a number.

    Two trips: what the number names, then the ticket's partition; one more for an actor who does
    not see every department, where there are children. Strongly consistent. Errors: NotFound, also
    for what the actor may not see.
    """
    found: dict[Key, Item] = {}
    keys = reference_keys(ref)
    aws.together(
        lambda: found.update(table.fetch([*keys, CATALOGUE_VERSION])),
        *cache.if_cold(),
    )
    known = cache.current(found)
    ticket = resolve_reference(ref, found, known)
    thread = ticket_items.read_thread(ticket) if ticket else None
    if thread is None or not visible(actor, thread.ticket):
        raise NotFound("ticket", ref)
    if actor.bound and thread.children:
        shown = tuple(child.id for child in read_visible(actor, thread.children))
        thread = replace(thread, children=shown)
    return as_seen_by(actor, thread, known)


def read_visible(actor: Actor, ids: Sequence[int]) -> list[Ticket]:
    """Those of these tickets that are there and that the actor may see, by id; one trip."""
    found = table.fetch([ticket_key(number) for number in ids])
    tickets = (ticket_items.as_ticket(item) for item in found.values())
    return sorted((t for t in tickets if visible(actor, t)), key=lambda ticket: ticket.id)


def find_addresses(actor: Actor, threads: Sequence[Thread]) -> Mapping[int, str]:
    """The addresses of all who have written to these threads, by their id: people and agents share
    one sequence. One trip where others than the tickets' own people have written; a customer is
    told of nobody else.
    """
    known = {thread.ticket.person: thread.ticket.person_email for thread in threads}
    if actor.customer is not None:
        return known
    entries = [entry for thread in threads for entry in thread.entries]
    others = {entry.person for entry in entries if entry.person} - known.keys() - {NOBODY}
    found = table.fetch([person_key(person) for person in sorted(others)])
    agents = cache.seen().agents.values()
    return (
        known
        | {item["id"]: person_items.as_person(item).email for item in found.values()}
        | {agent.id: agent.email for agent in agents}
    )
