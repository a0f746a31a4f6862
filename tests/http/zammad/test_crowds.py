"""Concurrent requests to Zammad's and osTicket's APIs: no faults, nothing lost or duplicated."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from helpdesk.storage.attributes import unpack
from local.cloud import LocalCloud
from tests.http.crowds import Asked, crowd
from tests.http.desk import Desk
from tests.recount import assert_counted

pytestmark = pytest.mark.exhaustive

BASE = "/api/v1"

REFUSALS = {403, 404, 409, 422}
"""What others at the same moment may cause."""


def asked(method: str, path: str, body: object = None, once: str = "") -> Asked:
    headers = {"Idempotency-Key": once} if once else {}
    return {"method": method, "path": f"{BASE}/{path}", "body": body, "headers": headers}


def ask(desk: Desk, method: str, path: str, body: object = None) -> Any:
    answer = desk.call(method, f"{BASE}/{path}", body)
    assert answer.status in {200, 201}, answer.text
    return answer.json


def opened(desk: Desk, count: int, title: str) -> list[Any]:
    return [
        ask(
            desk,
            "POST",
            "tickets",
            {
                "title": f"{title} {place}",
                "group": "Users",
                "customer_id": f"guess:{title}{place}@crowd.example",
                "article": {"body": f"First of {place}."},
            },
        )
        for place in range(count)
    ]


def stored(desk: Desk) -> list[dict[str, Any]]:
    return [unpack(item) for item in desk.stored().values() if "pk" in item]


def check_sound(items: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Every entry lies with the one ticket that names it, and its pointer leads there; links have
    two sides; nothing stands in a circle. Gives the tickets by id.
    """
    known = list(items)
    tickets = {item["id"]: item for item in known if item["pk"][:2] == "T#" and item["sk"] == "A"}
    rows = [item for item in known if item["pk"][:2] == "T#"]
    lie = [(int(item["pk"][2:]), item["id"]) for item in rows if item["sk"][:2] == "E#"]
    named = [(number, one) for number, item in tickets.items() for one in item["entries"]]
    assert sorted(lie) == sorted(named)
    assert len({entry for _, entry in lie}) == len(lie)
    pointers = {(item["ticket"], int(item["pk"][2:])) for item in known if item["pk"][:2] == "E#"}
    assert pointers == set(lie)
    for name in ("parent", "merged_into"):
        for number in tickets:
            seen: list[int] = []
            above: int | None = number
            while above is not None and above in tickets:
                assert above not in seen, (name, seen)
                seen.append(above)
                above = tickets[above].get(name)
    inverse = {"parent": "child", "child": "parent", "normal": "normal"}
    links = {
        (int(item["pk"][2:]), item["sk"].split("#")[1], int(item["sk"].split("#")[2]))
        for item in rows
        if item["sk"][:2] == "L#"
    }
    assert {(other, inverse[kind], one) for one, kind, other in links} == links
    children = {(int(i["pk"][2:]), int(i["sk"][2:])) for i in rows if i["sk"][:2] == "C#"}
    parents = {(item["parent"], n) for n, item in tickets.items() if item.get("parent") in tickets}
    assert children == parents
    return tickets


# --- two hundred changes --------------------------------------------------------------------


def changes(tickets: list[Any], count: int) -> list[Asked]:
    """Changes of all kinds, by chance: at Zammad's endpoints, and at osTicket's."""
    chance = random.Random(11)
    requests: list[Asked] = []
    for place in range(count):
        one, other = chance.sample(tickets, 2)
        ticket = f"tickets/{one['id']}"
        named = {"object": "Ticket", "o_id": one["id"], "item": chance.choice("abc")}
        link = {
            "link_type": chance.choice(["normal", "parent", "child"]),
            "link_object_source": "Ticket",
            "link_object_source_value": one["id"],
            "link_object_target": "Ticket",
            "link_object_target_value": other["id"],
        }
        article = {"body": f"article {place}."}
        update = f"/api/tickets-update.php/{one['number']}.json"
        kinds = [
            asked("POST", "ticket_articles", {"ticket_id": one["id"], **article}),
            asked("PUT", ticket, {"state": chance.choice(["open", "closed"]), "article": article}),
            asked("PUT", ticket, {"title": f"title {place}", "priority": "3 high"}),
            asked("POST", "tags/add", named),
            asked("DELETE", "tags/remove", named),
            asked("POST", "links/add", link),
            asked("DELETE", "links/remove", link),
            asked("POST", f"{ticket}/time_accountings", {"time_unit": 1}),
            asked("POST", "mentions", {"mentionable_type": "Ticket", "mentionable_id": one["id"]}),
            asked(
                "PUT",
                f"ticket_articles/{one['article_ids'][0]}",
                {"internal": chance.choice([True, False])},
            ),
            {
                "method": "PATCH",
                "path": update,
                "body": {"statusId": "Resolved", "note": article["body"], "noteFormat": "text"},
            },
            {"method": "PATCH", "path": update, "body": {"parentTicketNumber": other["number"]}},
        ]
        requests.append(kinds[place % len(kinds)])
    return requests


