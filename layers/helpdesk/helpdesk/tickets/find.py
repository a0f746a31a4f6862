"""Finds the tickets that an actor may see, by reference, with or without their thread."""

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
"""Length of a chain of merges that is followed."""


def reference_keys(ref: int | str, what: str = "ticket") -> list[Key]:
    """The keys to read first to resolve a reference to a ticket.

    An `int` is an id. Text is a ticket number, or an id if it is too short for a number
    (docs/osticket.md, row E).

    Raises:
        NotFound: No ticket can have such a reference; the error names `what`.
    """
    if isinstance(ref, int):
        return [ticket_key(ref)]
    if not plausible(ref):
        raise NotFound(what, ref)
    number = as_id(ref) if len(ref) < FEWEST_DIGITS else None
    # A text this short is an id in every desk, so its ticket is read in the same trip.
    return [number_key(ref), *([ticket_key(number)] if number else [])]


def resolve_reference(ref: int | str, found: Mapping[Key, Item], known: Catalogue) -> int | None:
    """The id of the ticket that a reference means, from the items of the first round trip."""
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

    `wanted` maps the role of each ticket in the operation (`ticket`, `parent`, `child`) to a
    reference; `found` are the items of the first round trip. One more round trip for tickets not
    among them.

    Raises:
        NotFound: The first that does not exist or that the actor may not see; names its role.
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
    """The id of the ticket with this number, without a check of visibility; None if there is none.
    One round trip.
    """
    if not plausible(number):
        return None
    return ticket_items.number_holder(table.fetch([number_key(number)]), number)


def _is_visible(actor: Actor, item: Item) -> bool:
    try:
        return visible(actor, ticket_items.as_ticket(item))
    except Damaged:
        if actor.bound:
            return False  # unreadable, so it cannot be told whose it is
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
    """The ticket that holds a ticket's thread now: the ticket itself if it is not merged, or if its
    merge target is gone. One round trip for each merge.
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
    """Whether a ticket was merged and its thread is in the ticket `into` now. One round trip for
    the ticket, and one for each merge.
    """
    item = table.get(ticket_key(ticket))
    if item is None or "merged_into" not in item:
        return False
    with suppress(Damaged):
        return follow_merges(ticket_items.as_ticket(item)).id == into
    return False


def find_thread(actor: Actor, ref: int | str) -> Thread:
    """A ticket with its thread, by id (`int`), by number, or by id if the text is too short for a
    number.

    Two round trips: the number, then the ticket's partition; one more if there are children and the
    actor does not see every department. Strongly consistent.

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
    """By ticket, the ids of the entries that the actor may see. No round trip for staff, who see
    all; one for a customer, who sees no notes.
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
    """Those of these tickets that exist and that the actor may see, by id; one round trip."""
    found = table.fetch([ticket_key(number) for number in ids])
    tickets = readable(ticket_items.as_ticket, found.values())
    return sorted((t for t in tickets if visible(actor, t)), key=lambda ticket: ticket.id)


def find_addresses(actor: Actor, threads: Sequence[Thread]) -> Mapping[int, str]:
    """The addresses of all authors in these threads, by person or agent id.

    People and agents share one sequence of ids. One round trip if others than the requesters have
    written. A customer gets only the requesters' addresses.
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
