"""GET /api/tickets-attachment-download.php/{ref}."""

import base64
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from defusedxml.ElementTree import fromstring

from dialects import answers
from helpdesk.files import downloads
from helpdesk.storage import objects, transact
from helpdesk.storage.keys import entry_key, file_key
from tests.dialects.osticket.conftest import Answer, Desk
from tests.world import BUCKET

JSON = "application/json; charset=UTF-8"
DATA = bytes(range(256))


def download(desk: Desk, ref: str, **options: Any) -> Answer:
    return desk.call("GET", f"/api/tickets-attachment-download.php/{ref}", **options)


def open_with_file(desk: Desk, data: bytes = DATA, **values: Any) -> int:
    """A ticket with a file; gives the file's id."""
    url = f"data:application/pdf;base64,{base64.b64encode(data).decode()}"
    number = desk.open(attachments=[{"é <1>.pdf": url}], **values)
    (file,) = desk.get(number)["thread"][0]["attachments"]
    return int(file["file_id"])


def make_note(ticket: int, entry: int) -> None:
    """Turns a message into an internal note."""
    key = entry_key(ticket, entry)
    change = transact.update(key, "SET #kind = :note", {":note": "note"}, names={"#kind": "kind"})
    transact.write(change)


# --- what comes out -------------------------------------------------------------------------


def test_a_file_comes_back_byte_for_byte(desk: Desk) -> None:
    file = open_with_file(desk)
    answer = download(desk, f"{file}.json")
    assert (answer.status, answer.type) == (200, JSON)
    assert list(answer.json) == ["file_id", "filename", "mime_type", "size", "content"]
    assert answer.json == {
        "file_id": file,
        "filename": "é <1>.pdf",
        "mime_type": "application/pdf",
        "size": 256,
        "content": base64.b64encode(DATA).decode(),
    }
    assert "application\\/pdf" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_xml_says_the_same(desk: Desk) -> None:
    file = open_with_file(desk)
    answer = download(desk, f"{file}.xml")
    assert (answer.status, answer.type) == (200, "application/xml; charset=UTF-8")
    found = {field.tag: field.text for field in fromstring(answer.text)}
    assert found == {
        name: str(value) for name, value in download(desk, f"{file}.json").json.items()
    }


def test_an_empty_file(desk: Desk) -> None:
    file = open_with_file(desk, b"")
    assert download(desk, f"{file}.json").json["content"] == ""


# --- files too large for an answer ----------------------------------------------------------


@pytest.mark.parametrize("shape", ["json", "xml"])
def test_a_large_file_is_a_link_to_the_same_document(desk: Desk, shape: str) -> None:
    file = open_with_file(desk)
    whole = download(desk, f"{file}.{shape}")
    with patch.object(answers, "LARGEST_ANSWER", 300):
        answer = download(desk, f"{file}.{shape}")
    assert (answer.status, answer.text) == (302, "")
    assert answer.headers["Cache-Control"] == "no-store"
    link = urlsplit(answer.headers["Location"])
    signed = parse_qs(link.query)
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert signed["X-Amz-Expires"] == ["300"]
    assert signed["response-content-type"] == [whole.type]
    named = f'attachment; filename="{file}.{shape}"'
    assert signed["response-content-disposition"] == [named]
    key = link.path.partition("derived/")
    stored = boto3.client("s3").get_object(Bucket=BUCKET, Key="".join(key[1:]))
    assert stored["Body"].read().decode() == whole.text
    assert stored["ContentType"] == whole.type


def test_what_counts_is_the_answer_as_lambda_sends_it(desk: Desk) -> None:
    # Four characters of base64 for three bytes, and two more for each slash among them.
    slashes = open_with_file(desk, b"\xff" * 300)
    letters = open_with_file(desk, b"\x00" * 300)
    with patch.object(answers, "LARGEST_ANSWER", 1_000):
        assert download(desk, f"{slashes}.json").status == 302
        assert download(desk, f"{letters}.json").status == 200