def test_two_hundred_changes_of_ten_tickets(cloud: LocalCloud, desk: Desk) -> None:
    tickets = opened(desk, 10, "Ten")
    requests = changes(tickets, 200)
    answers = crowd(cloud, requests)
    wrong = [
        (request, answer)
        for request, answer in zip(requests, answers, strict=True)
        if answer[0] not in {200, 201} | REFUSALS
    ]
    assert not wrong
    items = stored(desk)
    known = check_sound(items)
    wanted = Counter(
        str(said)
        for request, (status, _) in zip(requests, answers, strict=True)
        if status in {200, 201} and (said := _said(request))
    )
    there = Counter(
        item["text"] for item in items if item["sk"][:2] == "E#" and "article" in item["text"]
    )
    assert there == wanted
    assert sum(wanted.values()) > 40
    for ticket in tickets:
        own = [i for i in items if i["pk"] == f"T#{ticket['id']:010d}"]
        booked = sum(float(item["unit"]) for item in own if item["sk"][:2] == "W#")
        assert booked == float(known[ticket["id"]].get("time_units") or 0)
        assert len([item for item in own if item["sk"][:2] == "U#"]) <= 1
    tags = (item for item in items if item["pk"].startswith("TAG#") and item["sk"].isdecimal())
    posted = {(item["pk"][4:], int(item["sk"])) for item in tags}
    tagged = {(tag, n) for n, item in known.items() for tag in item.get("tags", ())}
    assert posted == tagged
    assert_counted(desk.stored().values())


def _said(request: Asked) -> object:
    body: Any = request["body"] or {}
    return body.get("note") or body.get("article", body).get("body")


# --- merges ---------------------------------------------------------------------------------


def merge(source: Any, target: Any) -> Asked:
    return asked("PUT", f"ticket_merge/{source['id']}/{target['number']}")


