"""Links between tickets: normal ones, and any number of parents and children.

The parent of `tickets.links` is shown as a link like the others, and the first parent that a ticket
is given here becomes it, unless this would close a cycle. Every other link is an item in the
partition of each ticket, keyed by the relation of the other ticket, so that one query finds all
links of a ticket. Both items change in one transaction, with an event for each ticket. Rules:
docs/zammad.md 9.8 and 17.12.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict
from helpdesk.events import timeline
from helpdesk.events.history import ticket_event
from helpdesk.events.timeline import Happening
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.relations import INVERSE, Link, LinkKind
from helpdesk.model.tickets import Ticket
from helpdesk.storage import aws, sequences, table, ticket_items, transact
from helpdesk.storage.keys import link_key, ticket_key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import find, links, versions
from helpdesk.tickets.links import Reparenting

Standing = tuple[LinkKind, Ticket]
"""A ticket and its relation to another."""


# --- the operations -------------------------------------------------------------------------


def list_links(actor: Actor, ticket: int) -> list[Standing]:
    """The linked tickets that the actor may see: parents, then children, then others, each by id.
    Three round trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's.
    """
    versions.check_staff(actor)
    linked = linked_with(find.find_ticket(actor, ticket))
    others = {other.id: other for other in find.read_visible(actor, [n for _, n in linked])}
    return [
        (kind, others[number])
        for kind, number in linked
        if number in others and _holds(kind, ticket, others[number])
    ]


def add_link(
    actor: Actor,
    kind: LinkKind,
    source: int | str,
    target: int | str,
    once: IdempotencyRecord | None = None,
) -> Link:
    """Links two tickets: `source` becomes the `kind` of `target`.

    Round trips: the references, the two tickets, the links between them, for a parent one for each
    of its ancestors, the transaction.

    Raises:
        NotFound: `source` or `target`.
        NotAllowed: The key is a customer's.
        Conflict: `itself`, `linked`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the tickets.
    """
    versions.check_staff(actor)
    number = 0
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            one, other = _find(actor, source, target, once)
            if one.id == other.id:
                raise Conflict("itself")
            if _linked(kind, one, other):
                raise Conflict("linked")
            number = number or sequences.allocate_ids(link=1)["link"]
            link = Link(number, kind, one.id, other.id, now())
            if _committed(actor, link, one, other, once):
                return link
        raise ChangedUnderYou


def remove_link(actor: Actor, kind: LinkKind, source: int | str, target: int | str) -> bool:
    """Removes the link by which `source` is the `kind` of `target`; returns whether there was one.
    Other links between the two stay. Round trips and errors as `add_link`.
    """
    versions.check_staff(actor)
    for _ in transact.attempts():
        one, other = _find(actor, source, target)
        writes = _removal(kind, one, other)
        above, below = _upright(kind, one, other)
        if kind != "normal" and below.parent == above.id:
            at = now()
            alone = replace(below, parent=None, updated=at)
            if not links.carried_out(Reparenting(actor, below, at, left=above), below, alone):
                continue
            if not writes:
                return True
        if not writes:
            return False
        if _removed(actor, Link(0, kind, one.id, other.id, now()), writes):
            return True
    raise ChangedUnderYou


def list_history(actor: Actor, ticket: int) -> tuple[Ticket, list[Happening]]:
    """A ticket and its history, oldest first, without links to and merges with tickets that the
    actor does not see. Two round trips, and one more for a key that sees only part of the desk.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's.
    """
    versions.check_staff(actor)
    found = find.find_ticket(actor, ticket)
    told = timeline.read(ticket)
    others = {one.number for one in told if one.names_another} if actor.bound else set()
    hidden = others - {other.id for other in find.read_visible(actor, sorted(others))}
    return found, [one for one in told if not (one.names_another and one.number in hidden)]


# --- what exists ----------------------------------------------------------------------------


def linked_with(ticket: Ticket) -> list[tuple[LinkKind, int]]:
    """The ids of the tickets that a ticket may be linked with, and the relation of each. One round
    trip.
    """
    linked = linked_by_rows(ticket.id)
    if ticket.parent is not None:
        linked.add(("parent", ticket.parent))
    order: list[LinkKind] = ["parent", "child", "normal"]
    return sorted(linked, key=lambda one: (order.index(one[0]), one[1]))


def linked_by_rows(ticket: int) -> set[tuple[LinkKind, int]]:
    """`linked_with` without the ticket's one parent, which its own item names. One round trip."""
    pk = ticket_key(ticket).pk
    children, others = aws.together(
        lambda: list(table.query(pk, begins="C#")), lambda: list(table.query(pk, begins="L#"))
    )
    linked = set(readable(named, others))
    return linked | {("child", child) for child in readable(ticket_items.child_of, children)}


