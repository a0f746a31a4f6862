"""Requests that AWS refuses by its documentation, and moto accepts.

Rules, read on 2026-11-29: DynamoDB API reference, TransactWriteItems and BatchWriteItem; S3 user
guide, "Sharing objects with presigned URLs"; S3 API reference, "POST Policy" (every field of a form
but a few must be in its policy) and GetObject (403 for a missing object without list permission).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.formparser import parse_form_data

from local.aws.ses_limits import Refusal
from local.aws.sizes import item_size

MOST_IN_TRANSACTION = 4 * 1024 * 1024
"""Largest total size in bytes of a transaction's items."""

MOST_IN_BATCH = 25
"""Most writes in one BatchWriteItem."""

_FREE_FIELDS = {"policy", "x-amz-signature", "file"}
"""Form fields that the policy need not list, like those that begin with x-ignore-."""


def of_dynamodb(operation: str, body: bytes) -> Refusal | None:
    """The refusal of a request by DynamoDB, if moto would accept it."""
    if operation == "BatchWriteItem":
        return _of_batch(json.loads(body)["RequestItems"])
    # JSON is never smaller than the size it encodes, so most requests need no exact sum.
    if operation == "TransactWriteItems" and len(body) > MOST_IN_TRANSACTION:
        writes = [part for entry in json.loads(body)["TransactItems"] for part in entry.values()]
        if sum(map(_written, writes)) > MOST_IN_TRANSACTION:
            return _invalid("The aggregate size of the items in the transaction exceeds 4 MB")
    return None


def _of_batch(wanted: Mapping[str, Sequence[Mapping[str, Any]]]) -> Refusal | None:
    writes = [
        (table, write)
        for table, entries in wanted.items()
        for one in entries
        for write in one.values()
    ]
    if len(writes) > MOST_IN_BATCH:
        return _invalid("Too many items requested for the BatchWriteItem call")
    keys = {
        (table, *(json.dumps((write.get("Key") or write["Item"])[name]) for name in ("pk", "sk")))
        for table, write in writes
    }
    if len(keys) < len(writes):
        return _invalid("Provided list of item keys contains duplicates")
    return None


def _written(write: Mapping[str, Any]) -> int:
    values = write.get("ExpressionAttributeValues", {})
    return item_size(write.get("Item") or {**write["Key"], **values})


def _invalid(words: str) -> Refusal:
    return Refusal(400, "ValidationException", words)


def is_signed(query: str) -> bool:
    """Whether a request uses a presigned link."""
    return "X-Amz-Signature=" in query


def of_link(query: str, now: datetime) -> Refusal | None:
    """S3's refusal of a presigned link."""
    asked = dict(parse_qsl(query))
    signed = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now > signed + timedelta(seconds=int(asked["X-Amz-Expires"])):
        return Refusal(403, "AccessDenied", "Request has expired")
    return None


def of_form(media_type: str, body: bytes, now: datetime) -> Refusal | None:
    """S3's refusal of a presigned form."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": media_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    _, given, files = parse_form_data(environ, stream_factory=_in_memory)
    fields = {name.lower(): value for name, value in given.items()}
    if "policy" not in fields or "file" not in files:
        return _denied("the form has no policy or no file")
    policy = json.loads(base64.b64decode(fields["policy"]))
    if now > datetime.fromisoformat(policy["expiration"]):
        return _denied("Invalid according to Policy: Policy expired.")
    files["file"].seek(0, 2)
    return next(_broken(policy["conditions"], fields, files["file"].tell()), None)


def _in_memory(*_: object, **__: object) -> BytesIO:
    """The buffer for uploaded files: the parser's own would leave a temporary file open."""
    return BytesIO()


def _broken(conditions: Sequence[Any], fields: Mapping[str, str], size: int) -> Iterator[Refusal]:
    named = {"bucket"}
    for condition in conditions:
        listed = isinstance(condition, list)
        rule, name, wanted = condition if listed else ("eq", *next(iter(condition.items())))
        if rule == "content-length-range":
            yield from _wrong_size(size, int(name), int(wanted))
            continue
        name = name.removeprefix("$").lower()
        named.add(name)
        value = fields.get(name)
        fits = str.startswith if rule == "starts-with" else str.__eq__
        if name != "bucket" and (value is None or not fits(value, wanted)):
            yield _denied(f"Invalid according to Policy: Policy Condition failed: {name}")
    for name in fields.keys() - named - _FREE_FIELDS:
        if not name.startswith("x-ignore-"):
            yield _denied(f"Invalid according to Policy: Extra input fields: {name}")


def _wrong_size(size: int, least: int, most: int) -> Iterator[Refusal]:
    if size < least:
        yield Refusal(400, "EntityTooSmall", "Your proposed upload is too small")
    if size > most:
        yield Refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum size")


def _denied(words: str) -> Refusal:
    return Refusal(403, "AccessDenied", words)
