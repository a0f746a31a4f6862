"""Links, tags, mentions and merges over HTTP: the conformance cases 28 to 31, 64, 74 and 75 of
docs/zammad.md 14.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.desk import Desk
from tests.http.zammad.asking import (
    ARTICLE,
    Somebody,
    agent,
    articles,
    ask,
    denied,
    found,
    made,
    opened,
    refused,
)

CREATE = pytest.mark.contract("POST /api/v1/tickets")
MERGE = pytest.mark.contract("PUT /api/v1/ticket_merge/{source}/{target}")


def links(desk: Desk, ticket: int) -> list[tuple[str, int]]:
    """How other tickets stand to a ticket."""
    rows = found(desk, f"links?link_object=Ticket&link_object_value={ticket}")["links"]
    return [(row["link_type"], row["link_object_value"]) for row in rows]


def tags(desk: Desk, ticket: int) -> Any:
    """The tags of a ticket."""
    return found(desk, f"tags?object=Ticket&o_id={ticket}")["tags"]


def mentioned(desk: Desk, ticket: int) -> list[int]:
    """Who follows a ticket."""
    path = f"mentions?mentionable_type=Ticket&mentionable_id={ticket}"
    return [row["user_id"] for row in found(desk, path)["mentions"]]


@CREATE
def test_case_28_links_of_a_new_ticket(desk: Desk, ann: Somebody) -> None:
    one = opened(desk, key=ann.key)["id"]
    new = opened(desk, key=ann.key, links={"Ticket": {"parent": [one]}})["id"]
    assert links(desk, new) == [("child", one)]
    assert links(desk, one) == [("parent", new)]


@CREATE
def test_case_29_tags_of_a_new_ticket(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key, tags="tag1, tag2, tag3")["id"]
    assert tags(desk, ticket) == ["tag1", "tag2", "tag3"]


@pytest.fixture
def no_new_tags(desk: Desk) -> Iterator[None]:
    """The setting `tag_new` is off."""
    desk.set("settings", tag_new=False)
    yield
    desk.set("settings", tag_new=True)


@CREATE
def test_case_30_tags_that_may_not_be_made(desk: Desk, ann: Somebody, no_new_tags: None) -> None:
    ticket = opened(desk, key=ann.key, tags="never heard of")["id"]
    assert tags(desk, ticket) == []


@CREATE
def test_case_31_mentions_of_a_new_ticket(desk: Desk, ann: Somebody, jane: Somebody) -> None:
    three = [ann.id, *(agent(desk, login).id for login in ("bob", "cat"))]
    ticket = opened(desk, key=ann.key, mentions=three)["id"]
    assert sorted(mentioned(desk, ticket)) == three
    status, text = refused(desk, key=ann.key, mentions=[*three, jane.id])
    assert status == 422
    assert str(jane.id) in text


@MERGE
def test_case_64_a_merge(desk: Desk, ann: Somebody, jane: Somebody, xaver: Somebody) -> None:
    one = opened(desk, key=ann.key, article=ARTICLE)
    other = opened(desk, key=ann.key, article=ARTICLE)
    answer = ask(desk, "PUT", f"ticket_merge/{one['id']}/{other['id']}", key=ann.key)
    assert (answer.status, answer.json["result"]) == (200, "failed")
    path = f"ticket_merge/{one['id']}/{other['number']}"
    for key in (xaver.key, jane.key):
        assert denied(desk, "PUT", path, key=key)[0] == 403
    answer = ask(desk, "PUT", path, key=ann.key)
    assert (answer.status, answer.json["result"]) == (200, "success")
    assert answer.json["target_ticket"]["id"] == other["id"]
    assert found(desk, f"tickets/{one['id']}?expand=true")["state"] == "merged"
    desk.cloud.drain()
    moved = {article["id"] for article in articles(desk, other["id"])}
    assert moved == {*one["article_ids"], *other["article_ids"]}


@pytest.mark.contract("POST /api/v1/tags/add")
def test_case_74_a_tag_comes_and_goes(desk: Desk, ann: Somebody) -> None:
    ticket = opened(desk, key=ann.key)["id"]
    for item in ("some tag", "Some TAG"):
        body = {"item": item, "object": "Ticket", "o_id": ticket}
        assert made(desk, "tags/add", body, key=ann.key) is True
        assert tags(desk, ticket) == ["some tag"]
    answer = ask(desk, "DELETE", "tags/remove", body, key=ann.key)
    assert (answer.status, answer.json) == (200, True)
    assert tags(desk, ticket) == []


@pytest.mark.contract("POST /api/v1/links/add")
@pytest.mark.parametrize("by", ["number", "value"])
def test_case_75_a_link_comes_and_goes(desk: Desk, ann: Somebody, by: str) -> None:
    one, other = (opened(desk, key=ann.key) for _ in range(2))
    link = {
        "link_type": "parent",
        "link_object_target": "Ticket",
        "link_object_target_value": other["id"],
        "link_object_source": "Ticket",
    }
    by_number = {"link_object_source_number": int(one["number"])}
    made(desk, "links/add", link | by_number, key=ann.key)
    assert links(desk, other["id"]) == [("parent", one["id"])]
    assert links(desk, one["id"]) == [("child", other["id"])]
    named = by_number if by == "number" else {"link_object_source_value": one["id"]}
    answer = ask(desk, "DELETE", "links/remove", link | named, key=ann.key)
    assert (answer.status, answer.json) == (201, {})
    assert links(desk, other["id"]) == links(desk, one["id"]) == []
