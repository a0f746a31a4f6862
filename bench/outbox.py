"""Runs the work that follows a ticket's request: relay, mail, projection, SES's notifications. Each
function gets the event that AWS would send.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.cost import Run
from bench.desk import HOLD, Desk, Event, cpu_ms
from bench.operations import Operation
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table
from helpdesk.storage.attributes import pack
from helpdesk.storage.keys import SEQUENCES, Key, ticket_key
from helpdesk.tickets.deletion import delete_ticket

CONSUMERS = {
    "notify": "BackgroundNotify",
    "project": "BackgroundProject",
    "broadcast": "BackgroundSendBroadcast",
}
"""The function of each queue, in the order of measurement."""


def opened(desk: Desk, operation: Operation, event: Event) -> tuple[Run, str]:
    """The run of a function that opens a ticket, and the body of its answer."""
    handler = desk.handler(operation.function)
    answers: list[Any] = []
    taken: list[float] = []

    def ask() -> None:
        answers.append(operation.run(handler, event))

    cost = desk.cost(lambda: taken.append(cpu_ms(ask)), hold=HOLD)
    memory = desk.template.functions[operation.function].memory
    return Run(operation.what, cost, taken[0], memory, gateway=True), answers[0]["body"]


def follow(desk: Desk, ticket: int) -> list[Run]:
    """Processes the events of a ticket; returns a run of each function concerned."""
    waiting = [item for item in table.query(ticket_key(ticket).pk, begins="V#") if "todo" in item]
    if not waiting:
        raise RuntimeError(f"no event of ticket {ticket} waits")
    return [run for found in waiting for run in _follow_event(desk, found)]


def follow_all(desk: Desk, tickets: Sequence[int]) -> Iterator[Run]:
    """Processes the events of these tickets as under load: counting and indexing happen in one
    batch.
    """
    waiting = [
        item
        for ticket in tickets
        for item in table.query(ticket_key(ticket).pk, begins="V#")
        if "todo" in item
    ]
    for found in waiting:
        yield _invoke(desk, "BackgroundRelayEvents", _stream_event(desk, found))
        told = {"pk": found["pk"], "sk": found["sk"]}
        yield _invoke(desk, CONSUMERS["notify"], _queue_event(desk, CONSUMERS["notify"], told))
    yield _invoke(desk, CONSUMERS["project"], _batch_event(desk, waiting))
    for found in waiting:
        name = found["sk"].removeprefix("V#")
        for mail in table.query(f"MAIL#{name}"):
            yield _invoke(desk, "BackgroundRecordMailEvents", _sent_event(desk, name, mail))


def _follow_event(desk: Desk, found: Mapping[str, Any]) -> Iterator[Run]:
    event = {"pk": found["pk"], "sk": found["sk"]}
    yield _invoke(desk, "BackgroundRelayEvents", _stream_event(desk, found))
    for consumer in sorted(found["todo"], key=list(CONSUMERS).index):
        function = CONSUMERS[consumer]
        yield _invoke(desk, function, _queue_event(desk, function, event))
    name = found["sk"].removeprefix("V#")
    for mail in table.query(f"MAIL#{name}"):
        if mail["state"] != "done":
            raise RuntimeError(f"a mail of event {name} did not go out: {mail['state']}")
        yield _invoke(desk, "BackgroundRecordMailEvents", _sent_event(desk, name, mail))
    left = table.get(Key(**event))
    if left is None or "todo" in left:
        raise RuntimeError(f"event {name} was not dealt with: {left}")


def follow_deletion(desk: Desk) -> Run:
    """Deletes the newest ticket, and processes the removal of its data."""
    newest = table.fetch([SEQUENCES])[SEQUENCES]["ticket"]
    delete_ticket(SYSTEM, newest)
    pk = ticket_key(newest).pk
    waiting = [item for item in table.query(pk, begins="V#") if "todo" in item]
    run = _invoke(desk, "BackgroundProject", _batch_event(desk, waiting))
    if len(list(table.query(pk))) > 1:
        raise RuntimeError(f"something is left of ticket {newest}")
    return run


def _invoke(desk: Desk, function: str, event: dict[str, Any]) -> Run:
    handler = desk.handler(function)
    answers: list[Any] = []
    taken: list[float] = []
    cost = desk.cost(
        lambda: taken.append(cpu_ms(lambda: answers.append(handler(event)))), hold=HOLD
    )
    if answers[0] and answers[0]["batchItemFailures"]:
        raise RuntimeError(f"{function}: {answers[0]}")
    return Run(function, cost, taken[0], desk.template.functions[function].memory)


def _stream_event(desk: Desk, item: Mapping[str, Any]) -> dict[str, Any]:
    event = desk.example("BackgroundRelayEvents")
    change = event["Records"][0]["dynamodb"]
    change["NewImage"] = pack(item)
    change["Keys"] = {name: change["NewImage"][name] for name in ("pk", "sk")}
    return event


def _queue_event(desk: Desk, function: str, about: Mapping[str, str]) -> dict[str, Any]:
    event = desk.example(function)
    event["Records"][0]["body"] = json.dumps(about)
    return event


def _batch_event(desk: Desk, waiting: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    event = desk.example(CONSUMERS["project"])
    (record,) = event["Records"]
    event["Records"] = [
        {
            **record,
            "messageId": item["sk"],
            "body": json.dumps({"pk": item["pk"], "sk": item["sk"]}),
        }
        for item in waiting
    ]
    return event


def _sent_event(desk: Desk, name: str, mail: Mapping[str, Any]) -> dict[str, Any]:
    event = desk.example("BackgroundRecordMailEvents")
    notice = event["Records"][0]["Sns"]
    message = json.loads(notice["Message"])
    message["mail"]["tags"]["mail"] = [f"{name}-{mail['sk']}"]
    message["mail"]["messageId"] = mail["message_id"].partition("@")[0]
    notice["Message"] = json.dumps(message)
    return event
