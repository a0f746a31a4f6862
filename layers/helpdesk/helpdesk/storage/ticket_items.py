"""Tickets, entries and files as items, and a ticket read with its thread in one query."""

import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from helpdesk.clock import from_iso, to_iso
from helpdesk.errors import Damaged, NotFound
from helpdesk.model.entries import Body, Entry, EntryHeaders
from helpdesk.model.files import Attachment
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.storage import aws, objects, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    ALL,
    DUE,
    PENDING,
    Key,
    entry_key,
    entry_pointer_key,
    file_key,
    folder_key,
    number_key,
    padded,
    ticket_key,
)
from helpdesk.storage.reading import FAULTS, make, readable, reading, report
from helpdesk.storage.transact import Write

PLAIN_BYTES = 1024
"""Up to this size a body is stored as it is; above, compressed."""

_QUOTED = "\x00"
"""Stands between a body and what it quotes; no body holds one, because text.sanitize drops it."""

INLINE_BYTES = 8 * 1024
"""Up to this size, compressed, a body stays in its item; above, it is an object in S3
(docs/aws.md m19).
"""

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
}
_LISTS = {"entries", "services", "tags"}

_DOCUMENTS = {"preferences"}
"""Callers' own values, kept as JSON: they may be anything."""

_SPARSE = {"tags"}
"""What is stored only where there is something in it, which most tickets lack."""
_EMPTY = {"subject": "", "person_name": "", "person_email": ""}


# --- tickets --------------------------------------------------------------------------------


def as_item(ticket: Ticket, state: str) -> Item:
    """A ticket as stored, with the attributes that the indexes list it by.

    `state` is that of its status.
    """
    item: Item = {
        field.name: _stored(field.name, getattr(ticket, field.name)) for field in fields(ticket)
    }
    return item | listed(ticket, state)


def listed(ticket: Ticket, state: str) -> Item:
    """The index attributes of a ticket: bucket, all, person, organization, agent, and when
    something is due: a deadline, or the end of its sleep while it is pending.
    """
    number = padded(ticket.id)
    waits, until = DUE, None if ticket.overdue else ticket.deadline
    if ticket.pending:
        # Whoever was reminded stays pending, and is not reminded again.
        asleep = ticket.pending_until is not None and ticket.pending_until > ticket.updated
        waits, until = PENDING, ticket.pending_until if asleep else None
    until = until if state == "open" else None
    organization, agent = ticket.organization, ticket.agent
    return {
        "p1": f"{ticket.status}#{ticket.department}#{ticket.topic or 0}",
        "s1": number,
        "s2": by_update(ticket.updated, ticket.id),
        "s3": f"{ticket.number}#{number}",
        "p4": ALL,
        "p6": padded(ticket.person),
        "p7": padded(organization) if organization else None,
        "p8": padded(agent) if agent else None,
        "p9": waits if until else None,
        "s9": f"{to_iso(until)}#{number}" if until else None,
    }


def by_update(at: datetime, ticket: int) -> str:
    """The sort key of a ticket by its last update."""
    return f"{to_iso(at)}#{padded(ticket)}"


def as_document(values: Mapping[str, object]) -> str | None:
    """A caller's own values as they are stored; None for none."""
    return json.dumps(values, ensure_ascii=False) if values else None


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
        Damaged: It holds none.
    """
    with reading("ticket", item):
        # Empty values are not stored: a mail may have neither sender nor subject.
        ticket = make(Ticket, _EMPTY | _values(item))
        if ticket_key(ticket.id).pk != item["pk"]:
            raise ValueError("id")
    return ticket


def _values(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read_value(name, value) for name, value in item.items()}


def _read_value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return from_iso(value)
    if name in _DOCUMENTS:
        return json.loads(value)
    if name == "fields":
        return {field: tuple(v) if isinstance(v, list) else v for field, v in value.items()}
    return tuple(value) if name in _LISTS else value


def salvage(ticket: int, item: Mapping[str, Any]) -> Ticket:
    """What can still be read of a damaged ticket, for whoever deletes it: all else is empty."""
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
    """The attributes to set and those to remove so that an item becomes this ticket.

    Without `entries`, which others append to at the same time, and `version`.
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


# --- entries and their files ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body as it is stored: in the entry's item, or as an object in S3 where it is large."""

    attributes: Item
    object: bytes | None = None


def store_body(body: Body, quoted: str = "") -> StoredBody:
    """Decides where a body and what it quotes are stored. The operation's folder gives the key of
    one that goes to S3 (`StagedObjects.body_key`).
    """
    raw = (f"{body.text}{_QUOTED}{quoted}" if quoted else body.text).encode()
    if len(raw) <= PLAIN_BYTES:
        return StoredBody({"format": body.format, "text": raw.decode()})
    packed = zlib.compress(raw, 6)
    if len(packed) <= INLINE_BYTES:
        return StoredBody({"format": body.format, "packed": packed})
    return StoredBody({"format": body.format}, object=packed)


def new_entry(entry: Entry, body: Item) -> list[Write]:
    """The writes of a new entry: its item, and the pointer under its id."""
    item: Item = {
        "id": entry.id,
        "kind": entry.kind,
        "poster": entry.poster,
        "created": to_iso(entry.created),
        "title": entry.title,
        "person": entry.person,
        "agent": entry.agent,
        # Read by Zammad's articles alone, whose type it is.
        "source": entry.source,
        "message_id": entry.message_id,
        "raw": entry.raw,
        "files": [asdict(file) for file in entry.attachments] or None,
        "channel": entry.channel,
        "sender": entry.sender,
        "headers": {name: text for name, text in asdict(entry.headers).items() if text} or None,
        "created_by": entry.created_by,
        "preferences": as_document(entry.preferences),
        "time_unit": entry.time_unit,
        **body,
    }
    return [
        transact.put_new(entry_key(entry.ticket, entry.id), item),
        transact.put_new(entry_pointer_key(entry.id), {"ticket": entry.ticket}),
    ]


