"""Many concurrent requests, from two processes, through the authorizer."""

import base64
import random
from collections import Counter
from typing import Any

import pytest

from helpdesk.model.actor import SYSTEM
from helpdesk.storage import objects, table
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import find, links
from local.cloud import LocalCloud
from tests.http.crowds import Asked, crowd
from tests.http.desk import Desk
from tests.recount import assert_counted

pytestmark = pytest.mark.exhaustive


def creates(count: int, once: str = "") -> list[Asked]:
    """So many creates of one new address, each with a file, of which only that address gets mail;
    all the same one with a key.
    """
    data = base64.b64encode(b"contents of one file").decode()
    return [
        {
            "method": "POST",
            "path": "/api/tickets.json",
            "headers": {"Idempotency-Key": once} if once else {},
            "body": {
                "name": "Crowd",
                "email": "Crowd@Example.org",
                "subject": "All at once" if once else f"All at once {number}",
                "message": "Everybody writes.",
                "alert": False,
                "attachments": [{"a.txt": f"data:text/plain;base64,{data}"}],
            },
        }
        for number in range(count)
    ]


def stored_files() -> set[str]:
    return set(objects.listing(objects.PREFIX))


def total(buckets: str) -> int:
    return sum(item["n"] for item in table.query(buckets, where="index"))


def mails_to(cloud: LocalCloud, address: str) -> list[Any]:
    return [mail for mail in cloud.mailbox.mails() if mail.to.lower() == address]


def test_a_hundred_creates_of_one_new_address(cloud: LocalCloud) -> None:
    before = total("CELL")
    answers = crowd(cloud, creates(100))
    assert [status for status, _ in answers] == [201] * 100
    numbers = {number for _, number in answers}
    assert len(numbers) == 100
    threads = [find.find_thread(SYSTEM, number) for number in numbers]
    assert {thread.ticket.person_email.lower() for thread in threads} == {"crowd@example.org"}
    assert len({thread.ticket.person for thread in threads}) == 1
    assert all(len(thread.entries[0].attachments) == 1 for thread in threads)
    assert total("CELL") - before == 100
    assert len(mails_to(cloud, "crowd@example.org")) == 100


def test_one_idempotency_key_fifty_times(cloud: LocalCloud) -> None:
    mails, files = len(cloud.mailbox.mails()), stored_files()
    before = total("CELL")
    answers = crowd(cloud, creates(50, once="the-same"))
    assert len(set(answers)) == 1
    (status, number), *_ = answers
    assert status == 201
    assert find.find_thread(SYSTEM, number).ticket.subject == "All at once"
    assert total("CELL") - before == 1
    sent = cloud.mailbox.mails()[mails:]
    assert len([mail for mail in sent if "example.org" in mail.to.lower()]) == 1
    assert len(stored_files() - files) == 1


def changes(numbers: list[str], agents: list[int], count: int) -> list[Asked]:
    """Updates, notes and links and their undoing, of these tickets, by chance."""
    chance = random.Random(7)
    fields: dict[str, list[Any]] = {
        "statusId": ["Open", "Resolved", "Closed", "Archived"],
        "departmentId": [1, 2, 3],
        "topicId": [1, 2],
        "staffId": agents,
        "priority": [1, 2, 3, 4],
        "dueDate": ["2031-01-31", "2001-01-01", None],
    }
    asked: list[Asked] = []
    for place in range(count):
        number, other = chance.sample(numbers, 2)
        update = {"method": "PATCH", "path": f"/api/tickets-update.php/{number}.json"}
        kind = place % 5
        if kind == 0:
            asked.append(update | {"body": {"note": f"note {place}.", "noteFormat": "text"}})
        elif kind == 1:
            chosen = chance.sample(sorted(fields), 3)
            values = {name: chance.choice(fields[name]) for name in chosen}
            note = {"note": f"both {place}.", "noteFormat": "text"}
            asked.append(update | {"body": values | note})
        elif kind == 2:
            asked.append(update | {"body": {"parentTicketNumber": other}})
        elif kind == 3:
            path = f"/api/tickets-subtickets-create.php/{number}.json"
            asked.append({"method": "POST", "path": path, "body": {"childId": other}})
        else:
            path = f"/api/tickets-subtickets-unlink.php/{number}.json"
            asked.append({"method": "DELETE", "path": path})
    return asked


def test_two_hundred_changes_of_ten_tickets(cloud: LocalCloud, desk: Desk) -> None:
    numbers = [desk.open(subject=f"Ten {place}") for place in range(10)]
    agents = [
        desk.make_row("agents", name=name, username=name, email=f"{name}@desk.example")
        for name in ("ann", "bob")
    ]
    asked = changes(numbers, agents, 200)
    answers = crowd(cloud, asked)
    assert {status for status, _ in answers} <= {200, 404, 409, 422}
    threads = {number: find.find_thread(SYSTEM, number) for number in numbers}

    # Each note that was answered is there, once, and no other.
    wanted = Counter(
        (request["path"], request["body"]["note"])
        for request, (status, _) in zip(asked, answers, strict=True)
        if status == 200 and "note" in (request.get("body") or {})
    )
    there = Counter(
        (f"/api/tickets-update.php/{number}.json", entry.body.text)
        for number, thread in threads.items()
        for entry in thread.entries
        if entry.kind == "note"
    )
    assert there == wanted
    notes = [status for place, (status, _) in enumerate(answers) if place % 5 == 0]
    assert notes == [200] * 40

    # No ticket is its own ancestor; both sides of a link agree.
    parents = {thread.ticket.id: thread.ticket.parent for thread in threads.values()}
    for ticket in parents:
        seen: list[int] = []
        above: int | None = ticket
        while above is not None:
            assert above not in seen
            seen.append(above)
            above = parents[above]
        below = [child.id for child in links.find_children(SYSTEM, ticket)]
        assert below == sorted(child for child, parent in parents.items() if parent == ticket)
    rows = [item for ticket in parents for item in table.query(ticket_key(ticket).pk, begins="C#")]
    assert len(rows) == sum(parent is not None for parent in parents.values())
    assert_counted(desk.stored().values())
