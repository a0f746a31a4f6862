"""Tickets as items; reads a ticket with its thread in one query."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from helpdesk.clock import from_iso, to_iso
from helpdesk.errors import Damaged
from helpdesk.model.entries import Entry
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.storage import aws, entry_items, shapes, shards, table
from helpdesk.storage.attributes import Item, as_document
from helpdesk.storage.keys import (
    ALL,
    DUE,
    PENDING,
    Key,
    number_key,
    padded,
    ticket_key,
)
from helpdesk.storage.reading import FAULTS, make, readable, reading, reference

SERVICED = "serviced"
"""The index partition that lists the tickets about services."""

_TIMES = {
    "created",
    "updated",
    "due",
    "estimated_due",
    "closed",
    "first_closed",
    "last_closed",
    "pending_until",
    "first_response",
    "agent_contact",
    "customer_contact",
    "start",
    "end",
    "next_update",
    "closed_time",
    "reopened_time",
}
_LISTS = {"entries", "services", "tags", "bookings"}

_DOCUMENTS = {"preferences"}
"""Callers' own values, stored as JSON, since they may have any shape."""

_DECIMAL = re.compile(r"(-?[0-9]{1,15}(\.[0-9]{1,9})?)?")
"""The format of `time_units`: a decimal number as text."""

_SPARSE = {"tags", "bookings"}
"""Attributes that are stored only if not empty; most tickets lack them."""
_EMPTY = {"subject": "", "person_name": "", "person_email": ""}


# --- tickets --------------------------------------------------------------------------------


def as_item(ticket: Ticket, state: str) -> Item:
    """A ticket as stored, with its index attributes.

    `state` is that of its status.
    """
    item: Item = {
        field.name: _stored(field.name, getattr(ticket, field.name)) for field in fields(ticket)
    }
    return item | listed(ticket, state) | {shapes.NAME: shapes.SHAPE}


def listed(ticket: Ticket, state: str) -> Item:
    """The index attributes of a ticket: bucket, all, person, organization, agent, and when it is
    due: its deadline, or `pending_until` while it is pending.
    """
    number = padded(ticket.id)
    waits, until = DUE, None if ticket.overdue else ticket.deadline
    if ticket.pending:
        # After a reminder a ticket stays pending, and must not trigger another one.
        asleep = ticket.pending_until is not None and ticket.pending_until > ticket.updated
        waits, until = PENDING, ticket.pending_until if asleep else None
    until = until if state == "open" else None
    organization, agent = ticket.organization, ticket.agent
    return {
        "p1": f"{ticket.status}#{ticket.department}#{ticket.topic or 0}",
        "s1": number,
        "s2": by_update(ticket.updated, ticket.id),
        "s3": f"{ticket.number}#{number}",
        "p4": shards.to_write(ALL, ticket.id),
        "p6": padded(ticket.person),
        "p7": padded(organization) if organization else None,
        "p8": padded(agent) if agent else None,
        "p11": SERVICED if ticket.services else None,
        "s11": f"{to_iso(ticket.created)}#{number}" if ticket.services else None,
        "p9": shards.to_write(waits, ticket.id) if until else None,
        "s9": f"{to_iso(until)}#{number}" if until else None,
    }


def by_update(at: datetime, ticket: int) -> str:
    """The sort key of a ticket by its last update."""
    return f"{to_iso(at)}#{padded(ticket)}"


def _stored(name: str, value: Any) -> Any:
    if name in _DOCUMENTS:
        return as_document(value)
    if name in _SPARSE and not value:
        return None
    if name in _TIMES and value is not None:
        return to_iso(value)
    if name in _LISTS:
        return list(value)
    if isinstance(value, Mapping):
        return {key: list(v) if isinstance(v, tuple) else v for key, v in value.items()}
    return value


def as_ticket(item: Mapping[str, Any]) -> Ticket:
    """The ticket that an item holds.

    Raises:
        Damaged: It is not a valid ticket.
    """
    with reading("ticket", item):
        # Empty values are not stored; a ticket from a mail may have no requester and no subject.
        ticket = make(Ticket, _EMPTY | _values(item))
        if ticket_key(ticket.id).pk != item["pk"]:
            raise ValueError("id")
        if "version" not in item:
            # Every change is conditional on the version: without it the ticket could not even be
            # deleted.
            raise KeyError("version")
    return ticket


