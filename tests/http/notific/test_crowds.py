"""Concurrent requests to Notific's API: no faults, no partial writes, exactly the right mails."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from helpdesk.broadcasts import unsubscribing
from helpdesk.storage import table
from helpdesk.storage.attributes import unpack
from helpdesk.storage.keys import MAIL_SECRET
from local.cloud import LocalCloud
from tests.http.crowds import Asked, crowd
from tests.http.desk import Desk
from tests.recount import assert_counted

pytestmark = pytest.mark.exhaustive

AT_ONCE = 12

REFUSALS = {400, 404, 409, 503}
"""What others at the same moment may cause."""


def asked(method: str, path: str, body: object = None, once: str = "") -> Asked:
    headers = {"Idempotency-Key": once} if once else {}
    return {"method": method, "path": path, "body": body, "headers": headers}


def make(desk: Desk, plural: str, **values: object) -> int:
    answer = desk.call("POST", f"/api/{plural}", values)
    assert answer.status == 201, answer.text
    return int(answer.json["Id"])


def get(desk: Desk, path: str) -> Any:
    answer = desk.call("GET", f"/api/{path}")
    assert answer.status == 200, answer.text
    return answer.json


def subscribers(desk: Desk, word: str, count: int, *services: int) -> list[dict[str, Any]]:
    """New customers, who have chosen these services."""
    made = []
    for n in range(count):
        email = f"c{n}-{word}@crowd.example"
        number = make(desk, "Customers", Name=f"C{n}", Email=email, Services=services)
        made.append(get(desk, f"Customers/{number}"))
    return made


def told(desk: Desk, word: str) -> Counter[str]:
    """How many mails each address with a word in it has got."""
    desk.cloud.drain(retry=True)
    mails = desk.cloud.mailbox.mails()
    return Counter(mail.to for mail in mails if f"-{word}@" in mail.to)


def fine(requests: Sequence[Asked], answers: Sequence[tuple[int, str]]) -> None:
    wrong = [
        (request, answer)
        for request, answer in zip(requests, answers, strict=True)
        if answer[0] not in {200, 201} | REFUSALS
    ]
    assert not wrong


def check_subscriptions(desk: Desk) -> None:
    """What lies under services is what people have chosen, and nothing of it was left again."""
    items = [unpack(item) for item in desk.stored().values() if "pk" in item]
    people = [item for item in items if item["pk"][:2] == "U#" and item["sk"] == "A"]
    chosen = {(n, item["id"]) for item in people for n in item.get("services", ())}
    under = {
        (int(item["pk"][2:]), int(item["sk"][2:]))
        for item in items
        if item["pk"][:2] == "S#" and item["sk"][:2] == "P#"
    }
    assert under == chosen
    for item in people:
        assert not set(item.get("services", ())) & set(item.get("unsubscribed", ()))


def link(number: int, *services: int) -> str:
    secret = (table.get(MAIL_SECRET) or {})["secret"]
    return f"/unsubscribe?token={quote(unsubscribing.sign(number, services, secret))}"


# --- subscribing ----------------------------------------------------------------------------


def test_subscribing_and_unsubscribing_at_once(cloud: LocalCloud, desk: Desk) -> None:
    vpn, mail = (make(desk, "Services", Name=f"sub {n}") for n in range(2))
    # A first mail, so that there is a secret to sign links with.
    first = subscribers(desk, "first", 1, vpn)
    make(desk, "Tickets", Title="T", Description="D", Services=[vpn])
    assert told(desk, "first").total() == 1
    assert desk.call("DELETE", f"/api/Customers/{first[0]['Id']}").status == 200

    people = subscribers(desk, "sub", 6, vpn)
    chance, requests = random.Random(3), list[Asked]()
    for place, one in enumerate(people):
        path = f"/api/Customers/{one['Id']}"
        requests += [asked("PUT", path, {**one, "Services": [vpn, mail]}) for _ in range(4)]
        requests += [asked("PUT", path, {**one, "Services": [mail]}) for _ in range(4)]
        if place % 2:
            requests += [asked("POST", link(one["Id"], vpn)) for _ in range(4)]
    chance.shuffle(requests)
    answers = crowd(cloud, requests)
    fine(requests, answers)
    check_subscriptions(desk)
    left = [n for n, one in enumerate(people) if n % 2]
    clicked = [a for r, a in zip(requests, answers, strict=True) if "unsubscribe" in r["path"]]
    assert {status for status, _ in clicked} == {200}
    now = {n: get(desk, f"Customers/{one['Id']}")["Services"] for n, one in enumerate(people)}
    assert all(vpn not in now[n] for n in left)
    make(desk, "Tickets", Title="T", Description="D", Services=[vpn])
    wanted = {people[n]["Email"] for n, chosen in now.items() if vpn in chosen}
    assert told(desk, "sub") == Counter(dict.fromkeys(wanted, 1))


# --- closing and reopening ------------------------------------------------------------------


def changes(desk: Desk, ticket: int) -> Counter[str]:
    """What subscribers were told of a ticket, and how often."""
    desk.cloud.drain(retry=True)
    answer = desk.call("GET", "/api/admin/broadcasts?limit=100")
    assert answer.status == 200, answer.text
    rows = [one for one in answer.json["items"] if one["ticket"] == ticket]
    assert all((one["left"], bool(one["finished"])) == (0, True) for one in rows)
    return Counter(one["what"] for one in rows)


def test_closing_and_reopening_one_ticket_at_once(cloud: LocalCloud, desk: Desk) -> None:
    vpn = make(desk, "Services", Name="closing")
    people = subscribers(desk, "closing", 3, vpn)
    ticket = make(desk, "Tickets", Title="T", Description="D", Services=[vpn])
    path = f"/api/Tickets/{ticket}"

    def each(**values: object) -> list[Asked]:
        return [asked("PUT", path, {"Id": ticket, **values}) for _ in range(AT_ONCE)]

    def count(wanted: int) -> None:
        assert told(desk, "closing") == Counter({one["Email"]: wanted for one in people})

    # A start is there from the opening on: the first of a crowd erases it, and tells so.
    assert desk.call("PUT", path, {"Id": ticket}).status == 200
    count(2)
    for number, values in enumerate(
        ({"ClosedTime": "2001-01-01T12:00:00Z"}, {"ReopenedTime": "2001-01-01T13:00:00Z"})
    ):
        requests = each(**values)
        answers = crowd(cloud, requests)
        fine(requests, answers)
        assert 200 in {status for status, _ in answers}
        count(3 + number)
    mixed = [
        asked("PUT", path, {"Id": ticket, name: f"2002-01-01T12:00:{second:02}Z"})
        for second in range(AT_ONCE)
        for name in ("ClosedTime", "ReopenedTime")
    ]
    random.Random(7).shuffle(mixed)
    fine(mixed, crowd(cloud, mixed))
    after = changes(desk, ticket)
    count(after.total())
    shown = get(desk, f"Tickets/{ticket}")
    # Each closing but the last has been followed by a reopening.
    closed = shown["Status"] == "Closed"
    assert after["closed"] - after["reopened"] == closed
    assert (after["created"], after["updated"]) == (1, 1)
    assert after.total() > 4
    assert (shown["ClosedTime"] is not None) is closed
    assert_counted(desk.stored().values())


def test_one_description_from_many_at_once(cloud: LocalCloud, desk: Desk) -> None:
    """Whoever says what another has just said adds a message, too: nothing is lost of it."""
    vpn = make(desk, "Services", Name="described")
    (one,) = subscribers(desk, "described", 1, vpn)
    body = {"Title": "T", "Description": "D", "Services": [vpn], "StartTime": None}
    ticket = make(desk, "Tickets", **body)
    start = get(desk, f"Tickets/{ticket}")["StartTime"]
    requests = [
        asked(
            "PUT",
            f"/api/Tickets/{ticket}",
            {"Id": ticket, "StartTime": start, "Description": f"Version {n}."},
        )
        for n in range(AT_ONCE)
    ]
    answers = crowd(cloud, requests)
    fine(requests, answers)
    done = [
        r["body"]["Description"] for r, (s, _) in zip(requests, answers, strict=True) if s < 300
    ]
    shown = get(desk, f"Tickets/{ticket}")
    thread = [entry["body"] for entry in desk.show(shown["Number"])["thread"]]
    assert sorted(thread[1:]) == sorted(done)
    assert shown["Description"] in done
    assert changes(desk, ticket) == Counter(created=1, updated=len(done))
    assert told(desk, "described") == Counter({one["Email"]: 1 + len(done)})


# --- one customer ---------------------------------------------------------------------------


def test_one_customer_replaced_by_many_at_once(cloud: LocalCloud, desk: Desk) -> None:
    services = [make(desk, "Services", Name=f"one {n}") for n in range(4)]
    (one,) = subscribers(desk, "one", 1, services[0])
    versions = [
        {
            **one,
            "Name": f"Name {n}",
            "CellPhone": f"{n}",
            "Services": [services[n % 4], services[(n + 1) % 4]],
        }
        for n in range(AT_ONCE)
    ]
    requests = [asked("PUT", f"/api/Customers/{one['Id']}", version) for version in versions]
    answers = crowd(cloud, requests)
    fine(requests, answers)
    assert any(status == 200 for status, _ in answers)
    last = get(desk, f"Customers/{one['Id']}")
    assert last in versions
    check_subscriptions(desk)
    for service in services:
        make(desk, "Tickets", Title="T", Description="D", Services=[service])
    assert told(desk, "one") == Counter({one["Email"]: 2})


@pytest.mark.parametrize(
    ("plural", "body", "word"),
    [
        ("Customers", {"Name": "A", "Email": "same@crowd.example"}, "customer.Email"),
        ("Operators", {"Name": "A", "Email": "same-o@crowd.example"}, "operator.Email"),
        ("Services", {"Name": "Same"}, "service.Name"),
    ],
)
def test_what_must_be_unique_is_made_once(
    cloud: LocalCloud, desk: Desk, plural: str, body: dict[str, Any], word: str
) -> None:
    requests = [asked("POST", f"/api/{plural}", body)] * AT_ONCE
    answers = crowd(cloud, requests)
    fine(requests, answers)
    assert Counter(status for status, _ in answers)[201] == 1
    assert all(word in text for status, text in answers if status == 400)
    (name, value), *_ = reversed(body.items())
    assert len([one for one in get(desk, plural) if one[name] == value]) == 1


@pytest.mark.parametrize("plural", ["Tickets", "Customers", "Operators", "Services"])
def test_one_idempotency_key_many_times_at_once(cloud: LocalCloud, desk: Desk, plural: str) -> None:
    vpn = make(desk, "Services", Name=f"once {plural}")
    word = f"once{plural.lower()}"
    (one,) = subscribers(desk, word, 1, vpn)
    bodies: dict[str, dict[str, Any]] = {
        "Tickets": {"Title": "Once", "Description": "D", "Services": [vpn]},
        "Customers": {"Name": "Once", "Email": "once@crowd.example", "Services": [vpn]},
        "Operators": {"Name": "Once", "Email": "once-o@crowd.example"},
        "Services": {"Name": "Once"},
    }
    body = bodies[plural]
    before = len(get(desk, plural))
    requests = [asked("POST", f"/api/{plural}", body, once=f"the-same-{plural}")] * AT_ONCE
    answers = crowd(cloud, requests)
    assert len(set(answers)) == 1, set(answers)
    assert answers[0][0] == 201
    assert len(get(desk, plural)) == before + 1
    assert told(desk, word).total() == (1 if plural == "Tickets" else 0), one
    changed = {**body, "Unknown": 1}
    headers = {"Idempotency-Key": f"the-same-{plural}"}
    assert desk.call("POST", f"/api/{plural}", changed, headers=headers).status == 409
