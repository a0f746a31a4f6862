"""zammad-py, unmodified, against a desk (docs/zammad.md 1 to 9)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from requests import HTTPError
from zammad_py import ZammadAPI  # type: ignore[import-untyped]

from tests.http.desk import Desk
from tests.http.zammad.traffic import Exchange, record

NOBODYS = 10**6
"""An id of nothing."""


def new(**values: Any) -> dict[str, Any]:
    article = {"subject": "My subject", "body": "I am a message!", "type": "note"}
    customer = "guess:jane@client.example"
    return {"title": "Help me!", "group": "Users", "customer_id": customer} | {
        "article": article | values.pop("article", {}),
        **values,
    }


def pages(page: Any) -> Iterator[list[Any]]:
    """A list page by page, until one is empty."""
    while rows := list(page):
        yield rows
        page = page.next_page()


# --- its requests ---------------------------------------------------------------------------

SIX: dict[str, tuple[tuple[Any, ...], str, Any]] = {
    "all": ((), "GET {}?page=1&per_page=10&expand=true", None),
    "search": (("Q",), "GET {}/search?query=Q&page=1&per_page=10&expand=true", None),
    "find": ((NOBODYS,), "GET {}/1000000", None),
    "create": (({},), "POST {}", {}),
    "update": ((NOBODYS, {}), "PUT {}/1000000", {}),
    "destroy": ((NOBODYS,), "DELETE {}/1000000", None),
}
"""What every resource of the client offers: the arguments here, and the request that follows."""

RESOURCES = {
    "ticket": ("tickets", set()),
    "user": ("users", set()),
    "organization": ("organizations", set()),
    "group": ("groups", set()),
    "role": ("roles", set()),
    "ticket_article": ("ticket_articles", {"search"}),
    "ticket_state": ("ticket_states", {"search"}),
    "ticket_priority": ("ticket_priorities", {"search"}),
    "taglist": ("tag_list", {"find", "search"}),
    "ticket_tag": ("tags", {*SIX} - {"all"}),
    "link": ("links", {*SIX} - {"all"}),
    "ticket_article_attachment": ("ticket_attachment", {*SIX}),
    "ticket_article_plain": ("ticket_article_plain", {*SIX} - {"find"}),
}
"""The client's properties: the path of each, and what Zammad itself has no route for."""


@pytest.mark.parametrize("call", SIX)
@pytest.mark.parametrize("resource", RESOURCES)
def test_what_every_resource_sends_is_answered_as_by_zammad(
    client: Any, resource: str, call: str
) -> None:
    arguments, line, body = SIX[call]
    path, unrouted = RESOURCES[resource]
    sent = record(client.session)
    with suppress(HTTPError):
        getattr(getattr(client, resource), call)(*arguments)
    (exchange,) = sent
    assert (exchange.line, exchange.body) == (line.format(path), body)
    assert is_unrouted(exchange) == (call in unrouted), exchange.text
    assert exchange.status < 500
    assert (exchange.status >= 400) == ("error" in json.loads(exchange.text))


def is_unrouted(exchange: Exchange) -> bool:
    """Whether the answer says that there is no such path, or takes `search` for an id."""
    return exchange.status == 404 and (
        "No route matches" in exchange.text or "'id'=search" in exchange.text
    )


def test_its_headers(client: Any) -> None:
    sent = record(client.session)
    client.ticket.create(new())
    (exchange,) = sent
    wanted = {
        "User-Agent": "Zammad API Python",
        "Accept": "*/*",
        "Content-Type": "application/json",
    }
    assert wanted.items() <= exchange.headers.items()
    assert exchange.headers["Authorization"].startswith("Token token=")


