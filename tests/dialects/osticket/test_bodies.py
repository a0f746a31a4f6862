"""How bodies may come: marks, media types, compression, markup in XML, paths of other clients."""

import gzip
import json

import pytest

from dialects.content_encoding import LARGEST_BODY
from tests.dialects.osticket.conftest import MINIMAL, Desk

BODY = json.dumps(MINIMAL).encode()
GZIP = {"Content-Encoding": "gzip"}


def packed(data: bytes) -> bytes:
    # The same bytes in every process that collects these tests.
    return gzip.compress(data, mtime=0)


def test_a_byte_order_mark_is_no_part_of_json(desk: Desk) -> None:
    assert desk.create(raw=b"\xef\xbb\xbf" + BODY).status == 201
    answer = desk.cloud.call("PATCH", "/api/admin/settings", {"helpdesk_title": "Desk"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "kind",
    [
        "text/json",
        "application/vnd.api+json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
    ],
)
def test_json_is_read_whatever_it_is_called(desk: Desk, kind: str) -> None:
    number, child = desk.open(), desk.open()
    headers = {"Content-Type": kind} if kind else {}
    path = f"/api/tickets-update.php/{number}.json"
    raw = b'{"priorityId": 4}'
    assert desk.call("PATCH", path, raw=raw, headers=headers).status == 200
    assert desk.get(number)["priorityId"] == 4
    link = f"/api/tickets-subtickets-create.php/{number}.json"
    sent = json.dumps({"childId": child}).encode()
    assert desk.call("POST", link, raw=sent, headers=headers).status == 200


def test_gzip_is_read_where_it_says_so(desk: Desk) -> None:
    for path in ("/api/tickets.json", "/api/v1/tickets.php"):
        assert desk.call("POST", path, raw=packed(BODY), headers=GZIP).status == 201
        # As API Gateway may hand it on: decompressed, and the header still there.
        assert desk.call("POST", path, raw=BODY, headers=GZIP).status == 201
    assert desk.tickets() == 4


@pytest.mark.parametrize(
    ("raw", "headers", "status", "words"),
    [
        (packed(BODY), {}, 400, "Content-Encoding: gzip"),
        (packed(BODY)[:3] + BODY, GZIP, 400, "no gzip"),
        (packed(BODY)[:-9], GZIP, 400, "cut off"),
        (packed(b" " * (LARGEST_BODY + 1)), GZIP, 413, "too large"),
        (BODY, {"Content-Encoding": "br"}, 415, "must be gzip"),
    ],
)
def test_other_compressed_bodies_are_refused(
    desk: Desk, raw: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    for path in ("/api/tickets.json", "/api/tickets.xml", "/api/v1/tickets.php"):
        answer = desk.call("POST", path, raw=raw, headers=headers)
        assert (answer.status, words in answer.text) == (status, True)
    assert desk.tickets() == 0


def test_markup_in_xml_is_text(desk: Desk) -> None:
    document = (
        "<ticket><email>jane@example.com</email><name>Jane <i>Doe</i></name><subject>a <b>b</b> c"
        "</subject><message><b>bold</b> text <i>and <u>more</u></i>.</message></ticket>"
    )
    answer = desk.call("POST", "/api/tickets.xml", raw=document.encode())
    assert answer.status == 201
    shown = desk.get(answer.text)
    assert (shown["subject"], shown["user"]["name"]) == ("a b c", "Jane Doe")
    assert desk.message_of(answer.text) == "bold text and more."


def test_the_plugin_s_own_client_creates_below_wildcard(desk: Desk) -> None:
    assert desk.call("POST", "/api/wildcard/tickets.json", MINIMAL).status == 201


@pytest.mark.parametrize("ref", ["1.0.json", "123456.json.xml", ".json", "-1"])
def test_a_number_has_no_dot(desk: Desk, ref: str) -> None:
    for script in ("tickets-get.php", "tickets-attachment-download.php"):
        answer = desk.call("GET", f"/api/{script}/{ref}")
        assert (answer.status, answer.message[:18]) == (400, "Invalid URL format")
    answer = desk.call("GET", "/api/tickets-attachment-download.php/-1.json")
    assert (answer.status, answer.message[:18]) == (400, "Invalid URL format")