def test_merges_against_replies_deletions_and_each_other(cloud: LocalCloud, desk: Desk) -> None:
    rounds = 6
    requests: list[Asked] = []
    tickets = opened(desk, rounds * 4, "Merge")
    for start in range(0, len(tickets), 4):
        one, two, three, four = tickets[start : start + 4]
        requests += [merge(one, two), merge(two, one), merge(two, three), merge(three, four)]
        requests.append(merge(four, one))
        for ticket in (one, two, three, four):
            number, body = ticket["id"], f"reply {ticket['id']}."
            requests.append(asked("POST", "ticket_articles", {"ticket_id": number, "body": body}))
            update = f"/api/tickets-update.php/{ticket['number']}.json"
            note = {"note": f"note {number}.", "noteFormat": "text"}
            requests.append({"method": "PATCH", "path": update, "body": note})
        link = {"link_type": "normal", "link_object_source_value": one["id"]}
        requests.append(asked("POST", "links/add", {**link, "link_object_target_value": two["id"]}))
        requests.append(asked("POST", "mentions", {**MENTION, "mentionable_id": one["id"]}))
        if start % 8:
            requests.append(asked("DELETE", f"tickets/{two['id']}"))
    random.Random(5).shuffle(requests)
    answers = crowd(cloud, requests)
    wrong = [
        (request, answer)
        for request, answer in zip(requests, answers, strict=True)
        if answer[0] not in {200, 201} | REFUSALS
    ]
    assert not wrong
    items = stored(desk)
    known = check_sound(items)
    done = list(zip(requests, answers, strict=True))
    merged = [one for one, (_, text) in done if '"success"' in text and "merge" in one["path"]]
    assert len(merged) >= rounds
    # What was said is there once, unless the ticket that had it was deleted.
    gone = {
        int(r["path"].split("/")[-1]) for r, (s, _) in done if r["method"] == "DELETE" and s == 200
    }
    there = Counter(item["text"] for item in items if item["sk"][:2] == "E#")
    said = Counter(str(text) for one, (s, _) in done if s < 300 and (text := _said(one)))
    for text in said:
        group = (int(text.strip(".").split()[1]) - tickets[0]["id"]) // 4
        lost = any((number - tickets[0]["id"]) // 4 == group for number in gone)
        assert there[text] == 1 or (lost and not there[text]), text
    left = [n for n, item in known.items() if item.get("merged_into") in known]
    for number in left:
        texts = [i["text"] for i in items if i["pk"] == f"T#{number:010d}" and i["sk"][:2] == "E#"]
        # Replies by API stay with the ticket that they name.
        assert "merged" in texts
    assert_counted(desk.stored().values())


MENTION = {"mentionable_type": "Ticket"}


# --- one Idempotency-Key --------------------------------------------------------------------

NEW = {"title": "Once", "group": "Users", "customer_id": "guess:once@crowd.example"}
ONCE: dict[str, tuple[str, object, str]] = {
    "ticket": ("tickets", {**NEW, "article": {"body": "Once."}, "tags": "once"}, "T#|A"),
    "article": ("ticket_articles", {"ticket_id": "<id>", "body": "Once more."}, "T#|E#"),
    "user": ("users", {"email": "one@crowd.example", "login": "the-one"}, "U#|"),
    "organization": ("organizations", {"name": "One", "member_ids": ["<person>"]}, "O#|"),
    "group": ("groups", {"name": "One"}, "CAT|departments"),
    "tag": ("tag_list", {"name": "one"}, "TAGS|"),
    "link": (
        "links/add",
        {
            "link_type": "normal",
            "link_object_source_value": "<id>",
            "link_object_target_value": "<other>",
        },
        "T#|L#",
    ),
    "mention": ("mentions", {**MENTION, "mentionable_id": "<id>"}, "T#|U#"),
    "time": ("tickets/<id>/time_accountings", {"time_unit": 1}, "T#|W#"),
    "tags": ("tags/add", {"object": "Ticket", "o_id": "<id>", "item": "once"}, ""),
}


@pytest.mark.parametrize("name", ONCE)
def test_one_idempotency_key_twelve_times_at_once(cloud: LocalCloud, desk: Desk, name: str) -> None:
    one, other = opened(desk, 2, f"Once{name}")
    path, body, kind = ONCE[name]
    filled = json.dumps([path, body])
    for mark, value in (("id", one["id"]), ("other", other["id"]), ("person", one["customer_id"])):
        filled = filled.replace(f'"<{mark}>"', str(value)).replace(f"<{mark}>", str(value))
    path, body = json.loads(filled)
    before = _count(desk, kind)
    answers = crowd(cloud, [asked("POST", path, body, once=f"the-same-{name}")] * 12)
    assert len(set(answers)) == 1, set(answers)
    assert answers[0][0] in {200, 201}
    sides = 2 if name == "link" else 1
    assert not kind or _count(desk, kind) - before == sides
    assert_counted(desk.stored().values())
    changed = {**body, "unknown": 1}
    again = desk.call(
        "POST", f"{BASE}/{path}", changed, headers={"Idempotency-Key": f"the-same-{name}"}
    )
    assert again.status == 409


def _count(desk: Desk, kind: str) -> int:
    pk, _, sk = kind.partition("|")
    rows = [item for item in stored(desk) if item["pk"].startswith(pk)]
    if sk == "A":
        return sum(item["sk"] == "A" for item in rows)
    return sum(item["sk"].startswith(sk) for item in rows if "mark" not in item)


def test_an_idempotency_key_is_for_one_query_and_one_name(desk: Desk) -> None:
    one, other = opened(desk, 2, "Query")
    headers = {"Idempotency-Key": "query"}
    path = f"{BASE}/tags/add?object=Ticket&item=x&o_id="
    first = desk.call("POST", f"{path}{one['id']}", headers=headers)
    assert (first.status, first.text) == (201, "true")
    assert desk.call("POST", f"{path}{one['id']}", headers=headers).text == "true"
    assert desk.call("POST", f"{path}{one['id']}&_=1", headers=headers).text == "true"
    assert desk.call("POST", f"{path}{other['id']}", headers=headers).status == 409
    assert ask(desk, "GET", f"tags?object=Ticket&o_id={other['id']}") == {"tags": []}
    article = {"ticket_id": one["id"], "body": "In whose name?"}
    for name, status in ((one["customer_id"], 201), (other["customer_id"], 409)):
        answer = desk.call(
            "POST",
            f"{BASE}/ticket_articles",
            article,
            headers={"Idempotency-Key": "name", "From": str(name)},
        )
        assert answer.status == status, answer.text
