"""Uploads: files too large for a request, which callers put into S3 themselves and then name
(docs/aws.md m7).

A form accepts one file under its own key. The API key that requested the form may reference the
upload in one request: this copies the object to the files, and its transaction removes the upload's
item. Unused uploads expire in bucket and table after a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.clock import now, seconds
from helpdesk.errors import Invalid, Problem
from helpdesk.files import limits
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.files import NewFile, Upload
from helpdesk.storage import objects, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, upload_key
from helpdesk.storage.transact import Write

USABLE = timedelta(hours=1)
"""How long a form accepts a file, and the upload can be referenced."""

MOST_UPLOADS = 20
"""Uploads that one request may name: each is one more write of its transaction."""

_NO_TYPE = "binary/octet-stream"
"""S3's default type of an object."""


def open_upload(actor: Actor, once: IdempotencyRecord | None = None) -> Upload:
    """Creates an upload for one file, with the desk's limit of size. Two round trips.

    Raises:
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the idempotency record.
    """
    at = now()
    found = table.fetch([CATALOGUE_VERSION, *idempotency.first_keys(once)])
    idempotency.check(once, found)
    upload, expires = token_hex(16), (at + USABLE).replace(microsecond=0)
    url, fields = objects.form(
        objects.UPLOADS + upload,
        cache.current(found).settings.max_file_size,
        int(USABLE.total_seconds()),
    )
    opened = Upload(upload, url, fields, expires)
    item = {"key": actor.key, "ttl": seconds(expires)}
    operations.commit(transact.put_new(upload_key(upload), item), once=once, result=opened)
    return opened


# --- in the request that names it -----------------------------------------------------------


def copy_upload(file: NewFile, key: str) -> NewFile:
    """Copies an uploaded object to its permanent key. Returns the file with its size and type, or
    unchanged if nothing was uploaded.
    """
    copied = objects.copy(objects.UPLOADS + file.upload, key)
    if copied is None:
        return file
    size, kind = copied
    known = "" if kind == _NO_TYPE else kind
    return replace(file, uploaded=size, type=limits.media_type(known, file.name))


def keys(files: Sequence[NewFile]) -> list[Key]:
    """The keys that an operation adds to its first round trip."""
    return [upload_key(file.upload) for file in files if file.upload]


def check(actor: Actor, files: Sequence[NewFile], found: Mapping[Key, Item]) -> None:
    """Checks that uploads exist, belong to this API key, are not expired, are present in S3, and
    are referenced once.

    Raises:
        Invalid: `upload`, the same reason for all of these, so that other keys' uploads are not
            revealed; `too_many_files`.
    """
    named = [file for file in files if file.upload]
    if len(named) > MOST_UPLOADS:
        raise Invalid(Problem("attachments", "too_many_files", detail=str(MOST_UPLOADS)))
    first_of = {file.upload: file for file in reversed(named)}
    problems = []
    for file in named:
        item = found.get(upload_key(file.upload), {})
        # DynamoDB removes expired items up to days late.
        until = item.get("ttl")
        in_time = isinstance(until, int) and until > seconds(now())
        mine = item.get("key") == actor.key and in_time
        if not mine or file.uploaded is None or first_of[file.upload] is not file:
            problems.append(_problem(file))
    if problems:
        raise Invalid(*problems)


def uses(files: Sequence[NewFile]) -> list[Write]:
    """The writes that consume these uploads; they fail if one was used before."""
    return [transact.delete(key, condition="attribute_exists(pk)") for key in keys(files)]


def check_used(files: Sequence[NewFile], failed: Mapping[Key, Item | None]) -> None:
    """Refuses an upload that another request has used at the same moment.

    Raises:
        Invalid: `upload`, if its item is among the failed keys.
    """
    used = [file for file in files if file.upload and upload_key(file.upload) in failed]
    if used:
        raise Invalid(*map(_problem, used))


def _problem(file: NewFile) -> Problem:
    return Problem("attachments", "upload", label=file.name)
