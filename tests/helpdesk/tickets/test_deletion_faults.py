"""Every AWS call of a deletion fails, in every way, and whole deliveries are repeated; after a
retry, the ticket is gone as if nothing had happened.
"""

import json
from itertools import count
from typing import Any

import pytest

from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import unpack
from helpdesk.storage.keys import child_key, number_key, padded
from helpdesk.tickets import threads
from local.snapshot import Snapshot
from tests.desk import Desk
from tests.faults import EVERY_UNCLEAR_WAY, EVERY_WAY, Fault, How
from tests.helpdesk.mail.inbound.conftest import Post, mail
from tests.helpdesk.tickets.doomed import LONG, another, contents, fill, settle
from tests.recount import assert_counted
from tests.world import REGION, function, items, objects, waiting

pytestmark = pytest.mark.exhaustive


def prepared(desk: Desk, number: int) -> tuple[str, int]:
    """A ticket by mail, with a long note that has a file, under a parent and above a child, of
    which one event still waits to be counted; and its child's id.
    """
    post = Post(desk, count(number))
    parent = another("Parent", email="ann@example.org")
    post.bring(mail(f"Jane <jane{number}@example.org>", "Toner", message_id=f"<{number}@x>"))
    doomed = max(post.tickets(), key=lambda item: int(item["id"]))
    child = another("Child", email="ann@example.org", parent=doomed["id"])
    file = NewFile("a.txt", "text/plain", b"burns")
    note = NewEntry(Body(LONG), poster="Bob", alert=False, files=(file,))
    threads.add_note(SYSTEM, doomed["id"], note)
    transact.write(transact.delete(child_key(parent, child)))
    settle(desk)
    threads.add_message(SYSTEM, doomed["id"], NewEntry(Body("Ink"), poster="Ann", alert=False))
    return doomed["number"], child


def delete(number: str) -> int:
    event = {
        "httpMethod": "DELETE",
        "resource": "/",
        "path": "/",
        "headers": {},
        "pathParameters": {"ref": f"{number}.json"},
        "requestContext": {
            "identity": {"sourceIp": "192.0.2.1"},
            "authorizer": {"key_id": "1", "permissions": "can_delete_tickets"},
        },
    }
    answer: dict[str, Any] = function("osticket/delete_ticket").handler(event, None)
    return int(answer["statusCode"])


def gone(ticket: int, fault: Fault) -> None:
    """Nothing is left of the ticket but its one event and marks of mails."""
    rest = [item for item in map(unpack, items()) if item.get("ticket") == ticket]
    kinds = sorted(item.get("kind", item["pk"].partition("#")[0]) for item in rest)
    assert set(kinds) == {"M", "deleted"}, fault
    assert kinds.count("deleted") == 1, fault
    assert f"#{padded(ticket)}#" not in json.dumps(items("index")), fault
    assert [item["kind"] for item in table.query(f"T#{padded(ticket)}")] == ["deleted"], fault


@EVERY_WAY
def test_a_delete_that_failed_and_came_again(desk: Desk, how: How) -> None:
    for nth in count(1):
        number, _ = prepared(desk, nth)
        with desk.injector.fault(how, nth) as fault:
            first = delete(number)
        again = delete(number)
        assert (first, again) in {(200, 404), (429, 200), (503, 200)}, fault
        settle(desk)
        assert_counted()
        if fault.hit is None:
            break
    assert first == 200
    assert nth == 4
    events = [item for item in map(unpack, items("desk")) if item.get("kind") == "deleted"]
    assert len(events) == nth


@EVERY_UNCLEAR_WAY
def test_what_broke_off_is_taken_up_by_the_next_delivery(desk: Desk, how: How) -> None:
    number, child = prepared(desk, 1)
    found = table.get(number_key(number))
    assert found
    assert delete(number) == 200
    keys, put, before = waiting(), contents(), Snapshot(REGION)
    for nth in count(1):
        with desk.injector.fault(how, nth) as fault:
            missed = desk.deliver("project", *keys)
        assert not missed or fault.hit
        assert desk.deliver("project", *keys) == [], fault
        gone(found["ticket"], fault)
        assert_counted()
        told = [item["kind"] for item in table.query(f"T#{padded(child)}", begins="V#")]
        assert told.count("unlinked") == 1, fault
        assert objects() == [], fault
        if fault.hit is None:
            break
        before.restore()
        fill(put)
    assert nth > 20
