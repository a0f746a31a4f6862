"""Articles and their files over HTTP: the conformance cases 19 to 27 and 54 to 63 of
docs/zammad.md 14.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from dialects.zammad.articles import read
from helpdesk import clock
from tests.http.desk import Desk
from tests.http.zammad.asking import (
    ARTICLE,
    PNG,
    Somebody,
    added,
    agent,
    articles,
    ask,
    denied,
    file,
    found,
    opened,
    refused,
    said,
)

CREATE = pytest.mark.contract("POST /api/v1/tickets")
ADD = pytest.mark.contract("POST /api/v1/ticket_articles")
SHOW = pytest.mark.contract("GET /api/v1/ticket_articles/{id}")
CHANGE = pytest.mark.contract("PUT /api/v1/ticket_articles/{id}")
DELETE = pytest.mark.contract("DELETE /api/v1/ticket_articles/{id}")
DOWNLOAD = pytest.mark.contract("GET /api/v1/ticket_attachment/{ticket}/{article}/{id}")

JPEG = b64encode(bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")).decode()
"""The frame of a picture, in base64."""


def first(desk: Desk, *, key: str = "", **article: Any) -> Any:
    """The one article of a new ticket."""
    ticket = opened(desk, key=key, article=ARTICLE | article)["id"]
    (only,) = articles(desk, ticket, key=key)
    return only


def downloaded(desk: Desk, article: Any, place: int = 0) -> bytes:
    """The bytes of one of an article's files."""
    number = article["attachments"][place]["id"]
    path = f"ticket_attachment/{article['ticket_id']}/{article['id']}/{number}"
    answer = ask(desk, "GET", path)
    assert answer.status == 200
    return answer.body


# --- the first article of a ticket ----------------------------------------------------------


@CREATE
def test_case_19_an_article_on_behalf_of_the_customer(
    desk: Desk, ann: Somebody, jane: Somebody
) -> None:
    told = ARTICLE | {"origin_by": "jane@cases.example"}
    ticket = opened(desk, key=ann.key, customer_id=jane.id, article=told)
    (article,) = articles(desk, ticket["id"])
    assert (article["sender"], article["type"]) == ("Customer", "note")
    assert article["from"] == "Jane Customer"
    assert (article["origin_by_id"], article["created_by_id"]) == (jane.id, ann.id)
    assert article["origin_by"] == "jane@cases.example"


@CREATE
def test_case_20_whoever_is_named_the_customer_speaks(
    desk: Desk, ann: Somebody, jane: Somebody
) -> None:
    told = {"sender": "Agent", "from": "somebody", "origin_by": "jane@cases.example"}
    article = first(desk, key=ann.key, **told)
    assert (article["sender"], article["from"]) == ("Customer", "Jane Customer")
    assert article["origin_by_id"] == jane.id


@CREATE
def test_case_21_one_file(desk: Desk, ann: Somebody) -> None:
    article = first(desk, key=ann.key, attachments=[file(b"some file")])
    (one,) = article["attachments"]
    assert (one["filename"], one["preferences"]) == ("a.txt", {"Mime-Type": "text/plain"})
    assert downloaded(desk, article) == b"some file"


@CREATE
def test_case_22_two_files(desk: Desk, ann: Somebody) -> None:
    sent = [file(b"one"), file(b"two", "b.pdf", "application/pdf")]
    article = first(desk, key=ann.key, attachments=sent)
    assert [one["filename"] for one in article["attachments"]] == ["a.txt", "b.pdf"]
    assert [downloaded(desk, article, place) for place in (0, 1)] == [b"one", b"two"]


@CREATE
def test_case_23_a_file_that_is_no_base64(desk: Desk, ann: Somebody) -> None:
    bad = file(b"") | {"data": "ABC_INVALID_BASE64"}
    text = "Invalid base64 for attachment with index '0'"
    article = ARTICLE | {"attachments": [bad]}
    assert refused(desk, key=ann.key, article=article) == (422, text)


@CREATE
def test_case_24_base64_in_lines(desk: Desk, ann: Somebody) -> None:
    data = bytes(range(200))
    encoded = b64encode(data).decode()
    lines = "\r\n".join(encoded[at : at + 60] for at in range(0, len(encoded), 60)) + "\n"
    article = first(desk, key=ann.key, attachments=[file(b"") | {"data": lines}])
    assert downloaded(desk, article) == data


