"""Every AWS call of a create with a file and a new person fails, in every way; then it comes again.

Never half a ticket, never two for one Idempotency-Key, never an object that neither a ticket nor
the daily sweep knows.
"""

import base64
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from helpdesk.files import sweep
from helpdesk.model.actor import SYSTEM
from helpdesk.tickets import find
from tests.desk import Desk, new_desk
from tests.faults import EVERY_UNCLEAR_WAY, EVERY_WAY, How
from tests.world import LONG_TEXT, aside, function, items, later

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def osticket(name: str, **event: Any) -> dict[str, Any]:
    """One call of an endpoint, behind the gate."""
    grants = {"key_id": "1", "permissions": "can_create_tickets,can_read_tickets"}
    called = {
        "httpMethod": "POST",
        "resource": "/",
        "path": f"/{name}",
        "headers": {},
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "authorizer": grants},
    } | event
    answer: dict[str, Any] = function(f"osticket/{name}").handler(called, None)
    return answer


def create(number: int, *, once: str = "") -> dict[str, Any]:
    """A create as the gateway hands it over; each number is a new person."""
    body = {
        "name": "Ann",
        "email": f"ann{number}@example.org",
        "subject": f"Printer {number}",
        "message": LONG_TEXT,
        "attachments": [{"a.zip": "data:application/zip;base64," + encoded(number)}],
    }
    headers = {"Idempotency-Key": once} if once else {}
    return osticket("create_ticket_json", body=json.dumps(body), headers=headers)


def encoded(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def whole(number: str) -> None:
    """A ticket that can be read is all there: body, file, person, event."""
    thread = find.find_thread(SYSTEM, number)
    (entry,) = thread.entries
    assert entry.body.text == LONG_TEXT
    (file,) = entry.attachments
    stored = aside("s3").get_object(Bucket="desk-files", Key=file.object)
    assert stored["Body"].read().decode() == thread.ticket.subject.removeprefix("Printer ")


def partitions() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items("desk"):
        found.setdefault(item["pk"]["S"].partition("#")[0], []).append(item)
    return found


def objects() -> list[str]:
    listed = aside("s3").list_objects_v2(Bucket="desk-files").get("Contents", [])
    return sorted(found["Key"] for found in listed)


@EVERY_WAY
def test_a_create_that_failed_and_came_again_is_one_ticket(desk: Desk, how: How) -> None:
    for number in count(1):
        with desk.injector.fault(how, number) as fault:
            first = create(number, once=f"k-{number}")
        again = create(number, once=f"k-{number}")
        assert again["statusCode"] == 201, (fault, again)
        assert first["statusCode"] in {201, 429, 503}, (fault, first)
        if first["statusCode"] == 201:
            assert first == again, fault
        whole(again["body"])
        if fault.hit is None:
            break
    assert number > 4
    found = partitions()
    # Of all that has a person's id, one is the desk's first agent.
    found["U"] = [item for item in found["U"] if "email" in item]
    for kind in ("N", "U", "UE", "I", "F", "O-F"):
        assert len(found[kind]) == number, kind
    assert len([item for item in found["T"] if item["sk"]["S"] == "A"]) == number
    assert len([item for item in found["T"] if item["sk"]["S"][:2] == "V#"]) == number


@EVERY_WAY
def test_what_a_fault_leaves_in_the_bucket_is_named_or_swept(desk: Desk, how: How) -> None:
    for number in count(1):
        with desk.injector.fault(how, number) as fault:
            create(number)
        if fault.hit is None:
            break
    later(days=2)
    sweep.sweep_files()
    named = [item["object"]["S"] for item in partitions()["F"]]
    kept = [key for key in objects() if "body-" not in key]
    assert sorted(named) == kept
    bodies = [key for key in objects() if "body-" in key]
    assert len(bodies) == len(kept)


@EVERY_UNCLEAR_WAY
def test_a_read_that_failed_says_so_and_changes_nothing(desk: Desk, how: How) -> None:
    number = create(1)["body"]
    before = partitions()
    for nth in count(1):
        with desk.injector.fault(how, nth) as fault:
            answer = osticket(
                "get_ticket", httpMethod="GET", pathParameters={"ref": f"{number}.json"}
            )
        if fault.hit is None:
            assert answer["statusCode"] == 200
            break
        assert answer["statusCode"] == 503, fault
    assert nth > 2
    assert partitions() == before
