"""Parents and children of tickets: one parent each, any number of children, never a cycle.

A child's `parent` names the ticket above it; an item in the parent's partition lets one query find
all children. Both change in one transaction, with an event for each ticket. The transaction is
conditional on the `parent` of every ancestor that was visited, so that concurrent requests to put A
under B and B under A cannot both succeed (docs/aws.md m16).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Damaged, NotFound
from helpdesk.events.history import link_events
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket
from helpdesk.scope import seen_by, visible
from helpdesk.storage import table, ticket_items, transact
from helpdesk.storage.keys import child_key, ticket_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import find, versions

MOST_ABOVE = 50
"""Ancestors that are read at most, one round trip each; a deeper link is refused."""


# --- the operations -------------------------------------------------------------------------


def link_tickets(
    actor: Actor, parent: int | str, child: int | str, once: IdempotencyRecord | None = None
) -> tuple[Ticket, Ticket]:
    """Puts one ticket under another; returns the changed parent and child.

    Round trips: the references, the two tickets, one for each ancestor of the parent, the
    transaction. Rules: docs/osticket.md, row J; docs/osticket.md 3.10.

    Raises:
        NotFound: `parent` or `child`.
        Conflict: `itself`, `linked`, `other_parent`, `circular`.
        NotAllowed: The key is a customer's.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the tickets.
    """
    versions.check_staff(actor, "can_manage_subtickets")
    wanted = {"parent": parent, "child": child}
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            above, below = _find(actor, wanted, once)
            if above.id == below.id:
                raise Conflict("itself")
            if below.parent == above.id:
                raise Conflict("linked")
            if parent_of(below):
                raise Conflict("other_parent")
            at = now()
            move = Reparenting(actor, below, at, line=ancestors(above, below))
            linked = replace(below, parent=above.id, updated=at)
            if carried_out(move, below, linked, once, result=(above, linked)):
                return above, linked
        raise ChangedUnderYou


def unlink_ticket(actor: Actor, child: int | str) -> Ticket:
    """Removes a ticket from its parent; returns the changed ticket. Round trips as `link_tickets`.

    Raises:
        NotFound: `child`; `link`, if it has no parent, or none that the actor may see.
        NotAllowed: The key is a customer's.
        ChangedUnderYou: Others kept changing the tickets.
    """
    versions.check_staff(actor, "can_manage_subtickets")
    for _ in transact.attempts():
        (below,) = _find(actor, {"child": child})
        above = parent_of(below)
        if above is None or not visible(actor, above):
            raise NotFound("link", child)
        at = now()
        alone = replace(below, parent=None, updated=at)
        if carried_out(Reparenting(actor, below, at, left=above), below, alone):
            return alone
    raise ChangedUnderYou


def find_parent(actor: Actor, child: int | str) -> Ticket | None:
    """The parent of a ticket; None if it has none, or none that the actor may see. Three round
    trips.

    Raises:
        NotFound: `child`.
    """
    (below,) = _find(actor, {"child": child})
    above = parent_of(below)
    return above if above and visible(actor, above) else None


def find_children(actor: Actor, parent: int | str) -> list[Ticket]:
    """The direct children of a ticket, by id, which is the order of creation. Three round trips.

    Raises:
        NotFound: `parent`.
    """
    (above,) = _find(actor, {"parent": parent})
    rows = table.query(ticket_key(above.id).pk, begins="C#")
    below = find.read_visible(actor, list(readable(ticket_items.child_of, rows)))
    return [child for child in below if child.parent == above.id]


# --- what exists ----------------------------------------------------------------------------


def _find(
    actor: Actor, wanted: dict[str, int | str], once: IdempotencyRecord | None = None
) -> list[Ticket]:
    keys = [key for what, ref in wanted.items() for key in find.reference_keys(ref, what)]
    found, _ = operations.first_round_trip(keys, once=once)
    items = find.find_items(actor, wanted, found, cache.current(found))
    return [ticket_items.as_ticket(item) for item in items]


def parent_of(child: Ticket) -> Ticket | None:
    """The parent of a ticket, as far as it can be read; None if it is gone. One round trip."""
    if child.parent is None:
        return None
    item = table.get(ticket_key(child.parent))
    try:
        return ticket_items.as_ticket(item) if item else None
    except Damaged:
        return ticket_items.salvage(child.parent, item or {})


def ancestors(parent: Ticket, child: Ticket) -> tuple[Ticket, ...]:
    """The intended parent and all its ancestors, one round trip each.

    Raises:
        Conflict: `circular`, if the child is among them, or there are more than MOST_ABOVE.
    """
    line = [parent]
    while len(line) <= MOST_ABOVE:
        top = line[-1]
        if top.id == child.id:
            raise Conflict("circular")
        above = parent_of(top)
        if above is None:
            return tuple(line)
        line.append(above)
    raise Conflict("circular")


# --- what is written ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reparenting:
    """Moves a child from the parent `left`, if any, to the first ticket of `line`, the new
    ancestors, if any.
    """

    actor: Actor
    child: Ticket
    at: datetime
    left: Ticket | None = None
    line: Sequence[Ticket] = ()

    def writes(self) -> list[Write]:
        """All writes except that of the child's own item; the first is an event."""
        events: list[Write] = []
        moves: list[Write] = []
        if self.left:
            events += link_events("unlinked", self.actor, self.left.id, self.child.id, self.at)
            if self.left.id not in {ticket.id for ticket in self.line}:
                moves.append(transact.check(ticket_key(self.left.id), "attribute_exists(pk)"))
        if self.child.parent is not None:
            moves.append(transact.delete(child_key(self.child.parent, self.child.id)))
        if self.line:
            above = self.line[0].id
            events += link_events("linked", self.actor, above, self.child.id, self.at)
            moves.append(transact.put(child_key(above, self.child.id), {"child": self.child.id}))
            moves += [self._unchanged(ticket) for ticket in self.line]
        return [*events, *moves]

    def _unchanged(self, ticket: Ticket) -> Write:
        condition, values = under_the_same(ticket)
        if ticket is self.line[0]:
            # The actor must still see the new parent.
            seen, more = seen_by(self.actor)
            condition, values = " AND ".join([condition, *seen]), values | more
        return transact.check(ticket_key(ticket.id), condition, values)


def under_the_same(ticket: Ticket) -> tuple[str, dict[str, Any]]:
    """The condition that a ticket exists and still has the parent that was read, if any."""
    if ticket.parent is None:
        return "attribute_exists(pk) AND attribute_not_exists(parent)", {}
    return "parent = :under", {":under": ticket.parent}


def _update(before: Ticket, after: Ticket) -> Write:
    condition, values = under_the_same(before)
    attributes = {"updated": to_iso(after.updated), "s2": ticket_items.listed(after, "")["s2"]}
    return transact.set_attributes(
        ticket_key(before.id),
        attributes | ({} if after.parent is None else {"parent": after.parent}),
        remove=["parent"] if after.parent is None else [],
        condition=condition,
        values=values,
    )


def carried_out(
    move: Reparenting,
    before: Ticket,
    after: Ticket,
    once: IdempotencyRecord | None = None,
    result: object = None,
) -> bool:
    """Whether the child was moved; False if something has changed since it was read."""
    event, *others = move.writes()
    try:
        operations.commit(event, [*others, _update(before, after)], once=once, result=result)
    except Cancelled:
        return False
    return True