@CREATE
def test_case_25_a_file_without_a_type(desk: Desk, ann: Somebody) -> None:
    bad = {name: value for name, value in file(b"x").items() if name != "mime-type"}
    text = "Attachment needs 'mime-type' param for attachment with index '0'"
    article = ARTICLE | {"attachments": [bad]}
    assert refused(desk, key=ann.key, article=article) == (422, text)


@CREATE
def test_case_26_two_pictures_inside_a_body(desk: Desk, ann: Somebody) -> None:
    body = (
        f'<b>some</b> <img src="data:image/png;base64,{PNG[:60]}\r\n{PNG[60:]}">'
        f'<img src="data:image/jpeg;base64,{JPEG}">'
    )
    article = first(desk, key=ann.key, body=body, content_type="text/html")
    names = [one["filename"] for one in article["attachments"]]
    assert names == ["image1.png", "image2.jpeg"]
    for one, kind in zip(article["attachments"], ("png", "jpeg"), strict=True):
        told = one["preferences"]
        assert told["Content-ID"].startswith(f"{article['ticket_id']}.")
        assert told["Content-Type"] == told["Mime-Type"] == f"image/{kind}"
        assert told["Content-Disposition"] == "inline"


@CREATE
def test_case_27_a_picture_inside_and_a_file_beside(desk: Desk, ann: Somebody) -> None:
    body = f'<img src="data:image/png;base64,{PNG}">'
    sent = [file(b"some file")]
    article = first(desk, key=ann.key, body=body, content_type="text/html", attachments=sent)
    picture, beside = article["attachments"]
    assert (picture["filename"], beside["filename"]) == ("image1.png", "a.txt")
    assert "Content-ID" in picture["preferences"]
    assert beside["preferences"] == {"Mime-Type": "text/plain"}


# --- further articles -----------------------------------------------------------------------