def test_what_else_it_sends(client: Any, desk: Desk) -> None:
    file = {"filename": "a.txt", "data": b64encode(b"text").decode(), "mime-type": "text/plain"}
    one, other = (client.ticket.create(new(article={"attachments": [file]})) for _ in range(2))
    ticket, number = one["id"], other["number"]
    (article,) = client.ticket.articles(ticket)
    (attachment,) = article["attachments"]
    link = {
        "link_type": "parent",
        "link_object_target": "Ticket",
        "link_object_target_value": ticket,
        "link_object_source": "Ticket",
        "link_object_source_number": number,
    }
    tag = {"o_id": ticket, "item": "fire", "object": "Ticket"}
    file_id = attachment["id"]
    sent = record(client.session)
    client.ticket.articles(ticket)
    client.ticket.tags(ticket)
    client.user.me()
    client.ticket_tag.add(ticket, "fire")
    client.ticket_tag.remove(ticket, "fire")
    client.link.add(ticket, number, "parent")
    client.link.get(ticket)
    client.link.remove(ticket, number, "parent")
    client.ticket_article_attachment.download(file_id, article["id"], ticket)
    client.ticket.merge(ticket, number)
    assert [(one.line, one.body, one.status) for one in sent] == [
        (f"GET ticket_articles/by_ticket/{ticket}?expand=true", None, 200),
        (f"GET tags?object=Ticket&o_id={ticket}", None, 200),
        ("GET users/me", None, 200),
        ("POST tags/add", tag, 201),
        ("DELETE tags/remove", tag, 200),
        ("POST links/add", link, 201),
        (f"GET links?link_object=Ticket&link_object_value={ticket}", None, 200),
        ("DELETE links/remove", link, 201),
        (f"GET ticket_attachment/{ticket}/{article['id']}/{file_id}", None, 200),
        (f"PUT ticket_merge/{ticket}/{number}", None, 200),
    ]


# --- tickets --------------------------------------------------------------------------------


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
    assert page.is_last_page()
    back = page.prev_page()
    assert len(back) == sizes[-1]
    filtered = client.ticket.all(filters={"page": 2, "per_page": 7})
    assert (len(filtered), filtered.is_last_page()) == (7, False)


def test_a_search_goes_through_its_pages(client: Any, desk: Desk) -> None:
    ids = [client.ticket.create(params=new(title=f"Zeppelin {n:02}"))["id"] for n in range(12)]
    client.ticket.update(ids[0], {"state": "closed"})
    desk.cloud.drain(retry=True)
    rows = [list(page) for page in pages(client.ticket.search("zeppelin"))]
    assert [len(page) for page in rows] == [10, 2]
    assert {row["id"] for page in rows for row in page} == set(ids)
    closed = client.ticket.search("state.name:closed AND title:zeppelin")
    assert [(row["id"], row["state"]) for row in closed] == [(ids[0], "closed")]
    sorted_by = {"sort_by": "title", "order_by": "asc", "per_page": 5}
    first = client.ticket.search("zeppelin", filters=sorted_by)
    assert [row["id"] for row in first] == ids[:5]
    assert [row["id"] for row in first.next_page()] == ids[5:10]
    assert list(client.ticket.search("title:(")) == []


# --- articles and their files ---------------------------------------------------------------


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


def test_an_article_is_hidden_and_destroyed(client: Any) -> None:
    ticket = client.ticket.create(params=new())["id"]
    article = client.ticket_article.create(params={"ticket_id": ticket, "body": "More"})
    hidden = client.ticket_article.update(article["id"], {"internal": True, "body": "Less"})
    assert (hidden["internal"], hidden["body"]) == (True, "More")
    assert client.ticket_article.destroy(article["id"]) == {}
    assert len(client.ticket.articles(ticket)) == 1
    (left,) = client.ticket.articles(ticket)
    with pytest.raises(Exception, match="does not have a raw copy available"):
        client.ticket_article_plain.find(left["id"])


# --- tags, links, merges --------------------------------------------------------------------


def test_tags_come_and_go(client: Any, desk: Desk) -> None:
    ticket = client.ticket.create(params=new(tags="one, two"))["id"]
    assert client.ticket_tag.add(ticket, "three") is True
    assert client.ticket_tag.remove(ticket, "two") is True
    assert client.ticket.tags(ticket) == {"tags": ["one", "three"]}
    client.taglist.create({"name": "listed"})
    desk.cloud.drain(retry=True)
    listed = {row["name"]: row for row in client.taglist.all()}
    assert listed["three"]["count"] == 1
    assert listed["listed"]["count"] == 0
    client.taglist.update(listed["three"]["id"], {"name": "drei"})
    client.taglist.destroy(listed["one"]["id"])
    desk.cloud.drain(retry=True)
    assert client.ticket.tags(ticket) == {"tags": ["drei"]}


