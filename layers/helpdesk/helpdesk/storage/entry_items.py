"""Entries and their files as items; bodies that are too large for an item are in S3."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from helpdesk.clock import from_iso, to_iso
from helpdesk.errors import Damaged, NotFound
from helpdesk.model.entries import Body, Entry, EntryHeaders
from helpdesk.model.files import Attachment
from helpdesk.storage import aws, objects, shapes, transact
from helpdesk.storage.attributes import Item, as_document
from helpdesk.storage.keys import entry_key, entry_pointer_key, file_key, folder_key
from helpdesk.storage.reading import make, reading, report
from helpdesk.storage.transact import Write

PLAIN_BYTES = 1024
"""Up to this size a body is stored uncompressed; above, compressed."""

_QUOTED = "\x00"
"""Separates a body from its quoted part; no body contains it, because text.sanitize drops it."""

INLINE_BYTES = 8 * 1024
"""Up to this size, compressed, a body stays in its item; above, it is an object in S3
(docs/aws.md m19).
"""


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body as stored: in the entry's item, or, if it is large, as an object in S3."""

    attributes: Item
    object: bytes | None = None


def store_body(body: Body, quoted: str = "") -> StoredBody:
    """Decides where a body and its quoted part are stored. For a body in S3, the key comes from the
    operation's folder (`StagedObjects.body_key`).
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
        # Read only by Zammad's articles, as their type.
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
        shapes.NAME: shapes.SHAPE,
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
    """The entry that an item holds. `with_bodies` reads a body in S3.

    Raises:
        Damaged: It is not a valid entry.
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
            **{name: json.loads(item[name]) for name in {"preferences"} & item.keys()},
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
    """The entries with their bodies from S3. One round trip if there are any. An entry whose body
    is gone or damaged is returned without a body.
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
    """An entry with its body from S3; one round trip.

    Raises:
        NotFound: There is no such object.
        Damaged: It is not a valid body.
    """
    packed = objects.get(key)
    with reading("body", entry_key(entry.ticket, entry.id)):
        body, _, quoted = zlib.decompress(packed).decode().partition(_QUOTED)
    return replace(entry, body=Body(body, entry.body.format), quoted=quoted)


def entry_and_body(ticket: int, item: Mapping[str, Any]) -> tuple[Entry, str | None]:
    """The entry that an item holds, and the S3 key of its body if it is there.

    Raises:
        Damaged: It is not a valid entry.
    """
    body = item.get("object")
    return as_entry(ticket, item), body if isinstance(body, str) else None


def folder_reference(key: str, ticket: int) -> Write:
    """The write that references the S3 folder of an operation's objects, so that the sweep keeps it
    (docs/aws.md m1).
    """
    return transact.put(folder_key(objects.folder_name(key)), {"ticket": ticket})