@ADD
def test_case_54_the_smallest_article(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    article = added(desk, ticket, key=ann.key, type=None)
    assert (article["from"], article["content_type"]) == ("Ann Agent", "text/plain")
    assert (article["sender"], article["type"]) == ("Agent", "note")
    assert article["internal"] is False
    assert (article["subject"], article["body"]) == ("some subject", "some body")
    assert article["created_by_id"] == article["updated_by_id"] == ann.id


@ADD
def test_case_55_who_it_is_from_is_not_believed(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    article = added(desk, ticket, key=ann.key, **{"from": "something which should not matter"})
    assert article["from"] == "Ann Agent"


@CHANGE
def test_case_56_little_of_an_article_changes(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    kept = {"some": "thing", "highlight": "old"}
    article = added(desk, ticket, key=ann.key, preferences=kept)
    path = f"ticket_articles/{article['id']}"
    values = {"subject": "new", "body": "new", "internal": True}
    told = {"highlight": "new", "some": "else", "more": 1}
    answer = ask(desk, "PUT", path, {**values, "preferences": told}, key=ann.key)
    assert answer.status == 200
    after = article | {"internal": True, "preferences": {"some": "thing", "highlight": "new"}}
    assert {**answer.json, "updated_at": ""} == {**after, "updated_at": ""}
    assert found(desk, path) == answer.json


@ADD
def test_case_57_what_a_customer_writes(desk: Desk, jane: Somebody) -> None:
    ticket = opened(desk, key=jane.key, customer_id=None)["id"]
    asked = {"type": "email", "sender": "Agent", "internal": True}
    article = added(desk, ticket, key=jane.key, **asked)
    assert (article["type"], article["sender"]) == ("note", "Customer")
    assert (article["internal"], article["from"]) == (False, "Jane Customer")
    web = added(desk, ticket, key=jane.key, type="web")
    assert (web["type"], web["from"]) == ("web", "Jane Customer <jane@cases.example>")


@SHOW
def test_case_58_what_is_internal_no_customer_sees(
    desk: Desk, ann: Somebody, jane: Somebody
) -> None:
    ticket = opened(desk, key=ann.key, customer_id=jane.id, article=ARTICLE)["id"]
    note = added(desk, ticket, key=ann.key, internal=True)
    path = f"ticket_articles/{note['id']}"
    assert denied(desk, "GET", path, key=jane.key) == (403, "Not authorized")
    values = {"internal": False}
    assert denied(desk, "PUT", path, values, key=jane.key) == (403, "Not authorized")
    assert note["id"] not in {one["id"] for one in articles(desk, ticket, key=jane.key)}
    assert note["id"] in {one["id"] for one in articles(desk, ticket, key=ann.key)}


@DELETE
def test_case_59_who_deletes_an_article(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    other = agent(desk, "bob")
    ticket = opened(desk, key=ann.key, customer_id=jane.id)["id"]

    def delete(article: Any, key: str) -> tuple[int, str]:
        path = f"ticket_articles/{article['id']}"
        return denied(desk, "DELETE", path, key=key)

    note = added(desk, ticket, key=ann.key)
    text = "Not authorized (you can only delete your own notes)!"
    assert delete(note, other.key) == (403, text)
    text = "Not authorized (agent permission required)!"
    assert delete(note, jane.key) == (403, text)
    mail = added(desk, ticket, key=ann.key, type="email", to="jane@cases.example")
    text = "Not authorized (communication articles cannot be deleted)!"
    assert delete(mail, ann.key) == (403, text)
    gone = ask(desk, "DELETE", f"ticket_articles/{note['id']}", key=ann.key)
    assert (gone.status, gone.json) == (200, {})
    old = added(desk, ticket, key=ann.key)
    with patch.object(read, "now", lambda: clock.now() + timedelta(minutes=11)):
        text = "Not authorized (note is too old to be deleted)!"
        assert delete(old, ann.key) == (403, text)
    assert [one["id"] for one in articles(desk, ticket)] == [mail["id"], old["id"]]


@SHOW
def test_case_60_where_the_pictures_of_a_body_are(desk: Desk, ann: Somebody) -> None:
    picture = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(13)).decode()
    body = f'<b>test</b> <img src="data:image/png;base64,{picture}">'
    ticket = opened(desk, key=ann.key)["id"]
    article = added(desk, ticket, key=ann.key, body=body, content_type="text/html")
    assert "cid:" not in article["body"]
    (one,) = article["attachments"]
    place = f"/api/v1/ticket_attachment/{ticket}/{article['id']}/{one['id']}?view=inline"
    assert place in article["body"]
    assert one["size"] == "21"
    assert found(desk, f"ticket_articles/{article['id']}") == article


@SHOW
def test_case_61_the_files_of_an_article(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    sent = [file(b"12345678")]
    article = added(desk, ticket, key=ann.key, attachments=sent)
    shown = found(desk, f"ticket_articles/{article['id']}?expand=true", key=ann.key)
    (one,) = shown["attachments"]
    assert one.pop("id") > 0
    told = {"Mime-Type": "text/plain"}
    assert one == {"filename": "a.txt", "size": "8", "preferences": told}


@CREATE
def test_case_62_a_call_of_the_customer(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    told = ARTICLE | {"type": "phone", "sender": "Customer"}
    ticket = opened(desk, key=ann.key, customer_id=jane.id, article=told)["id"]
    (article,) = articles(desk, ticket)
    assert article["from"] == "Jane Customer <jane@cases.example>"
    assert (article["origin_by_id"], article["created_by_id"]) == (jane.id, ann.id)


@DOWNLOAD
def test_case_63_a_file_and_where_it_belongs(desk: Desk, ann: Somebody) -> None:
    data = bytes(range(256))
    ticket = opened(desk, key=ann.key, article=ARTICLE | {"attachments": [file(data)]})
    (article,) = articles(desk, ticket["id"])
    other = added(desk, ticket["id"], key=ann.key)
    target = opened(desk, key=ann.key)
    number = article["attachments"][0]["id"]

    def path(ticket: Any, article: Any) -> str:
        return f"ticket_attachment/{ticket['id']}/{article['id']}/{number}"

    answer = ask(desk, "GET", path(ticket, article), key=ann.key)
    assert (answer.status, answer.body, answer.type) == (200, data, "text/plain")
    assert answer.headers["content-disposition"].startswith("attachment;")
    text = "The file does not belong to the specified article."
    assert said(ask(desk, "GET", path(ticket, other), key=ann.key)) == (403, text)
    text = "The article does not belong to the specified ticket."
    assert said(ask(desk, "GET", path(target, article), key=ann.key)) == (403, text)
    merged = ask(desk, "PUT", f"ticket_merge/{ticket['id']}/{target['number']}", key=ann.key)
    assert merged.json["result"] == "success"
    desk.cloud.drain()
    moved = found(desk, f"ticket_articles/{article['id']}")
    assert moved["ticket_id"] == target["id"]
    for place in (target, ticket):
        assert ask(desk, "GET", path(place, article), key=ann.key).body == data
    third = opened(desk, key=ann.key)
    assert said(ask(desk, "GET", path(third, article), key=ann.key)) == (403, text)
    assert ask(desk, "DELETE", path(ticket, article), key=ann.key).status == 404