def test_links_are_seen_from_both_sides(client: Any) -> None:
    above, below = (client.ticket.create(params=new()) for _ in range(2))
    made = client.link.add(below["id"], above["number"], "parent")
    assert made["link_object_target_value"] == below["id"]
    seen = [client.link.get(one["id"])["links"] for one in (below, above)]
    assert seen == [
        [{"link_type": "parent", "link_object": "Ticket", "link_object_value": above["id"]}],
        [{"link_type": "child", "link_object": "Ticket", "link_object_value": below["id"]}],
    ]
    assert client.link.remove(below["id"], above["number"], "parent") == {}
    assert client.link.get(above["id"])["links"] == []


def test_a_ticket_is_merged_into_another(client: Any, desk: Desk) -> None:
    source, target = (client.ticket.create(params=new()) for _ in range(2))
    failed = client.ticket.merge(source["id"], NOBODYS)
    assert failed["result"] == "failed"
    merged = client.ticket.merge(source["id"], target["number"])
    assert merged["result"] == "success"
    assert merged["target_ticket"]["id"] == target["id"]
    desk.cloud.drain(retry=True)
    assert len(client.ticket.articles(target["id"])) >= 2
    assert client.ticket.find(source["id"])["state_id"] == 5


# --- people ---------------------------------------------------------------------------------


def test_users(client: Any, desk: Desk) -> None:
    names = {"firstname": "Py", "lastname": "Thon", "email": "Py@client.example"}
    user = client.user.create(params=names)
    assert client.user.find(user["id"]) == user
    assert client.user.update(user["id"], {"mobile": "0170"})["mobile"] == "0170"
    assert client.user.me()["login"] == "desk"
    desk.cloud.drain()
    rows = [row for page in pages(client.user.all()) for row in page]
    assert user["id"] in {row["id"] for row in rows}
    assert all("roles" in row for row in rows)
    for query in ("email:py@client.example", "thon", "login:py@client.example"):
        assert [row["id"] for row in client.user.search(query)] == [user["id"]]
    assert client.user.destroy(user["id"]) == {}
    with pytest.raises(Exception, match="Couldn't find User with 'id'"):
        client.user.find(user["id"])


def test_organizations(client: Any, desk: Desk) -> None:
    ids = {client.organization.create(params={"name": f"Py {n}"})["id"] for n in range(12)}
    desk.cloud.drain()
    found = [row["id"] for page in pages(client.organization.all()) for row in page]
    assert ids <= set(found)
    assert found == sorted(found)
    assert {row["id"] for page in pages(client.organization.search("py")) for row in page} == ids
    first = min(ids)
    assert client.organization.update(first, {"note": "N"})["note"] == "N"
    assert client.organization.find(first)["name"] == "Py 0"
    assert client.organization.destroy(first) == {}


@pytest.mark.parametrize(
    ("resource", "row", "change"),
    [
        ("group", {"name": "Py"}, {"note": "N"}),
        ("ticket_state", {"name": "py", "state_type_id": 2}, {"name": "thon"}),
        ("ticket_priority", {"name": "py"}, {"name": "thon"}),
    ],
)
def test_rows(client: Any, resource: str, row: dict[str, Any], change: dict[str, Any]) -> None:
    rows = getattr(client, resource)
    new = rows.create(params=row)
    assert rows.find(new["id"])["name"] == row["name"]
    assert new["id"] in {one["id"] for page in pages(rows.all()) for one in page}
    changed = rows.update(new["id"], change)
    assert {name: changed[name] for name in change} == change
    assert rows.destroy(new["id"]) == {}


def test_roles(client: Any) -> None:
    assert [row["name"] for row in client.role.all()] == ["Admin", "Agent", "Customer"]
    assert client.role.find(2)["name"] == "Agent"
    with pytest.raises(Exception, match="Roles are built in"):
        client.role.create(params={"name": "Boss"})


# --- keys -----------------------------------------------------------------------------------


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
