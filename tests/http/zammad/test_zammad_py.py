"""zammad-py, unmodified, against a desk (docs/zammad.md 1 to 9)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from zammad_py import ZammadAPI  # type: ignore[import-untyped]

from tests.http.desk import Desk


def new(**values: Any) -> dict[str, Any]:
    article = {"subject": "My subject", "body": "I am a message!", "type": "note"}
    customer = "guess:jane@client.example"
    return {"title": "Help me!", "group": "Users", "customer_id": customer} | {
        "article": article | values.pop("article", {}),
        **values,
    }


def test_a_ticket_is_created_found_changed_and_destroyed(client: Any) -> None:
    made = client.ticket.create(params=new())
    assert client.ticket.find(made["id"])["title"] == "Help me!"
    changed = client.ticket.update(made["id"], {"state": "open", "priority": "3 high"})
    assert (changed["state_id"], changed["priority_id"]) == (2, 3)
    assert client.ticket.destroy(made["id"]) == {}
    with pytest.raises(Exception, match="Couldn't find Ticket with 'id'"):
        client.ticket.find(made["id"])


@pytest.mark.contract("GET /api/v1/tickets")
def test_all_pages_are_gone_through(client: Any, desk: Desk) -> None:
    ids = {client.ticket.create(params=new(title=f"{n}"))["id"] for n in range(25)}
    desk.cloud.drain()
    page = client.ticket.all()
    sizes, seen = [], set[int]()
    while items := list(page):
        sizes.append(len(items))
        seen |= {item["id"] for item in items}
        assert all(item["group"] == "Users" for item in items)
        page = page.next_page()
    assert ids <= seen
    assert sizes[:2] == [10, 10]


def test_articles_and_their_files(client: Any) -> None:
    data = bytes(range(256))
    files = [
        {"filename": "a.txt", "data": b64encode(b"text").decode(), "mime-type": "text/plain"},
        {"filename": "b.pdf", "data": b64encode(data).decode(), "mime-type": "application/pdf"},
    ]
    ticket = client.ticket.create(params=new(article={"attachments": files}))["id"]
    added = client.ticket_article.create(params={"ticket_id": ticket, "body": "More"})
    first, second = client.ticket.articles(ticket)
    assert second["id"] == added["id"]
    download = client.ticket_article_attachment.download
    text, pdf = first["attachments"]
    assert download(text["id"], first["id"], ticket) == b"text"
    assert download(pdf["id"], first["id"], ticket) == data
    assert client.ticket_article.find(first["id"])["subject"] == "My subject"


def test_who_the_key_is(client: Any) -> None:
    assert client.user.me()["login"] == "desk"


def test_another_acts(client: Any, desk: Desk) -> None:
    made = client.ticket.create(params=new())
    url = f"{desk.cloud.url}/api/v1/"
    behalf = ZammadAPI(url=url, http_token=desk.key, on_behalf_of="jane@client.example")
    assert behalf.user.me()["id"] == made["customer_id"]
    with behalf.request_on_behalf_of(str(made["customer_id"])) as acting:
        assert acting.user.me()["email"] == "jane@client.example"


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_other_ways_to_bring_the_key(desk: Desk, way: str) -> None:
    url = f"{desk.cloud.url}/api/v1/"
    if way == "basic":
        client = ZammadAPI(url=url, username="anybody", password=desk.key)
    else:
        client = ZammadAPI(url=url, oauth2_token=desk.key)
    assert client.user.me()["id"] == 2


def test_a_bad_key_is_told_in_zammad_s_words(desk: Desk) -> None:
    client = ZammadAPI(url=f"{desk.cloud.url}/api/v1/", http_token="no key")
    with pytest.raises(Exception, match="Can't find User for Token"):
        client.user.me()
