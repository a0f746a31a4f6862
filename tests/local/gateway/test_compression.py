"""API Gateway packs what is large and not packed yet, and unpacks what comes."""

import gzip
import zlib
from base64 import b64decode
from typing import Any

import pytest

from tests.local.conftest import Client

GZIP = {"Accept-Encoding": "br;q=1.0, gzip;q=0.5"}


def received(answer: Any) -> bytes:
    """The body that the function got."""
    event = answer.json
    body: bytes = event["body"].encode()
    return b64decode(body) if event["isBase64Encoded"] else body


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        (GZIP, ["gzip"]),
        ({"Accept-Encoding": "deflate, gzip"}, ["deflate"]),
        ({"Accept-Encoding": "*"}, []),
        ({"Accept-Encoding": "gzip;q=0, br"}, []),
        ({}, []),
    ],
)
def test_a_large_answer_is_packed_as_its_caller_says(
    call: Client, accepts: dict[str, str], coding: list[str]
) -> None:
    reply = call("GET", "/things/x", headers={"X-Long": "x" * 400, **accepts})
    assert (reply.status, reply.header("Content-Encoding")) == (200, coding)
    body = reply.body
    if coding:
        body = gzip.decompress(body) if coding == ["gzip"] else zlib.decompress(body)
    assert b"x" * 400 in body
    assert reply.header("Content-Length") == [str(len(reply.body))]


def test_a_small_answer_and_one_of_another_api_stay_as_they_are(call: Client) -> None:
    assert call("GET", "/nowhere", headers=GZIP).header("Content-Encoding") == []
    assert call("GET", "/second/x", headers=GZIP).header("Content-Encoding") == []


@pytest.mark.parametrize(
    ("coding", "sent", "got"),
    [
        ("gzip", gzip.compress(b"words", mtime=0), b"words"),
        ("deflate", zlib.compress(b"words"), b"words"),
        ("gzip", b"words", b"words"),
        ("br", b"words", b"words"),
        ("gzip", gzip.compress(b"words", mtime=0)[:-4], gzip.compress(b"words", mtime=0)[:-4]),
    ],
)
def test_a_packed_body_arrives_as_what_it_was(
    call: Client, coding: str, sent: bytes, got: bytes
) -> None:
    reply = call("POST", "/things/x", sent, headers={"Content-Encoding": coding})
    assert received(reply) == got


def test_a_body_that_is_too_large_unpacked_is_refused(call: Client) -> None:
    bomb = gzip.compress(b"0" * (11 * 1024 * 1024))
    reply = call("POST", "/things/x", bomb, headers={"Content-Encoding": "gzip"})
    assert reply.status == 413