def named(item: Mapping[str, Any]) -> tuple[LinkKind, int]:
    """The relation and the id of the other ticket in a link's item.

    Raises:
        Damaged: The item names no ticket.
    """
    with reading("link", item):
        _, kind, other = item["sk"].split("#")
        (known,) = (one for one in INVERSE if one == kind)
        return known, int(other)


def _holds(kind: LinkKind, ticket: int, other: Ticket) -> bool:
    """Whether a ticket that was found is still linked: a child's row may be out of date with the
    child's `parent`.
    """
    if kind != "child" or other.parent == ticket:
        return True
    return table.get(link_key(ticket, kind, other.id)) is not None


def _find(
    actor: Actor, source: int | str, target: int | str, once: IdempotencyRecord | None = None
) -> tuple[Ticket, Ticket]:
    wanted = {"source": source, "target": target}
    keys = [key for what, ref in wanted.items() for key in find.reference_keys(ref, what)]
    found, _ = operations.first_round_trip(keys, once=once)
    one, other = find.find_items(actor, wanted, found, cache.current(found))
    return ticket_items.as_ticket(one), ticket_items.as_ticket(other)


def _upright(kind: LinkKind, one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    """The parent and the child of two tickets, of which the first is the `kind` of the second."""
    return (other, one) if kind == "child" else (one, other)


def _linked(kind: LinkKind, one: Ticket, other: Ticket) -> bool:
    above, below = _upright(kind, one, other)
    if kind != "normal" and below.parent == above.id:
        return True
    return table.get(link_key(other.id, kind, one.id)) is not None


# --- what is written ------------------------------------------------------------------------


def link_items(link: Link) -> list[Write]:
    """The writes of a link's items, one in the partition of each ticket; they fail if the link
    exists.
    """
    item = {"id": link.id, "at": to_iso(link.at)}
    return [
        transact.put_new(link_key(link.target, link.kind, link.source), item),
        transact.put_new(link_key(link.source, INVERSE[link.kind], link.target), item),
    ]


def events(what: Literal["linked", "unlinked"], actor: Actor, link: Link) -> list[Write]:
    """The writes that record a link in the history of both tickets."""
    sides: Iterable[tuple[int, Mapping[str, object]]] = (
        (link.target, {"kind": link.kind, "ticket": link.source}),
        (link.source, {"kind": INVERSE[link.kind], "ticket": link.target}),
    )
    return [
        ticket_event(what, actor, ticket, link.at, todo=(), data=data) for ticket, data in sides
    ]


def _committed(
    actor: Actor, link: Link, one: Ticket, other: Ticket, once: IdempotencyRecord | None
) -> bool:
    """Whether the link is there; False if something has changed since the tickets were read."""
    if link.kind != "normal":
        above, below = _upright(link.kind, one, other)
        if links.parent_of(below) is None and (line := _line(above, below)):
            move = Reparenting(actor, below, link.at, line=line)
            linked = replace(below, parent=above.id, updated=link.at)
            return links.carried_out(move, below, linked, once, result=link)
    event, *told = events("linked", actor, link)
    writes = [
        *told,
        *link_items(link),
        versions.touch(link.source, link.at, actor),
        versions.touch(link.target, link.at, actor),
    ]
    try:
        operations.commit(event, writes, once=once, result=link)
    except Cancelled:
        return False
    return True


def _line(above: Ticket, below: Ticket) -> tuple[Ticket, ...]:
    """The intended parent and its ancestors; empty if the link would close a cycle."""
    try:
        return links.ancestors(above, below)
    except Conflict:
        return ()


def _removal(kind: LinkKind, one: Ticket, other: Ticket) -> list[Write]:
    """The writes that remove a link's items, if there are any."""
    keys = [link_key(other.id, kind, one.id), link_key(one.id, INVERSE[kind], other.id)]
    found = table.fetch(keys)
    return [transact.delete(key, condition="attribute_exists(pk)") for key in keys if key in found]


def _removed(actor: Actor, link: Link, writes: Iterable[Write]) -> bool:
    event, *told = events("unlinked", actor, link)
    touched = [versions.touch(ticket, link.at, actor) for ticket in (link.source, link.target)]
    try:
        operations.commit(event, [*told, *writes, *touched])
    except Cancelled:
        return False
    return True
