"""Time that agents book on tickets: one item per booking, a pointer item that finds a booking by
its own id, and the sum and the ids of the bookings in the ticket's item.

All change in one transaction, conditional on the ticket's version. Rules: docs/zammad.md 17.19.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, NotFound, Problem
from helpdesk.events.history import ticket_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry
from helpdesk.model.relations import Accounting
from helpdesk.model.tickets import Ticket
from helpdesk.storage import table, ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import accounting_key, accounting_pointer_key, ticket_key
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import versions
from helpdesk.tickets.find import find_items, find_ticket

MOST_UNITS = Decimal(10_000)
"""Exclusive upper bound of one booking: Zammad's column has six digits, two of them decimals."""

_CENT = Decimal("0.01")


# --- numbers --------------------------------------------------------------------------------


def read_unit(written: object) -> str:
    """The stored form of an amount of time: `11`, `0.5`; a decimal comma is accepted.

    Raises:
        Invalid: `time_unit`: not a number, or MOST_UNITS or more.
    """
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise Invalid(Problem("time_unit", "number"))
    try:
        unit = Decimal(str(written).strip().replace(",", "."))
    except InvalidOperation as bad:
        raise Invalid(Problem("time_unit", "number")) from bad
    if not unit.is_finite() or abs(unit) >= MOST_UNITS:
        raise Invalid(Problem("time_unit", "number"))
    return _kept(unit)


def total(units: str, more: str = "", less: str = "") -> str:
    """The stored form of a sum with `more` added and `less` subtracted; empty text counts as 0."""
    return _kept(Decimal(units or 0) + Decimal(more or 0) - Decimal(less or 0))


def _kept(unit: Decimal) -> str:
    return f"{unit.quantize(_CENT).normalize() + 0:f}"


# --- the operations -------------------------------------------------------------------------


def list_accountings(actor: Actor, ticket: int) -> list[Accounting]:
    """The time booked on a ticket, by id. Two round trips.

    Raises:
        NotFound: No such ticket for this actor.
        NotAllowed: The key is a customer's.
    """
    versions.check_staff(actor)
    return of_ticket(find_ticket(actor, ticket).id)


def of_ticket(ticket: int) -> list[Accounting]:
    """The time booked on a ticket, by id; one round trip."""
    rows = table.query(ticket_key(ticket).pk, begins="W#")
    return list(readable(partial(as_accounting, ticket), rows))


def find_accounting(actor: Actor, ticket: int, number: int) -> Accounting:
    """One booking, in one round trip.

    Raises:
        NotFound: No such ticket for this actor; `accounting`.
        NotAllowed: The key is a customer's.
    """
    return _read(actor, ticket, number)[1]


def ticket_of(number: int) -> int:
    """The id of the ticket on which a booking was made; one round trip.

    Raises:
        NotFound: `accounting`: there is no booking with this id.
    """
    pointer = table.get(accounting_pointer_key(number))
    if pointer is None:
        raise NotFound("accounting", number)
    return int(pointer["ticket"])