def _values(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read_value(name, value) for name, value in item.items()}


def _read_value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return from_iso(value)
    if name in _DOCUMENTS:
        return json.loads(value)
    if name == "time_units" and not _DECIMAL.fullmatch(value):
        raise ValueError(name)
    if name == "fields":
        return {field: tuple(v) if isinstance(v, list) else v for field, v in value.items()}
    if name in _LISTS:
        # An empty map would pass as an empty list, but cannot be appended to.
        if not isinstance(value, list):
            raise TypeError(name)
        return tuple(value)
    return value


def salvage(ticket: int, item: Mapping[str, Any]) -> Ticket:
    """The readable values of a damaged ticket, for its deletion; the others are empty."""
    never = datetime(1970, 1, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": ticket,
        "number": "",
        "status": 0,
        "department": 0,
        "priority": 0,
        "person": 0,
        "source": "",
        "created": never,
        "updated": never,
        **_EMPTY,
    }
    for name, value in item.items():
        with suppress(*FAULTS):
            tried = values | {name: _read_value(name, value), "id": ticket}
            make(Ticket, tried)
            values = tried
    return make(Ticket, values)


def difference(
    item: Mapping[str, Any], after: Ticket, state: str
) -> tuple[dict[str, Any], list[str]]:
    """The attributes to set and to remove so that an item becomes this ticket. Without `version`,
    and without `entries`, to which others may append concurrently.
    """
    wanted = as_item(after, state)
    for name in ("entries", "version"):
        del wanted[name]
    empty = {name for name, value in wanted.items() if value is None or value == ""}
    changed = {
        name: value
        for name, value in wanted.items()
        if name not in empty and item.get(name) != value
    }
    return changed, sorted(empty & item.keys())


# --- with their threads ---------------------------------------------------------------------


def read_thread(ticket: int) -> Thread | None:
    """A ticket, its children and its entries, strongly consistent; one round trip per MB.

    Raises:
        Damaged: The ticket's own item cannot be read.
    """
    read = _read(ticket)
    if read.ticket is None:
        return None
    return Thread(read.ticket, tuple(read.children), tuple(entry_items.with_bodies(read.entries)))


def read_threads(tickets: Sequence[int]) -> list[Thread | None]:
    """`read_thread` for several tickets in parallel; None for a missing or damaged one."""
    if not tickets:
        return []
    read = aws.together(*(partial(_read_or_none, ticket) for ticket in tickets))
    # All bodies are read together afterwards, since a call inside `together` must not call it
    # again.
    entries = iter(entry_items.with_bodies([entry for one in read for entry in one.entries]))
    return [
        Thread(one.ticket, tuple(one.children), tuple(islice(entries, len(one.entries))))
        if one.ticket
        else None
        for one in read
    ]


@dataclass(slots=True)
class _Partition:
    """A ticket's partition; its entries with the keys of bodies that are in S3."""

    ticket: Ticket | None
    children: list[int]
    entries: list[tuple[Entry, str | None]]


def _read_or_none(ticket: int) -> _Partition:
    try:
        return _read(ticket)
    except Damaged:
        return _Partition(None, [], [])


def _read(ticket: int) -> _Partition:
    read = _Partition(None, [], [])
    children: list[Item] = []
    entries: list[Item] = []
    for item in table.query(ticket_key(ticket).pk, between=("A", "F")):
        kind = item["sk"][:2]
        if kind == "A":
            read.ticket = as_ticket(item)
        else:
            (children if kind == "C#" else entries).append(item)
    if read.ticket:
        read.children += readable(child_of, children)
        read.entries += readable(partial(entry_items.entry_and_body, ticket), entries)
    return read


def child_of(item: Mapping[str, Any]) -> int:
    """The id of the child in an item's key.

    Raises:
        Damaged: It has none.
    """
    with reading("child", item):
        return int(item["sk"].removeprefix("C#"))


def number_holder(found: Mapping[Key, Item], number: str) -> int | None:
    """The id of the ticket with this number, from fetched items."""
    return reference(found.get(number_key(number)), "ticket")
