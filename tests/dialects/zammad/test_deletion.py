"""What a deleted ticket leaves behind of all that Zammad's endpoints put there: nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpdesk.storage import sequences
from helpdesk.storage.attributes import unpack
from tests import world
from tests.dialects.zammad.conftest import Desk
from tests.recount import assert_counted

BASE = "/api/v1"
FIRST = 81_000_000
WORD = "quokka"
PICTURE = '<img src="data:image/png;base64,eA==">'
FILES = [{"filename": f"{WORD}.txt", "data": "eA==", "mime-type": "text/plain"}]

HISTORY = {"linked", "unlinked", "merged", "deleted"}
"""Events that may name the ticket: of others, and that there was one."""


def ask(desk: Desk, method: str, path: str, body: object = None) -> Any:
    answer = desk.call(method, f"{BASE}/{path}", body)
    assert answer.status in {200, 201}, answer.text
    return answer.json


def settle(desk: Desk) -> None:
    for _ in range(5):
        desk.settle_all()


@pytest.fixture
def friend(desk: Desk) -> int:
    """A ticket that stays."""
    kinds = ("ticket", "entry", "file", "mention", "accounting", "link")
    for place, name in enumerate(kinds):
        sequences.reserve_id(name, FIRST + place * 100_000)
    return int(desk.open(title="Friend")["id"])


def full(desk: Desk, friend: int) -> Any:
    """A ticket with one of everything, some of it changed and removed again."""
    article = {
        "subject": WORD,
        "body": f"<p>{WORD} {world.LONG_TEXT}</p>{PICTURE}",
        "content_type": "text/html",
        "attachments": FILES,
        "to": f"{WORD}@example.org",
        "type": "email",
        "time_unit": 2,
    }
    links = {"Ticket": {kind: [friend] for kind in ("normal", "parent", "child")}}
    made = desk.open(
        title=WORD, article=article, tags=f"{WORD}, x", links=links, mentions=[2], note=WORD
    )
    ticket = made["id"]
    ids = [
        ask(desk, "POST", "ticket_articles", {**article, "ticket_id": ticket, **more})["id"]
        for more in ({"internal": True}, {}, {"type": "note"}, {"type": "note"})
    ]
    ask(desk, "PUT", f"ticket_articles/{ids[0]}", {"internal": False})
    ask(desk, "PUT", f"ticket_articles/{ids[1]}", {"internal": True})
    ask(desk, "DELETE", f"ticket_articles/{ids[2]}")
    booked = f"tickets/{ticket}/time_accountings"
    ask(desk, "POST", booked, {"time_unit": 1, "ticket_article_id": ids[3]})
    pending = {"state": "pending reminder", "pending_time": "2031-01-01T00:00:00Z"}
    ask(
        desk,
        "PUT",
        f"tickets/{ticket}",
        {"title": f"{WORD} again", "preferences": {"a": 1}, **pending},
    )
    return made


def rest(*tickets: int) -> list[str]:
    """All that still names one of these tickets, or holds its word."""
    ids = {str(ticket) for ticket in tickets}
    found = []
    for item in map(unpack, world.items()):
        text = json.dumps(item, default=str)
        named = any(one in text for one in ids) or WORD in text.lower()
        if item["pk"] == "TAGS" or item["sk"] == "TAG":
            continue  # the list of tags keeps the tag
        if named and item.get("kind") not in HISTORY and item["pk"] != "SEQ":
            found.append(f"{item['pk']} {item['sk']}")
    return found


@pytest.mark.parametrize("settled", [True, False])
def test_nothing_is_left_of_a_ticket(desk: Desk, friend: int, *, settled: bool) -> None:
    ticket = full(desk, friend)["id"]
    if settled:
        settle(desk)
        assert len(rest(ticket)) > 50
        assert world.objects()
    assert desk.call("DELETE", f"{BASE}/tickets/{ticket}").status == 200
    settle(desk)
    assert rest(ticket) == []
    assert world.objects() == []
    assert_counted()
    links = desk.get(f"{BASE}/links", link_object="Ticket", link_object_value=friend)
    assert links["links"] == []
    (tag,) = (row for row in desk.get(f"{BASE}/tag_list") if row["name"] == WORD)
    assert tag["count"] == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize("order", ["source first", "target first", "target alone"])
def test_nothing_is_left_of_merged_tickets(
    desk: Desk, friend: int, order: str, *, settled: bool
) -> None:
    source, target = full(desk, friend), full(desk, friend)
    if settled:
        settle(desk)
    merged = ask(desk, "PUT", f"ticket_merge/{source['id']}/{target['number']}")
    assert merged["result"] == "success"
    if settled:
        settle(desk)
    ids = [source["id"], target["id"]]
    if order == "target alone":
        # The merged ticket stays, with its title and what is written on itself alone.
        assert desk.call("DELETE", f"{BASE}/tickets/{ids[1]}").status == 200
        settle(desk)
        assert not [one for one in rest(ids[1]) if f"{ids[1]:010d}" in one]
        assert_counted()
        ids = ids[:1]
    for number in ids if order == "source first" else reversed(ids):
        assert desk.call("DELETE", f"{BASE}/tickets/{number}").status == 200
    settle(desk)
    assert rest(source["id"], target["id"]) == []
    assert world.objects() == []
    assert_counted()
