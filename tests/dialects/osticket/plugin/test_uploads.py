"""POST /api/uploads, and the files that are named by what it gives."""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from helpdesk.errors import Invalid
from helpdesk.files import uploads
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, upload_key
from helpdesk.tickets import threads
from tests.dialects.osticket.conftest import MINIMAL, Answer, Desk
from tests.world import BUCKET

PATH = "/api/uploads"
NOT_FOUND = "Upload not found. Send the file to what POST /api/uploads gives, then name it once"


def ask(desk: Desk, **options: Any) -> Any:
    answer = desk.call("POST", PATH, **options)
    assert answer.status == 201, answer.text
    return answer.json


def send(
    place: Mapping[str, Any], data: bytes = b"%PDF-1.7", kind: str = "binary/octet-stream"
) -> None:
    """What S3 does with the form; tests/http sends one."""
    key = place["fields"]["key"]
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=data, ContentType=kind)


def create(desk: Desk, *attachments: Any, **options: Any) -> Answer:
    return desk.create(MINIMAL | {"attachments": list(attachments)}, **options)


def stored(number: str, desk: Desk) -> list[Any]:
    return list(desk.get(number)["thread"][-1].get("attachments", ()))


def test_a_file_goes_up_and_is_named(desk: Desk) -> None:
    place = ask(desk)
    assert list(place) == ["id", "url", "fields", "expires"]
    left = datetime.fromisoformat(place["expires"]).replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)
    send(place, b"contents")
    answer = create(desk, {"report.pdf": f"upload:{place['id']}"})
    assert answer.status == 201
    (file,) = stored(answer.text, desk)
    assert (file["filename"], file["size"], file["mime_type"]) == (
        "report.pdf",
        8,
        "application/pdf",
    )
    path = f"/api/tickets-attachment-download.php/{file['file_id']}.json"
    assert desk.call("GET", path).json["content"] == "Y29udGVudHM="


def test_the_object_says_its_type_and_the_form_allows_any(desk: Desk) -> None:
    place = ask(desk)
    send(place, kind="text/plain; charset=utf-8")
    answer = create(desk, {"name": "a.md", "data": f"upload:{place['id']}", "type": "image/png"})
    assert stored(answer.text, desk)[0]["mime_type"] == "text/plain"


def test_xml_and_notes_take_uploads_too(desk: Desk) -> None:
    first, second = ask(desk), ask(desk)
    for place in (first, second):
        send(place)
    raw = (
        "<ticket><email>jane@example.com</email><name>Jane</name><subject>s</subject>"
        f"<message>m</message><attachments><file name='a.pdf'>upload:{first['id']}</file>"
        "</attachments></ticket>"
    )
    answer = desk.call("POST", "/api/tickets.xml", raw=raw.encode())
    assert [file["filename"] for file in stored(answer.text, desk)] == ["a.pdf"]
    note = {"note": "See there.", "attachments": [{"b.pdf": f"upload:{second['id']}"}]}
    changed = desk.call("PATCH", f"/api/tickets-update.php/{answer.text}.json", note)
    assert changed.status == 200, changed.text
    assert [file["filename"] for file in stored(answer.text, desk)] == ["b.pdf"]


def test_the_form_holds_for_one_size_and_one_key(desk: Desk) -> None:
    place = ask(desk)
    policy = json.loads(b64decode(place["fields"]["policy"]))
    assert ["content-length-range", 0, 10 * 1024 * 1024] in policy["conditions"]
    assert {"key": f"uploads/{place['id']}"} in policy["conditions"]


# --- what is refused ------------------------------------------------------------------------


def refused(answer: Answer, name: str = "a.pdf") -> bool:
    return answer.status == 400 and f"{name}: {NOT_FOUND}" in answer.text


def test_an_upload_is_good_once(desk: Desk) -> None:
    place = ask(desk)
    send(place)
    file = {"a.pdf": f"upload:{place['id']}"}
    assert create(desk, file).status == 201
    assert refused(create(desk, file))
    # The form still takes files: nobody gets at them any more.
    send(place, b"another")
    assert refused(create(desk, file))


def test_a_retry_of_the_request_that_named_it_gets_its_answer(desk: Desk) -> None:
    place = ask(desk)
    send(place)
    file, once = {"a.pdf": f"upload:{place['id']}"}, {"Idempotency-Key": place["id"]}
    first = create(desk, file, headers=once)
    assert first.status == 201
    assert create(desk, file, headers=once).text == first.text


