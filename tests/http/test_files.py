"""Uploads and downloads of large files, and threads too long for a response, with common clients.

S3 refuses requests with two kinds of authentication, a presigned URL and an `Authorization` header.
moto does not, so a proxy in front of it does (docs/aws.md m20).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import requests

from helpdesk.storage import objects
from local.cloud import LocalCloud
from tests.http.desk import Desk, Item, send_form, ticket

MB = 1024 * 1024
FILE = os.urandom(1024) * (10 * 1024)
"""Ten megabytes: the largest that the desk takes."""


@dataclass
class Doorkeeper:
    """Stands before S3, and sees who comes."""

    s3: str
    seen: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def link(self, link: str) -> str:
        """A link to S3, by way of this."""
        return link.replace(self.s3, self.url, 1)


@pytest.fixture(scope="module")
def door(cloud: LocalCloud) -> Iterator[Doorkeeper]:
    """All links that the desk gives lead to the doorkeeper."""
    keeper = Doorkeeper(os.environ["AWS_ENDPOINT_URL"])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keeper.seen.append({name.lower(): value for name, value in self.headers.items()})
            if "Authorization" in self.headers and "X-Amz-Signature" in self.path:
                words = b"<Error><Message>Only one auth mechanism allowed</Message></Error>"
                self.answer(400, "application/xml", words)
                return
            found = requests.get(keeper.s3 + self.path, timeout=30)
            self.answer(found.status_code, found.headers["Content-Type"], found.content)

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: whoever looks at the test's output has enough to read."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    keeper.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    link = objects.link
    with patch.object(objects, "link", lambda *asked: keeper.link(link(*asked))):
        yield keeper
    server.shutdown()
    server.server_close()
    thread.join()
    assert cloud.port


@pytest.fixture(scope="module")
def file(desk: Desk) -> int:
    """The id of a file of ten megabytes, which went up by a form."""
    place = desk.call("POST", "/api/uploads").json
    assert send_form(place, FILE, **{"Content-Type": "application/pdf"}) == 204
    return named(desk, place)


def named(desk: Desk, place: Item) -> int:
    number = desk.open(attachments=[{"large.pdf": f"upload:{place['id']}"}])
    (shown,) = desk.show(number)["thread"][0]["attachments"]
    assert (shown["size"], shown["mime_type"]) == (len(FILE), "application/pdf")
    return int(shown["file_id"])


def address(desk: Desk, file: int) -> str:
    path = f"/api/tickets-attachment-download.php/{file}.json"
    return f"http://127.0.0.1:{desk.cloud.port}{path}"


def curl(*arguments: str) -> bytes:
    command = ["curl", "-sS", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - ours


def test_curl_sends_a_file_up(desk: Desk, tmp_path: Path) -> None:
    sent = tmp_path / "large.pdf"
    sent.write_bytes(FILE)
    key = ("-H", f"X-API-Key: {desk.key}")
    url = f"http://127.0.0.1:{desk.cloud.port}/api/uploads"
    place = json.loads(curl("-X", "POST", *key, url))
    fields = place["fields"] | {"Content-Type": "application/pdf"}
    form = [*(f"{name}={value}" for name, value in fields.items()), f"file=@{sent}"]
    status = curl("-w", "%{http_code}", *(a for part in form for a in ("-F", part)), place["url"])
    assert status.endswith(b"204")
    assert named(desk, place)


def test_curl_follows_to_a_large_file(desk: Desk, door: Doorkeeper, file: int) -> None:
    # With a password as well, which curl keeps from other hosts.
    found = curl(
        *("-L", "-u", "user:password"),
        *("-H", f"X-API-Key: {desk.key}"),
        address(desk, file),
    )
    assert base64.b64decode(json.loads(found)["content"]) == FILE
    assert "authorization" not in door.seen[-1]


def test_requests_follows_to_a_large_file(desk: Desk, door: Doorkeeper, file: int) -> None:
    found = requests.get(
        address(desk, file),
        headers={"X-API-Key": desk.key},
        auth=("user", "password"),
        timeout=30,
    )
    assert [step.status_code for step in found.history] == [302]
    assert base64.b64decode(found.json()["content"]) == FILE
    assert "authorization" not in door.seen[-1]


def test_who_shows_two_proofs_is_refused_by_s3(desk: Desk, door: Doorkeeper, file: int) -> None:
    answer = desk.call("GET", urlsplit(address(desk, file)).path)
    assert (answer.status, answer.headers["cache-control"]) == (302, "no-store")
    assert answer.headers["x-content-type-options"] == "nosniff"
    link = answer.headers["location"]
    assert link.startswith(door.url)
    both = requests.get(link, headers={"Authorization": "Token x"}, timeout=30)
    assert (both.status_code, "Only one auth mechanism" in both.text) == (400, True)
    # The key itself does no harm there.
    assert requests.get(link, headers={"X-API-Key": desk.key}, timeout=30).status_code == 200


def test_a_thread_longer_than_an_answer_is_read_by_a_redirect(desk: Desk, door: Doorkeeper) -> None:
    texts = [f"{letter} " * (3 * MB // 2) for letter in "abc"]
    number = desk.open(message=texts[0], alert=False, autorespond=False)
    for note in texts[1:]:
        path = f"/api/tickets-update.php/{number}.json"
        answer = desk.call("PATCH", path, {"note": note, "noteFormat": "text"})
        assert answer.status == 200, answer.text
    url = f"http://127.0.0.1:{desk.cloud.port}/api/tickets-get.php/{number}.json"
    found = curl("-L", "-H", f"X-API-Key: {desk.key}", url)
    shown = json.loads(found)
    assert [entry["body"] for entry in shown["thread"]] == [text.strip() for text in texts]
    assert len(found) > 6 * MB
    listed = curl(
        *("-L", "-H", f"X-API-Key: {desk.key}"),
        f"http://127.0.0.1:{desk.cloud.port}/api/v1/tickets.php?id={shown['id']}",
    )
    assert len(json.loads(listed)["tickets"][0]["responses"]) == 3
    assert len(door.seen) >= 2


def test_a_search_that_is_too_wide_is_refused(desk: Desk) -> None:
    desk.open(**ticket(alert=False))
    desk.open(**ticket(alert=False))
    desk.cloud.drain()
    with patch("helpdesk.queries.limits.DEEPEST_JUMP", 0):
        answer = desk.call("GET", "/api/tickets-search.php?sort=number&offset=1")
    assert (answer.status, answer.json["message"]) == (
        422,
        "Too many tickets match: narrow the search",
    )
