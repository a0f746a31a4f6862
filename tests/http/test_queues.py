"""Queues and dead letters as admins see them: counted, redriven, put aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from unittest.mock import patch

import boto3
import pytest

from helpdesk.errors import Conflict
from helpdesk.model.actor import Actor
from helpdesk.monitoring import moves
from helpdesk.storage import queues, transact
from helpdesk.storage.keys import mail_key
from local.aws.faults import Fault, How
from local.functions import current
from tests.helpdesk.mail.inbound.ways import SUPPORT, raw
from tests.http.desk import Desk, Item

PATH = "/api/admin/queues"


@pytest.fixture(autouse=True)
def no_pause() -> Iterator[None]:
    with patch.object(moves, "PER_SECOND", 1e9):
        yield


def queue(desk: Desk, name: str) -> Item:
    answer = desk.call("GET", PATH)
    assert answer.status == 200, answer.text
    return next(one for one in answer.json["items"] if one["name"] == name)


def dead(desk: Desk, name: str) -> list[Item]:
    answer = desk.call("GET", f"{PATH}/{name}/dead")
    assert (answer.status, answer.json["sampled"]) == (200, True)
    items: list[Item] = answer.json["items"]
    return items


def refusing(calls: int = 10_000) -> Fault:
    """Whoever sends mail cannot read what there is to send."""
    return Fault(How.BEFORE, calls=calls, service="dynamodb", function="BackgroundNotify")


def give_up(desk: Desk, count: int) -> list[str]:
    """The numbers of tickets about which no mail has gone out."""
    with desk.cloud.aws.faults.plan(refusing()):
        numbers = [desk.open(email=f"dead{one}@customer.example") for one in range(count)]
        for _ in range(6):
            desk.cloud.drain(retry=True)
    return numbers


def mails_to(desk: Desk, name: str) -> int:
    return sum(mail.to.startswith(name) for mail in desk.cloud.mailbox.mails())


def test_dead_letters_are_named_and_moved_as_many_as_were_counted(desk: Desk) -> None:
    numbers = give_up(desk, 3)
    found = queue(desk, "notify")
    assert (found["dead"], found["waiting"], found["move"]) == (3, 0, None)
    assert found["oldest_dead"].endswith("Z")
    for key, event in desk.stored().items():
        if event.get("kind") == {"S": "created"}:
            # As SES has said before.
            transact.write(transact.put(mail_key(key[2][2:], "x"), {"error": "RequestExpired"}))
    sample = dead(desk, "notify")
    assert {one["event"]["number"] for one in sample} == set(numbers)
    assert {one["event"]["kind"] for one in sample} == {"created"}
    assert {one["reason"] for one in sample} == {"RequestExpired"}
    assert "customer.example" not in json.dumps(sample)
    once = {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}, headers=once)
        move = {"moved": 0, "of": 1, "state": "running"}
        assert (answer.status, answer.json) == (202, {"move": move})
        desk.cloud.drain()
    found = queue(desk, "notify")
    assert (found["dead"], found["move"]) == (2, {"moved": 1, "of": 1, "state": "done"})
    assert mails_to(desk, "dead") == 1
    # More than there are: it ends where nothing is left.
    assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 12}).status == 202
    desk.cloud.drain()
    found = queue(desk, "notify")
    assert (found["dead"], found["move"]) == (0, {"moved": 2, "of": 12, "state": "done"})
    assert mails_to(desk, "dead") == 3


def test_a_move_is_stopped_and_no_second_one_begins_beside_it(desk: Desk) -> None:
    give_up(desk, 2)
    really_send = queues.send

    def send(url: str, bodies: Sequence[str], again: str = "") -> list[int]:
        # From within the move, since a request would wait for its end; but not under its role.
        token = current.set(None)
        try:
            with pytest.raises(Conflict, match="move_under_way"):
                moves.redrive(Actor(key=1), "notify", 1)
            assert moves.stop("notify").state == "stopped"
        finally:
            current.reset(token)
        return really_send(url, bodies, again)

    with patch.object(queues, "send", send):
        assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 2}).status == 202
        desk.cloud.drain()
    found = queue(desk, "notify")
    assert (found["dead"], found["move"]["state"]) == (1, "stopped")
    assert desk.call("DELETE", f"{PATH}/notify/redrive").status == 404
    assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}).status == 202
    desk.cloud.drain(retry=True)
    assert queue(desk, "notify")["dead"] == 0


def test_what_came_back_is_told_from_what_died_meanwhile(desk: Desk) -> None:
    came_back = give_up(desk, 2)
    assert not any(one["came_back"] for one in dead(desk, "notify"))
    with desk.cloud.aws.faults.plan(refusing()):
        assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 2}).status == 202
        late = desk.open(email="late@customer.example")
        for _ in range(6):
            desk.cloud.drain(retry=True)
    told = {one["event"]["number"]: one["came_back"] for one in dead(desk, "notify")}
    assert told == {**dict.fromkeys(came_back, True), late: False}
    # Of another move it is no news.
    for _ in range(3):
        assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}).status == 202
        desk.cloud.drain(retry=True)
    assert dead(desk, "notify") == []


def test_a_failed_call_that_fails_again_came_back(desk: Desk) -> None:
    fault = Fault(How.BEFORE, calls=10_000, function="BackgroundReceiveMail")
    with desk.cloud.aws.faults.plan(fault):
        desk.cloud.smtp.bring(raw("ann@example.org", 401), "ann@example.org", [SUPPORT])
        desk.cloud.drain(retry=True)
        assert [one["came_back"] for one in dead(desk, "failed-calls")] == [False]
        assert desk.call("POST", f"{PATH}/failed-calls/redrive", {"count": 1}).status == 202
        desk.cloud.drain(retry=True)
        assert [one["came_back"] for one in dead(desk, "failed-calls")] == [True]
    assert desk.call("POST", f"{PATH}/failed-calls/redrive", {"count": 1}).status == 202
    desk.cloud.drain(retry=True)
    assert dead(desk, "failed-calls") == []
    tickets = desk.call("GET", "/api/tickets-search.php.json?email=ann@example.org").json
    assert json.dumps(tickets).count("Printer") >= 1


def test_what_cannot_be_sent_stays_where_it_is(desk: Desk) -> None:
    give_up(desk, 1)
    fault = Fault(
        How.BEFORE, calls=10, function="BackgroundMoveMessages", operation="SendMessageBatch"
    )
    with desk.cloud.aws.faults.plan(fault):
        assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}).status == 202
        desk.cloud.drain()
    found = queue(desk, "notify")
    assert (found["dead"], found["move"]["moved"]) == (1, 0)
    assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}).status == 202
    desk.cloud.drain(retry=True)
    assert queue(desk, "notify")["dead"] == 0


def test_one_is_put_aside_for_good_and_the_reason_is_kept(desk: Desk) -> None:
    give_up(desk, 2)
    first, second = dead(desk, "notify")
    place = f"{PATH}/notify/dead/{first['id']}/put-aside"
    answer = desk.call("POST", place, {"reason": "Told by phone."})
    assert (answer.status, answer.json) == (200, {"id": first["id"], "deleted": True})
    assert [one["id"] for one in dead(desk, "notify")] == [second["id"]]
    assert desk.call("POST", place, {"reason": "Again."}).status == 404
    (event,) = (
        item
        for item in desk.stored().values()
        if item.get("kind") == {"S": "dead_letter_put_aside"}
    )
    assert event["data"]["M"]["reason"] == {"S": "Told by phone."}
    # Nobody queues it again.
    waiting = [item for item in desk.stored().values() if item.get("p10") == {"S": "ASIDE"}]
    assert len(waiting) == 1
    assert desk.call("POST", f"{PATH}/notify/redrive", {"count": 1}).status == 202
    desk.cloud.drain(retry=True)


def test_failed_calls_are_called_again_with_their_event(desk: Desk) -> None:
    fault = Fault(How.BEFORE, calls=10_000, function="BackgroundReceiveMail")
    with desk.cloud.aws.faults.plan(fault):
        desk.cloud.smtp.bring(raw("ann@example.org", 301), "ann@example.org", [SUPPORT])
        desk.cloud.drain(retry=True)
    sqs = boto3.client("sqs")
    url = desk.cloud.resources.physical("FailedCalls").ref
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"detail-type": "Scheduled Event"}))
    sqs.send_message(QueueUrl=url, MessageBody="no JSON")
    kinds = sorted(one["event"]["kind"] for one in dead(desk, "failed-calls"))
    assert kinds == ["mail", "schedule", "unknown"]
    assert desk.call("POST", f"{PATH}/failed-calls/redrive", {"count": 3}).status == 202
    desk.cloud.drain(retry=True)
    found = queue(desk, "failed-calls")
    assert (found["dead"], found["move"]) == (2, {"moved": 1, "of": 3, "state": "done"})
    tickets = desk.call("GET", "/api/tickets-search.php.json?email=ann@example.org").json
    assert json.dumps(tickets).count("Printer") >= 1
    for one in dead(desk, "failed-calls"):
        place = f"{PATH}/failed-calls/dead/{one['id']}/put-aside"
        assert desk.call("POST", place, {"reason": "The next run did it."}).status == 200
    assert queue(desk, "failed-calls")["dead"] == 0


def test_where_sqs_or_lambda_fail_it_is_said_and_can_be_asked_again(desk: Desk) -> None:
    for operation in ("GetQueueAttributes", "Invoke"):
        with desk.cloud.aws.faults.plan(Fault(How.BEFORE, operation=operation)) as fault:
            if operation == "Invoke":
                answer = desk.call("POST", f"{PATH}/project/redrive", {"count": 1})
            else:
                answer = desk.call("GET", PATH)
        assert fault.fired
        assert (answer.status, answer.json["error"]["code"]) == (503, "unavailable")
    assert desk.call("POST", f"{PATH}/project/redrive", {"count": 1}).status == 202
    desk.cloud.drain()


REFUSED: tuple[tuple[str, str, object, int, str | None], ...] = (
    ("GET", f"{PATH}/nowhere/dead", None, 404, None),
    ("POST", f"{PATH}/nowhere/redrive", {"count": 1}, 404, None),
    ("DELETE", f"{PATH}/nowhere/redrive", None, 404, None),
    ("DELETE", f"{PATH}/broadcast/redrive", None, 404, None),
    ("POST", f"{PATH}/notify/redrive", {"count": 0}, 422, "count"),
    ("POST", f"{PATH}/notify/redrive", {"count": 1_000_000}, 422, "count"),
    ("POST", f"{PATH}/notify/redrive", {}, 422, "count"),
    ("POST", f"{PATH}/notify/dead/nowhere/put-aside", {"reason": "x"}, 404, None),
    ("POST", f"{PATH}/notify/dead/nowhere/put-aside", {"reason": ""}, 422, "reason"),
    ("POST", f"{PATH}/nowhere/dead/x/put-aside", {"reason": "x"}, 404, None),
)


def test_what_cannot_be_and_who_may_not_change_nothing(desk: Desk) -> None:
    low = desk.make_key("can_manage_keys", "can_manage_directory")["key"]
    bound = desk.make_key("can_manage_desk", departments=[1])["key"]
    before = desk.stored()
    for method, path, body, status, field in REFUSED:
        answer = desk.call(method, path, body)
        told = (answer.status, answer.json["error"]["field"])
        assert told == (status, field), (method, path, answer.text)
        for key in (low, bound):
            assert desk.call(method, path, body, key=key).status in {403, 422}
    assert desk.call("GET", PATH, key=bound).status == 403
    assert desk.stored() == before
