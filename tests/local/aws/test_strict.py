"""Requests that AWS refuses and moto does not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config

from local.aws import strict
from local.aws.clients import Clients
from local.cloud import LocalCloud
from local.functions import Invocation, current
from tests.local.aws.test_endpoint import TABLE, increment, put, transact

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = datetime.now(UTC)
ITEM = {"pk": {"S": "a"}, "sk": {"S": "b"}}


@pytest.fixture
def s3(sample: LocalCloud) -> Iterator[S3Client]:
    """Signs as the desk does."""
    assert sample.aws_url
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    yield client
    client.close()


def batch(*sorts: str) -> bytes:
    puts = [{"PutRequest": {"Item": {**ITEM, "sk": {"S": sort}}}} for sort in sorts]
    return json.dumps({"RequestItems": {"t": puts}}).encode()


def writes(number: int, size: int) -> bytes:
    item = {**ITEM, "b": {"B": base64.b64encode(b"x" * size).decode()}}
    return json.dumps(
        {"TransactItems": [{"Put": {"TableName": "t", "Item": item}}] * number}
    ).encode()


@pytest.mark.parametrize(
    ("operation", "body", "words"),
    [
        ("BatchWriteItem", batch(*map(str, range(25))), None),
        ("BatchWriteItem", batch(*map(str, range(26))), "Too many items"),
        ("BatchWriteItem", batch("a", "b", "a"), "duplicates"),
        # 3.6 MB are 4.8 in JSON.
        ("TransactWriteItems", writes(10, 360_000), None),
        ("TransactWriteItems", writes(12, 360_000), "exceeds 4 MB"),
        ("PutItem", b"{}", None),
    ],
)
def test_dynamodb_takes_no_more_than_it_says(
    operation: str, body: bytes, words: str | None
) -> None:
    refusal = strict.of_dynamodb(operation, body)
    if words is None:
        assert refusal is None
    else:
        assert refusal is not None
        assert words in refusal.words


# --- links and forms ------------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "good"), [(290, True), (301, False)])
def test_a_link_ends(s3: S3Client, passed: int, *, good: bool) -> None:
    link = s3.generate_presigned_url(
        "get_object", Params={"Bucket": "b", "Key": "k"}, ExpiresIn=300
    )
    query = urlsplit(link).query
    assert strict.is_signed(query)
    refusal = strict.of_link(query, datetime.now(UTC) + timedelta(seconds=passed))
    assert (refusal is None) is good


SENT: dict[str, tuple[dict[str, str], int, str | None]] = {
    "as it was given": ({}, 10, None),
    "another type": ({"Content-Type": "text/plain"}, 10, None),
    "empty": ({}, 0, "EntityTooSmall"),
    "too large": ({}, 21, "EntityTooLarge"),
    "another key": ({"key": "raw/x"}, 10, "AccessDenied"),
    "another field": ({"x-amz-acl": "public-read"}, 10, "AccessDenied"),
    "a field that is ignored": ({"x-ignore-me": "1"}, 10, None),
    "no type": ({"Content-Type": ""}, 10, "AccessDenied"),
}


@pytest.mark.parametrize("how", SENT)
def test_a_form_is_held_to_its_policy(s3: S3Client, how: str) -> None:
    fields, size, code = SENT[how]
    made = s3.generate_presigned_post(
        Bucket="b",
        Key="uploads/x",
        Fields={"Content-Type": "application/octet-stream"},
        Conditions=[["content-length-range", 1, 20], ["starts-with", "$Content-Type", ""]],
        ExpiresIn=60,
    )
    given = {name: value for name, value in {**made["fields"], **fields}.items() if value}
    request = requests.Request("POST", made["url"], data=given, files={"file": b"x" * size})
    sent = request.prepare()
    body, kind = sent.body, str(sent.headers["Content-Type"])
    assert isinstance(body, bytes)
    refusal = strict.of_form(kind, body, NOW)
    assert (refusal.code if refusal else None) == code
    late = strict.of_form(kind, body, NOW + timedelta(hours=1))
    assert late is not None
    assert late.code == "AccessDenied"


# --- as clients hear it ---------------------------------------------------------------------


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - its code is what is asked
        call(*args, **kwargs)
    code: str = caught.value.response["Error"]["Code"]  # type: ignore[attr-defined]
    return code


def test_a_single_write_of_a_function_meets_a_transaction(
    sample: LocalCloud, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact(clients, increment("1"))
    put(clients, "2")
    sample.options.conflict_rate = 1
    monkeypatch.setattr(sample.aws, "_permit", lambda *_: True)
    function = current.set(Invocation("Work", "1"))
    try:
        put(clients, "1")
        sample.options.strict = True
        assert refused(put, clients, "1") == "TransactionConflictException"
        # No transaction has ever written this one.
        put(clients, "2")
    finally:
        current.reset(function)
    # Tests write what they like.
    put(clients, "1")


def test_what_is_not_there_looks_like_what_one_may_not_see(
    sample: LocalCloud, s3: S3Client
) -> None:
    bucket = sample.resources.physical("Bucket").ref
    asked = {"Bucket": bucket, "Key": "absent"}
    link = s3.generate_presigned_url("get_object", Params=asked)
    assert requests.get(link, timeout=10).status_code == 404
    sample.options.strict = True
    assert requests.get(link, timeout=10).status_code == 403
    # Who calls from outside is no role.
    assert refused(s3.get_object, **asked) == "NoSuchKey"


def test_a_batch_is_refused_over_the_wire(sample: LocalCloud, clients: Clients) -> None:
    again = [{"PutRequest": {"Item": ITEM}}] * 2
    sample.options.strict = True
    asked = {"RequestItems": {TABLE: again}}
    assert refused(clients.dynamodb.batch_write_item, **asked) == "ValidationException"
