"""Raw files, for clients that do not follow redirects (docs/osticket.md, row X)."""

from __future__ import annotations

import base64
from unittest.mock import patch
from urllib.parse import unquote

import pytest
import requests

from dialects import answers
from tests.http.desk import Answer, Desk

BYTES = {"Accept": "application/octet-stream"}
DATA = bytes(range(256))


def keep(desk: Desk, name: str, kind: str, data: bytes = DATA) -> int:
    """The id of a file of a new ticket."""
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    number = desk.open(attachments=[{name: url}])
    return int(desk.show(number)["thread"][0]["attachments"][0]["file_id"])


def download(desk: Desk, file: int, shape: str = "json", **headers: str) -> Answer:
    path = f"/api/tickets-attachment-download.php/{file}.{shape}"
    return desk.call("GET", path, headers=headers)


@pytest.mark.parametrize("shape", ["json", "xml"])
def test_the_bytes_come_with_type_and_name(desk: Desk, shape: str) -> None:
    file = keep(desk, "plan.pdf", "application/pdf")
    answer = download(desk, file, shape, **BYTES)
    assert (answer.status, answer.type, answer.body) == (200, "application/pdf", DATA)
    assert answer.headers["content-disposition"] == 'attachment; filename="plan.pdf"'
    assert answer.headers["content-length"] == "256"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    "name", ["pl\u00e4n 100%.pdf", 'a"b\\c;d.pdf', "\U0001f525.pdf", "\u8a08\u753b.pdf"]
)
def test_a_name_of_other_letters_comes_whole(desk: Desk, name: str) -> None:
    file = keep(desk, name, "application/pdf")
    known = download(desk, file).json["filename"]
    header = download(desk, file, **BYTES).headers["content-disposition"]
    plain, _, whole = header.partition("; filename*=UTF-8''")
    assert unquote(whole) == known if whole else f'filename="{known}"' in plain
    assert plain.isascii()
    assert plain.count('"') == 2
    assert "\\" not in plain


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.xml", "application/xml"),
        ("a.js", "text/javascript"),
        ("a.css", "text/css"),
    ],
)
def test_what_a_browser_would_run_is_only_bytes(desk: Desk, name: str, kind: str) -> None:
    desk.set("settings", file_types=[])
    answer = download(desk, keep(desk, name, kind), **BYTES)
    assert (answer.status, answer.type, answer.body) == (200, "application/octet-stream", DATA)


@pytest.mark.parametrize(
    ("accept", "raw"),
    [
        ("application/octet-stream", True),
        ("application/octet-stream, */*;q=0.1", True),
        ("application/json;q=0.5, application/octet-stream", True),
        ("*/*", False),
        ("application/json", False),
        ("application/json, application/octet-stream;q=0.5", False),
        ("application/octet-stream;q=0", False),
        ("", False),
    ],
)
def test_accept_decides(desk: Desk, accept: str, raw: bool) -> None:
    answer = download(desk, keep(desk, "a.pdf", "application/pdf"), Accept=accept)
    assert (answer.type == "application/pdf") == raw


def test_what_is_too_large_for_an_answer_comes_by_a_redirect(desk: Desk) -> None:
    file = keep(desk, "pl\u00e4n.pdf", "application/pdf")
    with patch.object(answers, "LARGEST_ANSWER", 100):
        answer = download(desk, file, **BYTES)
    assert answer.status == 302
    found = requests.get(answer.headers["location"], timeout=30)
    assert (found.status_code, found.content) == (200, DATA)
    assert found.headers["Content-Type"] == "application/pdf"
    expected = "attachment; filename=\"pl_n.pdf\"; filename*=UTF-8''pl%C3%A4n.pdf"
    assert found.headers["Content-Disposition"] == expected


def test_refusals_are_the_same(desk: Desk) -> None:
    answer = download(desk, 99999, **BYTES)
    assert (answer.status, answer.json) == (404, {"error": True, "message": "File not found"})


def test_head_says_the_same_without_the_bytes(desk: Desk) -> None:
    file = keep(desk, "a.pdf", "application/pdf")
    path = f"/api/tickets-attachment-download.php/{file}.json"
    answer = desk.call("HEAD", path, headers=BYTES)
    assert (answer.status, answer.type, answer.body) == (200, "application/pdf", b"")
    assert answer.headers["content-length"] == "256"
