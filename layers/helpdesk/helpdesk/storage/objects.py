"""S3: files, and bodies too large for an item.

Objects are put before the transaction that names them, so a crash can leave objects that no item
names, never an item that names a missing object (docs/aws.md m1). Every operation puts its objects
into one random folder whose name starts with the day, and its transaction writes one reference to
the folder; the daily sweep removes folders without a reference. Nothing is deleted after an
ambiguous error.
"""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote, urlsplit
from uuid import uuid4

from botocore.exceptions import ClientError

from helpdesk.errors import NotFound, Unavailable
from helpdesk.storage import aws

PREFIX = "files/"

DERIVED = "derived/"
"""The prefix of documents made from files; they expire after a day."""

UPLOADS = "uploads/"
"""The prefix of files that callers have uploaded to S3 themselves; they expire after a day."""

LINK_SECONDS = 300
"""Seconds for which a link to an object is valid."""

_ABSENT = frozenset({"403", "404", "AccessDenied", "NoSuchKey"})
"""S3's error codes for a missing object: a number if the response has no body (HEAD), and 403 if
the caller may not list the bucket (S3 API reference, GetObject).
"""


def bucket() -> str:
    """The bucket of files and bodies."""
    return os.environ["FILES_BUCKET"]


def new_folder(now: datetime) -> str:
    """A fresh folder for one operation's objects: `files/2026-01-31/<uuid>/`."""
    return f"{PREFIX}{now:%Y-%m-%d}/{uuid4().hex}/"


def folder_name(key: str) -> str:
    """The folder of this object, as `folder_key` expects it."""
    return key.split("/")[2]


def put(key: str, data: bytes, content_type: str) -> None:
    """Stores an object."""
    with aws.translated():
        aws.s3().put_object(Bucket=bucket(), Key=key, Body=data, ContentType=content_type)


def get(key: str) -> bytes:
    """An object's bytes.

    Raises:
        NotFound: There is no such object.
    """
    with aws.translated():
        try:
            return aws.s3().get_object(Bucket=bucket(), Key=key)["Body"].read()
        except ClientError as error:
            if aws.error_code(error) in _ABSENT:
                raise NotFound("object", key) from error
            raise


def put_since(key: str, moment: datetime) -> bool:
    """Whether there is an object with this key that was put after `moment`."""
    with aws.translated():
        try:
            head = aws.s3().head_object(Bucket=bucket(), Key=key)
        except ClientError as error:
            if aws.error_code(error) in _ABSENT:
                return False
            raise
    return head["LastModified"] > moment


def link(key: str, content_type: str, name: str) -> str:
    """A presigned URL of this object, valid for LINK_SECONDS; browsers save it as a file.

    Type and name are part of the signature (docs/aws.md m7). No round trip.
    """
    return aws.s3().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": bucket(),
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition(name),
        },
        ExpiresIn=LINK_SECONDS,
    )


def disposition(name: str) -> str:
    """The Content-Disposition that saves a file under this name (RFC 6266, section 4.3); ASCII,
    with the full name encoded by RFC 8187 if it has other characters.
    """
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def origin() -> str:
    """Scheme and host of the URLs that `link` returns. No round trip."""
    parts = urlsplit(link("any", "text/plain", "any"))
    return f"{parts.scheme}://{parts.netloc}"


def form(key: str, largest: int, seconds: int) -> tuple[str, dict[str, str]]:
    """URL and fields of a presigned form, valid for so many seconds, that puts one object of at
    most `largest` bytes, of any type. No round trip.

    S3 refuses a form that lacks a field named in its policy, so the fields include the type; the
    client may replace it by a better one.
    """
    made = aws.s3().generate_presigned_post(
        Bucket=bucket(),
        Key=key,
        Fields={"Content-Type": "application/octet-stream"},
        Conditions=[["content-length-range", 0, largest], ["starts-with", "$Content-Type", ""]],
        ExpiresIn=seconds,
    )
    return made["url"], made["fields"]


def copy(source: str, target: str) -> tuple[int, str] | None:
    """Copies an object; returns its size in bytes and its type. Two round trips. None if there is
    no such object, or if it was replaced between the two.
    """
    with aws.translated():
        try:
            head = aws.s3().head_object(Bucket=bucket(), Key=source)
            aws.s3().copy_object(
                Bucket=bucket(),
                Key=target,
                CopySource={"Bucket": bucket(), "Key": source},
                CopySourceIfMatch=head["ETag"],
            )
        except ClientError as error:
            if aws.error_code(error) in {*_ABSENT, "PreconditionFailed"}:
                return None
            raise
    return head["ContentLength"], head.get("ContentType", "")


def exists(key: str) -> bool:
    """Whether there is such an object."""
    return key in listing(key)


def move(source: str, target: str) -> None:
    """Moves an object to another key. Idempotent: an object that was moved already stays there.

    Raises:
        NotFound: There is an object under neither key.
    """
    with aws.translated():
        try:
            aws.s3().copy_object(
                Bucket=bucket(), Key=target, CopySource={"Bucket": bucket(), "Key": source}
            )
        except ClientError as error:
            if aws.error_code(error) not in _ABSENT:
                raise
            if not exists(target):
                raise NotFound("object", source) from error
    delete([source])


def delete(keys: list[str]) -> None:
    """Removes those of these objects that exist; a thousand per call.

    Raises:
        Unavailable: S3 failed to remove some of them.
    """
    with aws.translated():
        for start in range(0, len(keys), 1000):
            chunk = keys[start : start + 1000]
            answer = aws.s3().delete_objects(
                Bucket=bucket(), Delete={"Objects": [{"Key": key} for key in chunk], "Quiet": True}
            )
            # S3 answers 200 and lists the objects that it could not remove.
            if left := answer.get("Errors"):
                raise Unavailable(left[0].get("Code", ""))


def listing(prefix: str, *, before: datetime | None = None) -> Iterator[str]:
    """The keys under a prefix, in order, a page at a time; with `before`, only those of objects put
    earlier than that.
    """
    with aws.translated():
        for page in (
            aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket(), Prefix=prefix)
        ):
            yield from (
                found["Key"]
                for found in page.get("Contents", ())
                if before is None or found["LastModified"] < before
            )
