"""pipe/deskless_pipe.py as a mail server runs it: as a command, with each exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from helpdesk.mail.inbound import arrivals
from local.cloud import ROOT
from tests.helpdesk.mail.inbound.ways import raw
from tests.http.desk import Desk

PIPE = ROOT / "pipe/deskless_pipe.py"


def run(mail: bytes, *arguments: str, **environment: str) -> tuple[int, str]:
    """How the command ends, and what it says."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, str(PIPE), *arguments],
        input=mail,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


def mail(number: int) -> bytes:
    return raw("jane@customer.example", number)


def subjects(desk: Desk, number: int) -> int:
    """How many entries have this mail's Message-ID."""
    found = [item for item in desk.stored().values() if "message_id" in item]
    return sum(item["message_id"] == {"S": f"{number}@example.org"} for item in found)


# --- over HTTP ------------------------------------------------------------------------------


@pytest.fixture
def http(desk: Desk, tmp_path: Path) -> tuple[str, ...]:
    """Where the desk is, and a file with a key that opens tickets."""
    file = tmp_path / "key"
    file.write_text(f"{desk.make_key('can_create_tickets')['key']}\n")
    return ("--url", f"http://127.0.0.1:{desk.cloud.port}", "--key-file", str(file))


def test_a_mail_goes_over_http_once(desk: Desk, http: tuple[str, ...]) -> None:
    for envelope in (b"", b"From jane@customer.example Mon Jan  5 10:00:00 2026\n"):
        assert run(envelope + mail(501), *http) == (0, "")
    assert subjects(desk, 501) == 1


def test_a_key_without_the_permission_or_none(
    desk: Desk, http: tuple[str, ...], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for secret in ("nobody-knows-this", desk.make_key("can_read_tickets")["key"]):
        other.write_text(secret)
        status, words = run(mail(502), *http[:3], str(other))
        assert (status, secret in words) == (77, False)


def test_no_mail_and_no_key_file(http: tuple[str, ...], tmp_path: Path) -> None:
    assert run(b" \r\n", *http)[0] == 66
    assert run(mail(503), *http[:3], str(tmp_path / "nowhere"))[0] == 66


def test_a_file_with_more_than_a_key_is_not_told_to_anybody(
    http: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "many"
    file.write_text("the-secret\nanother")
    status, words = run(mail(503), *http[:3], str(file))
    assert (status, "the-secret" in words) == (66, False)


def test_a_mail_too_large_for_the_api(http: tuple[str, ...]) -> None:
    status, words = run(mail(504) + b"x" * 6_500_000, *http)
    assert (status, "413" in words) == (65, True)


def test_a_desk_that_is_elsewhere(http: tuple[str, ...]) -> None:
    assert run(mail(505), "--url", f"{http[1]}/nowhere", *http[2:])[0] == 69
    for address in ("no address", "file:///nowhere", "http://localhost:port"):
        assert run(mail(505), "--url", address, *http[2:])[0] == 69


def test_a_desk_that_does_not_answer_now(http: tuple[str, ...]) -> None:
    assert run(mail(506), "--url", "http://127.0.0.1:9", *http[2:])[0] == 75


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nWelcome", 69),
        (b"HTTP/1.1 302 Found\r\nLocation: /welcome\r\nContent-Length: 0\r\n\r\n", 69),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\nToo short", 75),
        (b"What?\r\n\r\n", 75),
        (b"", 75),
    ],
)
def test_what_is_no_desk_gets_no_mail(http: tuple[str, ...], answer: bytes, status: int) -> None:
    asked: list[bytes] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline())
            length = 0
            for line in iter(self.rfile.readline, b"\r\n"):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            self.rfile.read(length)
            self.wfile.write(answer)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        assert run(mail(508), "--url", address, *http[2:])[0] == status
        server.shutdown()
        thread.join()
    # Nothing is asked again elsewhere.
    assert asked == [b"POST /api/tickets.email HTTP/1.1\r\n"]


@pytest.mark.parametrize("arguments", [(), ("--url", "http://x"), ("--bucket",), ("--what",)])
def test_a_command_that_is_written_wrongly(arguments: tuple[str, ...]) -> None:
    status, words = run(mail(507), *arguments)
    assert (status, "usage:" in words) == (64, True)


# --- by way of the bucket -------------------------------------------------------------------


@pytest.fixture
def bucket(desk: Desk) -> str:
    return desk.cloud.resources.physical("FilesBucket").ref


@pytest.fixture
def invoked() -> Iterator[tuple[str, list[Any]]]:
    """Lambda's address, and what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["X-Amz-Invocation-Type"], json.loads(body)))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_function_takes_the_mail_at_once(
    desk: Desk, bucket: str, invoked: tuple[str, list[Any]]
) -> None:
    address, asked = invoked
    sent = {"SENDER": "jane@customer.example", "RECIPIENT": "support@desk.example"}
    arguments = ("--bucket", bucket, "--function", "receive")
    assert run(mail(601), *arguments, **sent, AWS_ENDPOINT_URL_LAMBDA=address) == (0, "")
    ((path, kind, event),) = asked
    assert (path.endswith("/functions/receive/invocations"), kind) == (True, "Event")
    desk.cloud.functions.invoke("BackgroundReceiveMail", event)
    assert subjects(desk, 601) == 1
    assert waiting(bucket) == []


def test_the_job_finds_what_no_function_took(desk: Desk, bucket: str) -> None:
    status, words = run(
        b"Authentication-Results: amazonses.com; dkim=pass header.i=@desk.example\r\n" + mail(602),
        *("--bucket", bucket, "--function", "receive"),
        AWS_ENDPOINT_URL_LAMBDA="http://127.0.0.1:9",
        AWS_MAX_ATTEMPTS="1",
    )
    assert (status, "taken in later" in words) == (0, True)
    (key,) = waiting(bucket)
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    # What a mail says of itself stands below what the pipe says.
    assert body.startswith(b"Return-Path: <>\r\n")
    assert body.index(b"deskless-pipe; none") < body.index(b"amazonses.com")
    with patch.object(arrivals, "LATE", -arrivals.LATE):
        desk.cloud.run_schedule("BackgroundRedriveMail")
    assert subjects(desk, 602) == 1


def waiting(bucket: str) -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="incoming/")
    return [one["Key"] for one in found.get("Contents", ())]


def test_a_bucket_that_is_not_there(bucket: str) -> None:
    assert run(mail(603), "--bucket", "no bucket's name")[0] == 69
    assert run(mail(603), "--bucket", "no-such-bucket")[0] == 69
    there = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    assert run(mail(603), "--bucket", bucket, **there)[0] == 75


def test_no_credentials(bucket: str) -> None:
    assert run(mail(604), "--bucket", bucket, AWS_PROFILE="nobody")[0] == 77


def test_a_mail_larger_than_ses_takes(bucket: str) -> None:
    assert run(bytes(41 * 1024 * 1024).replace(b"\0", b"x"), "--bucket", bucket)[0] == 65
