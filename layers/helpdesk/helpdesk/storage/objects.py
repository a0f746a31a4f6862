"""S3: files and bodies too large for an item.

Objects are put before the transaction that names them, so a crash can leave objects that nobody
names, never a name without an object (docs/aws.md m1). Every operation puts its objects under one
random folder with the day in front, and its transaction holds one mark for the folder; the daily
sweep removes folders without a mark. Nothing is deleted on an ambiguous error.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from botocore.exceptions import ClientError

from helpdesk.errors import NotFound, Unavailable
from helpdesk.storage import aws

PREFIX = "files/"

DERIVED = "derived/"
"""Where documents lie that were made of files; the bucket forgets them after a day."""

UPLOADS = "uploads/"
"""Where files lie that callers have sent to S3 themselves; the bucket forgets them after a day."""

LINK_SECONDS = 300
"""How long a link to an object holds."""


def bucket() -> str:
    """The bucket of files and bodies."""
    return os.environ["FILES_BUCKET"]


def new_folder(now: datetime) -> str:
    """A fresh folder for one operation's objects: `files/2026-01-31/<uuid>/`."""
    return f"{PREFIX}{now:%Y-%m-%d}/{uuid4().hex}/"


def folder_name(key: str) -> str:
    """The name under which a table item vouches for the folder of this object."""
    return key.split("/")[2]


def put(key: str, data: bytes, content_type: str) -> None:
    """Store an object. Errors: Throttled, Unavailable."""
    with aws.translated():
        aws.s3().put_object(Bucket=bucket(), Key=key, Body=data, ContentType=content_type)


def get(key: str) -> bytes:
    """An object's bytes. Errors: NotFound, Throttled, Unavailable."""
    with aws.translated():
        try:
            return aws.s3().get_object(Bucket=bucket(), Key=key)["Body"].read()
        except aws.s3().exceptions.NoSuchKey as error:
            raise NotFound("object", key) from error


def put_since(key: str, moment: datetime) -> bool:
    """Whether there is such an object, put after that moment. Errors: Throttled, Unavailable."""
    with aws.translated():
        try:
            head = aws.s3().head_object(Bucket=bucket(), Key=key)
        except ClientError as error:
            # Who may not list the bucket is told of an absent key that it is forbidden.
            if aws.error_code(error) in {"403", "404"}:
                return False
            raise
    return head["LastModified"] > moment


def link(key: str, content_type: str, name: str) -> str:
    """An address that gives this object for LINK_SECONDS to whoever has it, as a file to be kept;
    type and name are part of the signature (docs/aws.md m7). No trip.
    """
    return aws.s3().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": bucket(),
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": f'attachment; filename="{name}"',
        },
        ExpiresIn=LINK_SECONDS,
    )


def form(key: str, largest: int, seconds: int) -> tuple[str, dict[str, str]]:
    """An address and the fields of a form by which whoever has them puts one object of at most
    `largest` bytes, of any type, for so many seconds. No trip.
    """
    made = aws.s3().generate_presigned_post(
        Bucket=bucket(),
        Key=key,
        Conditions=[["content-length-range", 0, largest], ["starts-with", "$Content-Type", ""]],
        ExpiresIn=seconds,
    )
    return made["url"], made["fields"]


def copy(source: str, target: str) -> tuple[int, str] | None:
    """Gives an object a second key, the very one that was looked at; its size in bytes and its
    type. None where there is none, or another by now. Two trips. Errors: Throttled, Unavailable.
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
            if aws.error_code(error) in {"403", "404", "NoSuchKey", "PreconditionFailed"}:
                return None
            raise
    return head["ContentLength"], head.get("ContentType", "")


def exists(key: str) -> bool:
    """Whether there is such an object. Errors: Throttled, Unavailable."""
    return key in listing(key)


def move(source: str, target: str) -> None:
    """Gives an object another key. Again does no harm: what has been moved stays where it is.

    Errors: NotFound where there is neither, Throttled, Unavailable.
    """
    with aws.translated():
        try:
            aws.s3().copy_object(
                Bucket=bucket(), Key=target, CopySource={"Bucket": bucket(), "Key": source}
            )
        except aws.s3().exceptions.NoSuchKey as error:
            if not exists(target):
                raise NotFound("object", source) from error
    delete([source])


def delete(keys: list[str]) -> None:
    """Remove objects, a thousand a call; absent ones do not matter. Errors: Throttled,
    Unavailable, also where S3 has left some of them.
    """
    with aws.translated():
        for start in range(0, len(keys), 1000):
            chunk = keys[start : start + 1000]
            answer = aws.s3().delete_objects(
                Bucket=bucket(), Delete={"Objects": [{"Key": key} for key in chunk], "Quiet": True}
            )
            # S3 tells of each object that it could not remove, and calls that a success.
            if left := answer.get("Errors"):
                raise Unavailable(left[0].get("Code", ""))


def listing(prefix: str, *, before: datetime | None = None) -> Iterator[str]:
    """The keys below a prefix, in order, a page at a time; with `before`, of objects put earlier
    than that.
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