def book_time(
    actor: Actor,
    ticket: int,
    unit: str,
    entry: int | None = None,
    once: IdempotencyRecord | None = None,
) -> Accounting:
    """Books time on a ticket, and on one of its entries if `entry` is given; `unit` is the result
    of `read_unit`. Two round trips.

    Raises:
        NotFound: No such ticket for this actor; `entry`, if the ticket does not have it.
        NotAllowed: The key is a customer's.
        Conflict: `no_time_accounting`, if time accounting is switched off.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    versions.check_staff(actor)
    with idempotency.replay_guard(once):
        for _ in transact.attempts():
            found, ids = operations.first_round_trip(
                [ticket_key(ticket)], once=once, ids={"accounting": 1}
            )
            known = cache.current(found)
            (item,) = find_items(actor, {"ticket": ticket}, found, known)
            if not known.settings.time_accounting:
                raise Conflict("no_time_accounting")
            before = ticket_items.as_ticket(item)
            if entry is not None and entry not in before.entries:
                raise NotFound("entry", entry)
            at = now()
            made = Accounting(ids["accounting"], ticket, unit, actor.me, at, at, entry)
            event, *writes = book_writes(actor, made)
            sum_ = total(before.time_units, unit)
            writes.append(_summed(actor, before, at, sum_, [*before.bookings, made.id]))
            if _committed(event, writes, once, made):
                return made
        raise ChangedUnderYou


def change_accounting(actor: Actor, ticket: int, number: int, unit: str) -> Accounting:
    """Changes how much time was booked; writes nothing if the time is the same. Two round trips;
    errors as `book_time`, and NotFound (`accounting`).
    """
    for _ in transact.attempts():
        before, booked = _read(actor, ticket, number)
        if booked.unit == unit:
            return booked
        at = now()
        after = Accounting(number, ticket, unit, booked.by, booked.at, at, booked.entry)
        data = {"accounting": number, "from": booked.unit, "to": unit}
        event = ticket_event("accounted", actor, ticket, at, todo=(), data=data)
        sum_ = total(before.time_units, unit, booked.unit)
        writes = [
            transact.put(
                accounting_key(ticket, number),
                _item(after),
                condition="attribute_exists(pk)",
            ),
            _summed(actor, before, at, sum_, before.bookings),
        ]
        if _committed(event, writes):
            return after
    raise ChangedUnderYou


def delete_accounting(actor: Actor, ticket: int, number: int) -> Accounting:
    """Deletes a booking and returns it. Round trips and errors as `change_accounting`."""
    for _ in transact.attempts():
        before, booked = _read(actor, ticket, number)
        at = now()
        data = {"accounting": number, "from": booked.unit, "to": ""}
        event = ticket_event("accounted", actor, ticket, at, todo=(), data=data)
        key, sum_ = accounting_key(ticket, number), total(before.time_units, less=booked.unit)
        writes = [
            transact.delete(key, condition="attribute_exists(pk)"),
            transact.delete(accounting_pointer_key(number)),
            _summed(actor, before, at, sum_, [one for one in before.bookings if one != number]),
        ]
        if _committed(event, writes):
            return booked
    raise ChangedUnderYou


def _read(actor: Actor, ticket: int, number: int) -> tuple[Ticket, Accounting]:
    versions.check_staff(actor)
    key = accounting_key(ticket, number)
    found, _ = operations.first_round_trip([ticket_key(ticket), key])
    (item,) = find_items(actor, {"ticket": ticket}, found, cache.current(found))
    if key not in found:
        raise NotFound("accounting", number)
    return ticket_items.as_ticket(item), as_accounting(ticket, found[key])


def of_entry(actor: Actor, entry: Entry, number: int) -> Accounting:
    """The booking, with the id `number`, of the time given with an entry."""
    at = entry.created
    return Accounting(number, entry.ticket, entry.time_unit, actor.me, at, at, entry.id)


# --- what is written ------------------------------------------------------------------------


def book_writes(actor: Actor, made: Accounting) -> list[Write]:
    """The writes of a booking, the first of which is its event; without the ticket's sum, which the
    caller updates with `total`.
    """
    data = {"accounting": made.id, "from": "", "to": made.unit}
    return [
        ticket_event("accounted", actor, made.ticket, made.at, todo=(), data=data),
        transact.put_new(accounting_key(made.ticket, made.id), _item(made)),
        transact.put(accounting_pointer_key(made.id), {"ticket": made.ticket}),
    ]


def _summed(
    actor: Actor, before: Ticket, at: datetime, units: str, bookings: Sequence[int]
) -> Write:
    """The write that updates a ticket's sum and the ids of its bookings."""
    attributes = {"time_units": units, **({"bookings": list(bookings)} if bookings else {})}
    return versions.update(before, at, actor, attributes, () if bookings else ["bookings"])


def _committed(
    event: Write,
    writes: list[Write],
    once: IdempotencyRecord | None = None,
    result: object = None,
) -> bool:
    try:
        operations.commit(event, writes, once=once, result=result)
    except Cancelled:
        return False
    return True


def _item(made: Accounting) -> Item:
    return {
        "id": made.id,
        "unit": made.unit,
        "by": made.by,
        "entry": made.entry,
        "at": to_iso(made.at),
        "updated": to_iso(made.updated),
    }


def as_accounting(ticket: int, item: Item) -> Accounting:
    """The booking that an item of a ticket's partition holds.

    Raises:
        Damaged: It is not a valid booking.
    """
    with reading("accounting", item):
        times = {name: from_iso(item[name]) for name in ("at", "updated")}
        accounting = make(Accounting, {**item, **times, "ticket": ticket})
        if not Decimal(accounting.unit).is_finite():
            raise ValueError("unit")
        if accounting_key(ticket, accounting.id).sk != item["sk"]:
            raise ValueError("id")
    return accounting