def test_the_document_is_made_once_in_half_a_day(desk: Desk) -> None:
    file = open_with_file(desk)
    made: list[str] = []
    put = objects.put

    def counted(key: str, data: bytes, content_type: str) -> None:
        made.append(key)
        put(key, data, content_type)

    with (
        patch.object(answers, "LARGEST_ANSWER", 100),
        patch.object(objects, "put", counted),
    ):
        for _ in range(2):
            assert download(desk, f"{file}.json").status == 302
        assert len(made) == 1
        with patch.object(downloads, "KEPT", timedelta(seconds=-1)):
            assert download(desk, f"{file}.json").status == 302
        assert made == [made[0]] * 2


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ref", ["1", "x.json", "1.pdf", ".json", "1.", "1a.json", "٣.json", "1.JSON"]
)
def test_other_paths_are_told_the_pattern(desk: Desk, ref: str) -> None:
    answer = download(desk, ref)
    assert (answer.status, answer.type) == (400, JSON)
    assert answer.message == (
        "Invalid URL format. Expected: /api/tickets-attachment-download.php/{file_id}.json"
    )


@pytest.mark.parametrize("ref", ["0.json", "000.xml"])
def test_no_file_has_such_an_id(desk: Desk, ref: str) -> None:
    answer = download(desk, ref)
    assert (answer.status, answer.message) == (400, "Invalid file ID")


@pytest.mark.parametrize("ref", ["424242.json", "9999999999.xml", f"{'9' * 5000}.json"])
def test_what_is_not_there(desk: Desk, ref: str) -> None:
    answer = download(desk, ref)
    assert (answer.status, answer.type, answer.message) == (404, JSON, "File not found")


def test_a_file_of_no_thread_is_not_accessible(desk: Desk) -> None:
    item = {"id": 77, "name": "logo.png", "type": "image/png", "size": 1, "object": "logo"}
    transact.write(transact.put(file_key(77), item))
    answer = download(desk, "77.json")
    assert (answer.status, answer.message) == (403, "Attachment not accessible")


def test_a_file_whose_object_is_gone_is_gone(desk: Desk) -> None:
    file = open_with_file(desk)
    (stored,) = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=stored["Key"])
    answer = download(desk, f"{file}.json")
    assert (answer.status, answer.message) == (404, "File not found")


def test_a_key_needs_the_permission(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_search_tickets"])["key"]
    for ref in ("1.json", "x"):
        answer = download(desk, ref, key=key)
        assert answer.status == 403
        assert answer.message == "API key not authorized to read attachments"


# --- scope ----------------------------------------------------------------------------------


def test_a_file_is_where_its_ticket_is(desk: Desk) -> None:
    file = open_with_file(desk, departmentId="Sales")
    permissions = ["can_read_tickets"]
    sales = desk.cloud.key(permissions=permissions, departments=[2])["key"]
    support = desk.cloud.key(permissions=permissions, departments=[1])["key"]
    assert download(desk, f"{file}.json", key=sales).status == 200
    answer = download(desk, f"{file}.json", key=support)
    assert (answer.status, answer.message) == (404, "File not found")


def test_a_customer_gets_its_own_files_and_none_of_notes(desk: Desk) -> None:
    file = open_with_file(desk)
    other = open_with_file(desk, email="other@example.com")
    ticket = desk.get("1")
    permissions = ["can_read_tickets"]
    key = desk.cloud.key(permissions=permissions, customer=ticket["userId"])["key"]
    assert download(desk, f"{file}.json", key=key).status == 200
    assert download(desk, f"{other}.json", key=key).status == 404
    make_note(ticket["id"], ticket["thread"][0]["id"])
    assert download(desk, f"{file}.json", key=key).status == 404
    assert download(desk, f"{file}.json").status == 200


def test_the_link_of_a_large_file_is_scoped_as_well(desk: Desk) -> None:
    file = open_with_file(desk, departmentId="Sales")
    support = desk.cloud.key(permissions=["can_read_tickets"], departments=[1])["key"]
    with patch.object(answers, "LARGEST_ANSWER", 100):
        assert download(desk, f"{file}.json").status == 302
        assert download(desk, f"{file}.json", key=support).status == 404
    assert json.loads(download(desk, f"{file}.json").text)["size"] == 256