def file_pointers(entry: Entry, files: Sequence[Attachment]) -> list[Write]:
    """The writes of the pointers under the ids of these files of an entry."""
    pointer = {"ticket": entry.ticket, "entry": entry.id}
    return [transact.put(file_key(file.id), {**asdict(file), **pointer}) for file in files]


def as_entry(ticket: int, item: Mapping[str, Any]) -> Entry:
    """The entry that an item holds. `with_bodies` reads a body that lies in S3.

    Raises:
        Damaged: It holds none.
    """
    with reading("entry", item):
        text = item.get("text", "")
        if "packed" in item:
            text = zlib.decompress(item["packed"]).decode()
        body, _, quoted = text.partition(_QUOTED)
        shown = make(Body, {"text": body, "format": item.get("format", "text")})
        files = tuple(make(Attachment, file) for file in item.get("files", ()))
        given = {
            "poster": "",
            **item,
            **{name: json.loads(item[name]) for name in _DOCUMENTS & item.keys()},
            "ticket": ticket,
            "body": shown,
            "created": from_iso(item["created"]),
            "updated": from_iso(item["updated"]) if "updated" in item else None,
            "headers": make(EntryHeaders, item.get("headers", {})),
            "attachments": files,
            "quoted": quoted,
        }
        entry = make(Entry, given)
        if entry_key(ticket, entry.id).sk != item["sk"]:
            raise ValueError("id")
    return entry


def with_bodies(entries: Sequence[tuple[Entry, str | None]]) -> list[Entry]:
    """The entries with the bodies that lie in S3. One round trip where there are any.

    An entry whose body is gone or damaged stays, without a body.
    """
    if not any(key for _, key in entries):
        return [entry for entry, _ in entries]
    return aws.together(*(partial(_with_body_if_any, entry, key) for entry, key in entries))


def _with_body_if_any(entry: Entry, key: str | None) -> Entry:
    try:
        return with_body(entry, key) if key else entry
    except NotFound:
        report("body", entry_key(entry.ticket, entry.id), "NotFound")
    except Damaged:
        pass
    return entry


def with_body(entry: Entry, key: str) -> Entry:
    """An entry with the body that lies in S3; one round trip.

    Raises:
        NotFound: There is no such object.
        Damaged: It holds no body.
    """
    packed = objects.get(key)
    with reading("body", entry_key(entry.ticket, entry.id)):
        body, _, quoted = zlib.decompress(packed).decode().partition(_QUOTED)
    return replace(entry, body=Body(body, entry.body.format), quoted=quoted)


def folder_reference(key: str, ticket: int) -> Write:
    """The write that marks the S3 folder of an operation's objects as referenced, so that the sweep
    keeps it (docs/aws.md m1).
    """
    return transact.put(folder_key(objects.folder_name(key)), {"ticket": ticket})


# --- reading --------------------------------------------------------------------------------


def read_thread(ticket: int) -> Thread | None:
    """A ticket, its children and its entries, strongly consistent; one round trip per MB.

    Raises:
        Damaged: The ticket's own item cannot be read.
    """
    read = _read(ticket)
    if read.ticket is None:
        return None
    return Thread(read.ticket, tuple(read.children), tuple(with_bodies(read.entries)))


def read_threads(tickets: Sequence[int]) -> list[Thread | None]:
    """`read_thread` for several tickets at the same time; None also where one is damaged."""
    if not tickets:
        return []
    read = aws.together(*(partial(_read_or_none, ticket) for ticket in tickets))
    # The bodies of all together afterwards: a call inside `together` must not call it again.
    entries = iter(with_bodies([entry for one in read for entry in one.entries]))
    return [
        Thread(one.ticket, tuple(one.children), tuple(islice(entries, len(one.entries))))
        if one.ticket
        else None
        for one in read
    ]


@dataclass(slots=True)
class _Partition:
    """A ticket's partition; its entries with the key of their body, where it lies in S3."""

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
        read.entries += readable(partial(entry_and_body, ticket), entries)
    return read


def child_of(item: Mapping[str, Any]) -> int:
    """The id of the child that an item names in its key.

    Raises:
        Damaged: It names none.
    """
    with reading("child", item):
        return int(item["sk"].removeprefix("C#"))


def entry_and_body(ticket: int, item: Mapping[str, Any]) -> tuple[Entry, str | None]:
    """The entry that an item holds, and the S3 key of its body where it lies there.

    Raises:
        Damaged: It holds none.
    """
    body = item.get("object")
    return as_entry(ticket, item), body if isinstance(body, str) else None


def number_holder(found: Mapping[Key, Item], number: str) -> int | None:
    """The id of the ticket with this number, by fetched items."""
    return reference(found.get(number_key(number)), "ticket")


def reference(item: Mapping[str, Any] | None, name: str) -> int | None:
    """The id that an item points to under this name; None where there is no item, or a damaged
    one.
    """
    if item is None:
        return None
    found = item.get(name)
    if type(found) is int:
        return found
    report("pointer", Key(item["pk"], item["sk"]), "TypeError")
    return None
