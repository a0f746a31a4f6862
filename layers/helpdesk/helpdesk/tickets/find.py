"""Finds tickets: by reference, with their thread, within what the actor may see."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.catalogue.numbers import FEWEST_DIGITS, plausible
from helpdesk.catalogue.rows import Catalogue, as_id
from helpdesk.errors import Damaged, NotFound
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.scope import as_seen_by, visible
from helpdesk.storage import person_items, table, ticket_items
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, number_key, person_key, ticket_key
from helpdesk.storage.reading import readable

MOST_MERGES = 20
"""Tickets in a row of which each was merged into the next, that are followed."""


def reference_keys(ref: int | str, what: str = "ticket") -> list[Key]:
    """The keys to read first to resolve a reference to a ticket.

    An `int` is an id. Text is a number, and an id only where it is too short for a number
    (docs/osticket.md, row E).

    Raises:
        NotFound: No ticket can have such a reference; `what` is the word for it.
    """
    if isinstance(ref, int):
        return [ticket_key(ref)]
    if not plausible(ref):
        raise NotFound(what, ref)
    number = as_id(ref) if len(ref) < FEWEST_DIGITS else None
    # So short a text is an id in every desk: its ticket is read along.
    return [number_key(ref), *([ticket_key(number)] if number else [])]


def resolve_reference(ref: int | str, found: Mapping[Key, Item], known: Catalogue) -> int | None:
    """The id of the ticket that a reference means, by the items of the first round trip."""
    if isinstance(ref, int):
        return ref
    number = ticket_items.number_holder(found, ref)
    if number is None and len(ref) < known.shortest_number():
        number = as_id(ref)
    return number or None


def find_items(
    actor: Actor, wanted: Mapping[str, int | str], found: Mapping[Key, Item], known: Catalogue
) -> list[Item]:
    """The items of tickets, in the order of `wanted`.

    `wanted` maps what each ticket is to the operation (`ticket`, `parent`, `child`) to a reference;
    `found` are the items of the first round trip. One more round trip for tickets not among them.

    Raises:
        NotFound: The first that is not there or that the actor may not see; names what it is.
        Damaged: One cannot be read.
    """
    ids = {what: resolve_reference(ref, found, known) for what, ref in wanted.items()}
    keys = [ticket_key(number) for number in ids.values() if number is not None]
    items_by_key = dict(found) | table.fetch([key for key in keys if key not in found])
    items = []
    for what, number in ids.items():
        item = items_by_key.get(ticket_key(number)) if number is not None else None
        if item is None:
            raise NotFound(what, wanted[what])
        if not _is_visible(actor, item):
            raise NotFound(what, wanted[what], hidden=True)
        items.append(item)
    return items


def by_number(number: str) -> int | None:
    """The id of the ticket with this number, whoever asks; one round trip. None where there is
    none.
    """
    if not plausible(number):
        return None
    return ticket_items.number_holder(table.fetch([number_key(number)]), number)


def _is_visible(actor: Actor, item: Item) -> bool:
    try:
        return visible(actor, ticket_items.as_ticket(item))
    except Damaged:
        if actor.bound:
            return False  # nobody can tell whether it is theirs
        raise


def find_ticket(actor: Actor, ref: int | str) -> Ticket:
    """A ticket by its id, in one round trip; by its number in two.

    Raises:
        NotFound: No such ticket for this actor.
        Damaged: It cannot be read.
    """
    found, _ = operations.first_round_trip(reference_keys(ref))
    (item,) = find_items(actor, {"ticket": ref}, found, cache.current(found))
    return ticket_items.as_ticket(item)


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


def merged_away(ticket: int, into: int) -> bool:
    """Whether the thread of a ticket that was merged away is with another one by now. A round trip
    for the ticket, and one for each merge.
    """
    item = table.get(ticket_key(ticket))
    if item is None or "merged_into" not in item:
        return False
    with suppress(Damaged):
        return follow_merges(ticket_items.as_ticket(item)).id == into
    return False


def find_thread(actor: Actor, ref: int | str) -> Thread:
    """A ticket with its thread, by id (`int`), by number, or by id where a text is too short for a
    number.

    Two round trips: what the number names, then the ticket's partition; one more for an actor who
    does not see every department, where there are children. Strongly consistent.

    Raises:
        NotFound: No such ticket for this actor.
        Damaged: It cannot be read.
    """
    found, _ = operations.first_round_trip(reference_keys(ref))
    known = cache.current(found)
    ticket = resolve_reference(ref, found, known)
    thread = _read_thread(actor, ticket) if ticket else None
    if thread is None:
        raise NotFound("ticket", ref)
    if not visible(actor, thread.ticket):
        raise NotFound("ticket", ref, hidden=True)
    if actor.bound and thread.children:
        shown = tuple(child.id for child in read_visible(actor, thread.children))
        thread = replace(thread, children=shown)
    return as_seen_by(actor, thread, known)


def _read_thread(actor: Actor, ticket: int) -> Thread | None:
    try:
        return ticket_items.read_thread(ticket)
    except Damaged:
        if actor.bound:
            return None
        raise


def shown_entries(actor: Actor, tickets: Sequence[Ticket]) -> Mapping[int, Sequence[int]]:
    """The ids of the entries of each of these tickets that the actor may see, by ticket.

    No round trip for staff, who see all; one for a customer, who sees no notes.
    """
    if actor.customer is None:
        return {ticket.id: ticket.entries for ticket in tickets}
    threads = ticket_items.read_threads([ticket.id for ticket in tickets])
    shown = {
        thread.ticket.id: [entry.id for entry in thread.entries if not entry.internal]
        for thread in threads
        if thread
    }
    return {ticket.id: shown.get(ticket.id, ()) for ticket in tickets}


def read_visible(actor: Actor, ids: Sequence[int]) -> list[Ticket]:
    """Those of these tickets that are there and that the actor may see, by id; one round trip."""
    found = table.fetch([ticket_key(number) for number in ids])
    tickets = readable(ticket_items.as_ticket, found.values())
    return sorted((t for t in tickets if visible(actor, t)), key=lambda ticket: ticket.id)


def find_addresses(actor: Actor, threads: Sequence[Thread]) -> Mapping[int, str]:
    """The addresses of all who have written to these threads, by their id.

    People and agents share one sequence of ids. One round trip where others than the requesters
    have written. A customer gets only the requesters' addresses.
    """
    known = {thread.ticket.person: thread.ticket.person_email for thread in threads}
    if actor.customer is not None:
        return known
    entries = [entry for thread in threads for entry in thread.entries]
    others = {entry.person for entry in entries if entry.person} - known.keys() - {NOBODY}
    found = table.fetch([person_key(person) for person in sorted(others)])
    people = readable(person_items.as_person, found.values())
    agents = cache.seen().agents.values()
    return (
        known
        | {person.id: person.email for person in people}
        | {agent.id: agent.email for agent in agents}
    )
