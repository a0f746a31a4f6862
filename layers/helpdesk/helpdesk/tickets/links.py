"""Tickets under tickets: one parent each, any number of children, any depth, and never a circle.

The child's `parent` says what it is under; an item in the parent's partition lets its children be
found by one query. Both change in one transaction, with an event on either side. It asks once more
for the `parent` of every ticket that was walked on the way up, so that A under B and B under A
cannot both go through at the same moment (docs/aws.md m16).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from helpdesk import idempotency
from helpdesk.catalogue import cache
from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.events.history import link_events
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket
from helpdesk.scope import seen_by, visible
from helpdesk.storage import aws, table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, child_key, ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import find

MOST_ABOVE = 50
"""Tickets above each other that are walked, one trip each; what would be deeper is refused."""


# --- the operations -------------------------------------------------------------------------


def link_tickets(
    actor: Actor, parent: int | str, child: int | str, once: IdempotencyRecord | None = None
) -> tuple[Ticket, Ticket]:
    """Puts one ticket under another; gives the parent and the child as they are then.

    Trips: what the references name, the two tickets, one for each ticket above the parent, the
    transaction. Rules: docs/osticket.md, row J; docs/osticket.md 3.10. Errors: NotFound (`parent`,
    `child`), Conflict (`itself`, `linked`, `other_parent`, `circular`), NotAllowed for a customer's
    key, AlreadyAnswered, KeyReused, ChangedUnderYou, Throttled, Unavailable.
    """
    _check_staff(actor)
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
            record = [once.write((above, linked), at)] if once else []
            if _carried_out([*move.writes(), _update(below, linked), *record], once):
                return above, linked
        raise ChangedUnderYou


def unlink_ticket(actor: Actor, child: int | str) -> Ticket:
    """Takes a ticket from under its parent; gives it as it is then. Trips and errors as
    `link_tickets`; NotFound (`link`) where it has no parent, or none that the actor may see.
    """
    _check_staff(actor)
    for _ in transact.attempts():
        (below,) = _find(actor, {"child": child})
        above = parent_of(below)
        if above is None or not visible(actor, above):
            raise NotFound("link", child)
        at = now()
        alone = replace(below, parent=None, updated=at)
        move = Reparenting(actor, below, at, left=above)
        if _carried_out([*move.writes(), _update(below, alone)]):
            return alone
    raise ChangedUnderYou


def find_parent(actor: Actor, child: int | str) -> Ticket | None:
    """The ticket that this one is under; None where it is under none, or none that the actor may
    see. Three trips. Errors: NotFound (`child`), Throttled, Unavailable.
    """
    (below,) = _find(actor, {"child": child})
    above = parent_of(below)
    return above if above and visible(actor, above) else None


def find_children(actor: Actor, parent: int | str) -> list[Ticket]:
    """The tickets right under this one, by id, which is the order of their creation. Three trips.

    Errors: NotFound (`parent`), Throttled, Unavailable.
    """
    (above,) = _find(actor, {"parent": parent})
    rows = table.query(ticket_key(above.id).pk, begins="C#")
    below = find.read_visible(actor, [int(row["sk"][2:]) for row in rows])
    return [child for child in below if child.parent == above.id]


# --- what is there --------------------------------------------------------------------------


def _check_staff(actor: Actor) -> None:
    if actor.customer is not None:
        raise NotAllowed("can_manage_subtickets")


def _find(
    actor: Actor, wanted: dict[str, int | str], once: IdempotencyRecord | None = None
) -> list[Ticket]:
    keys = [key for what, ref in wanted.items() for key in find.reference_keys(ref, what)]
    found: dict[Key, Item] = {}
    aws.together(
        lambda: found.update(
            table.fetch([*keys, *idempotency.first_keys(once), CATALOGUE_VERSION])
        ),
        *cache.if_cold(),
    )
    idempotency.check(once, found)
    items = find.find_items(actor, wanted, found, cache.current(found))
    return [ticket_items.as_ticket(item) for item in items]


def parent_of(child: Ticket) -> Ticket | None:
    """The ticket that this one is under; None where there is none, or no more. One trip."""
    item = table.get(ticket_key(child.parent)) if child.parent is not None else None
    return ticket_items.as_ticket(item) if item else None


def ancestors(parent: Ticket, child: Ticket) -> tuple[Ticket, ...]:
    """The intended parent and all that is above it, one trip each.

    Errors: Conflict (`circular`) where the child is among them, or more than MOST_ABOVE are.
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
    """A child goes from under the ticket that it has `left`, if any, to under the first of a `line`
    that was climbed, if any.
    """

    actor: Actor
    child: Ticket
    at: datetime
    left: Ticket | None = None
    line: Sequence[Ticket] = ()

    def writes(self) -> list[Write]:
        """All writes but that of the child's own item; the first is an event."""
        told: list[Write] = []
        moved: list[Write] = []
        if self.left:
            told += link_events("unlinked", self.actor, self.left.id, self.child.id, self.at)
            if self.left.id not in {ticket.id for ticket in self.line}:
                moved.append(transact.check(ticket_key(self.left.id), "attribute_exists(pk)"))
        if self.child.parent is not None:
            moved.append(transact.delete(child_key(self.child.parent, self.child.id)))
        if self.line:
            above = self.line[0].id
            told += link_events("linked", self.actor, above, self.child.id, self.at)
            moved.append(transact.put(child_key(above, self.child.id), {"child": self.child.id}))
            moved += [self._still(ticket) for ticket in self.line]
        return [*told, *moved]

    def _still(self, ticket: Ticket) -> Write:
        condition, values = under_the_same(ticket)
        if ticket is self.line[0]:
            # It must also still be one that the actor sees.
            seen, more = seen_by(self.actor)
            condition, values = " AND ".join([condition, *seen]), values | more
        return transact.check(ticket_key(ticket.id), condition, values)


def under_the_same(ticket: Ticket) -> tuple[str, dict[str, Any]]:
    """The condition that a ticket is there and has the parent that it was seen with, if any."""
    if ticket.parent is None:
        return "attribute_exists(pk) AND attribute_not_exists(parent)", {}
    return "parent = :under", {":under": ticket.parent}


def _update(before: Ticket, after: Ticket) -> Write:
    condition, values = under_the_same(before)
    shown = {":updated": to_iso(after.updated), ":s2": ticket_items.listed(after, "")["s2"]}
    if after.parent is None:
        expression = "SET updated = :updated, s2 = :s2 REMOVE parent"
    else:
        expression, shown[":to"] = "SET updated = :updated, s2 = :s2, parent = :to", after.parent
    return transact.update(ticket_key(before.id), expression, values | shown, condition=condition)


def _carried_out(writes: Sequence[Write], once: IdempotencyRecord | None = None) -> bool:
    """Whether it has happened; not where something has changed since it was read."""
    try:
        history.carry_out(writes, writes[0].key)
    except Cancelled as cancelled:
        idempotency.check(once, cancelled.failed)
        return False
    return True