@pytest.mark.parametrize("makes", ["ticket", "note"])
def test_of_the_same_request_twice_at_a_time_both_get_the_answer(desk: Desk, makes: str) -> None:
    place, number = ask(desk), desk.open()
    send(place)
    file = {"a.pdf": f"upload:{place['id']}"}
    other: list[Answer] = []
    fetch = table.fetch

    def send_it() -> Answer:
        once = {"Idempotency-Key": "once"}
        if makes == "ticket":
            return create(desk, file, headers=once)
        path = f"/api/tickets-update.php/{number}.json"
        headers = once | {"Content-Type": "application/json"}
        return desk.call("PATCH", path, {"note": "See.", "attachments": [file]}, headers=headers)

    def in_two_halves(keys: Sequence[Key], **options: Any) -> Any:
        """One read is no snapshot: the other request may go through in the midst of it."""
        upload = upload_key(place["id"])
        if other or upload not in keys:
            return fetch(keys, **options)
        found = fetch([key for key in keys if key != upload], **options)
        with patch.object(table, "fetch", fetch):
            other.append(send_it())
        return found | fetch([upload], **options)

    with patch.object(table, "fetch", in_two_halves):
        answer = send_it()
    assert (answer.status, [answer]) == ({"ticket": 201, "note": 200}[makes], other)
    assert len(stored(answer.text, desk)) == 1


def test_what_cannot_be_had_is_refused_alike(desk: Desk) -> None:
    nothing_there, others, twice, late = (ask(desk) for _ in range(4))
    for place in (others, twice, late):
        send(place)
    key = upload_key(others["id"])
    transact.write(transact.update(key, "SET #key = :other", {":other": 99}, names={"#key": "key"}))
    old = upload_key(late["id"])
    transact.write(transact.update(old, "SET #ttl = :past", {":past": 1}, names={"#ttl": "ttl"}))
    for upload in ("x", "0" * 32, nothing_there["id"], others["id"], late["id"]):
        assert refused(create(desk, {"a.pdf": f"upload:{upload}"})), upload
    one = {"a.pdf": f"upload:{twice['id']}"}
    assert refused(create(desk, one, {"b.pdf": f"upload:{twice['id']}"}), "b.pdf")
    # A refusal uses nothing up, and leaves nothing behind.
    assert create(desk, one).status == 201


def test_of_two_at_once_one_gets_it(desk: Desk) -> None:
    place = ask(desk)
    send(place)
    file = {"a.pdf": f"upload:{place['id']}"}
    taken: list[Answer] = []
    check = uploads.check

    def first_another(*arguments: Any) -> None:
        check(*arguments)
        if not taken:
            taken.append(Answer(0, "", {}))
            taken.append(create(desk, file))

    with patch.object(uploads, "check", first_another):
        loser = create(desk, file)
    assert taken[1].status == 201
    assert refused(loser)


def test_of_two_messages_at_once_that_name_it_one_gets_it(desk: Desk) -> None:
    ticket, place = int(desk.get(desk.open())["id"]), ask(desk)
    send(place)
    file = NewFile("a.pdf", "", b"", upload=place["id"])
    message = NewEntry(Body("See there."), poster="Jane", files=(file,))
    actor, write = Actor(key=1), threads._write

    def after_another(*arguments: Any) -> Any:
        with patch.object(threads, "_write", write):
            threads.add_message(actor, ticket, message)
        return write(*arguments)

    with patch.object(threads, "_write", after_another), pytest.raises(Invalid) as refused:
        threads.add_message(actor, ticket, message)
    (problem,) = refused.value.problems
    assert (problem.field, problem.label) == ("attachments", "a.pdf")
    assert len(desk.get(str(ticket))["thread"]) == 2


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("a.exe", 5, "File type is not allowed"),
        ("a.pdf", 10 * 1024 * 1024 + 1, "File size is too large (at most 10 MB)"),
    ],
)
def test_the_limits_hold_for_uploads(desk: Desk, name: str, size: int, words: str) -> None:
    place = ask(desk)
    # As if the form had let it through.
    send(place, bytes(size))
    answer = create(desk, {name: f"upload:{place['id']}"})
    assert answer.status == 400
    assert words in answer.text


def test_text_that_only_begins_so_is_text(desk: Desk) -> None:
    answer = create(desk, {"a.txt": "upload: see below"})
    assert stored(answer.text, desk)[0]["size"] == len("upload: see below")


def test_a_key_needs_one_of_two_permissions(desk: Desk) -> None:
    for permission, status in (
        ("can_create_tickets", 201),
        ("can_update_tickets", 201),
        ("can_read_tickets", 403),
    ):
        key = desk.cloud.key(permissions=[permission])["key"]
        assert desk.call("POST", PATH, key=key).status == status


def test_a_retry_gets_the_same_place(desk: Desk) -> None:
    once = {"Idempotency-Key": "a place"}
    assert ask(desk, headers=once) == ask(desk, headers=once)
