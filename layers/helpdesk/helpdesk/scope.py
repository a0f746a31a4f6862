"""Which tickets, and which parts of them, an actor may see."""

from dataclasses import replace

from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Thread, Ticket


def visible(actor: Actor, ticket: Ticket) -> bool:
    """Whether this actor may see a ticket at all (docs/keys.md; docs/aws.md m3)."""
    own = actor.customer in {None, ticket.person}
    if not own and ticket.organization not in actor.organizations:
        return False
    return not actor.departments or ticket.department in actor.departments


def seen_by(actor: Actor) -> tuple[list[str], dict[str, int]]:
    """`visible` as conditions of a transaction, with their values."""
    conditions: list[str] = []
    values: dict[str, int] = {}
    if actor.customer is not None:
        shared = {f":o{number}": number for number in sorted(actor.organizations)}
        own = "person = :customer"
        conditions.append(f"({own} OR organization IN ({', '.join(shared)}))" if shared else own)
        values |= {":customer": actor.customer, **shared}
    if actor.departments:
        values |= {f":d{number}": number for number in actor.departments}
        conditions.append(f"department IN ({', '.join(f':d{n}' for n in actor.departments)})")
    return conditions, values


def reads_threads(actor: Actor) -> bool:
    """Whether the actor may read the entries of tickets. A key that may only search sees only what
    a search shows (docs/keys.md).
    """
    return actor.key is None or actor.may("can_read_tickets")


def as_seen_by(actor: Actor, thread: Thread, known: Catalogue) -> Thread:
    """A thread without the parts that a customer must not see: notes, and fields for agents
    only.
    """
    if actor.customer is None:
        return thread
    ticket = thread.ticket
    forms = [*known.fields.values(), *(row for t in known.topics.values() for row in t.fields)]
    shown = fields.for_customer(ticket.fields, forms)
    entries = tuple(entry for entry in thread.entries if entry.kind != "note")
    return Thread(replace(ticket, fields=shown), thread.children, entries)
