"""From events to those who must hear of them (docs/architecture.md).

An event stands in a sparse index until each of its consumers has removed its own name from `todo`.
The stream makes it fast, `requeue` makes it sure: whatever is lost on the way, between the stream,
the queues and the consumers, is found in the index and queued again (docs/aws.md m2). So everything
here may happen twice, and nothing may be relied on to happen the first time.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from aws_lambda_powertools import Logger

from helpdesk.clock import now, to_iso
from helpdesk.events import history
from helpdesk.events.history import Consumer, Event
from helpdesk.storage import queues, table, transact
from helpdesk.storage.attributes import Item, unpack
from helpdesk.storage.keys import TODO, Key
from helpdesk.storage.transact import ConditionFailed, Write

log = Logger()

PATIENCE = timedelta(minutes=10)
"""How long an event may stand before it is queued again: the usual way takes a second or two."""

QUEUES: Mapping[str, str] = {"notify": "NOTIFY_QUEUE_URL", "project": "PROJECT_QUEUE_URL"}
"""The environment variable that names each consumer's queue."""


# --- onto the queues ------------------------------------------------------------------------


def relay(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Queues the events of a batch of stream records, each for the consumers it waits for.

    Gives the sequence numbers of the records that did not reach every queue, for Lambda to bring
    them again.
    """
    fresh: list[tuple[str, Key, Item]] = []
    for record in records:
        change = record["dynamodb"]
        item = unpack(change["NewImage"])
        fresh.append((change["SequenceNumber"], Key(item.pop("pk"), item.pop("sk")), item))
    missed = _queue((key, item) for _, key, item in fresh)
    return [sequence for sequence, key, _ in fresh if key in missed]


def requeue() -> int:
    """Queues every event that has stood for longer than PATIENCE; gives how many there were."""
    standing = table.query(TODO, between=("0", to_iso(now() - PATIENCE)), index="g10")
    count = 0
    while page := [Key(item["pk"], item["sk"]) for item in islice(standing, 100)]:
        # The index may lag: the table says who is still to hear of it.
        _queue(table.fetch(page).items())
        count += len(page)
    return count


def queue_again(event: Event, consumer: Consumer) -> None:
    """Queues an event once more for a consumer that is not through with it. Where that fails,
    `requeue` finds it.
    """
    queues.send(os.environ[QUEUES[consumer]], [_body(event.id)])


def _body(key: Key) -> str:
    return json.dumps(key._asdict())


def _queue(found: Iterable[tuple[Key, Item]]) -> set[Key]:
    waiting: dict[str, list[Key]] = {}
    for key, item in found:
        for consumer in sorted(item.get("todo", ())):
            waiting.setdefault(consumer, []).append(key)
    missed: set[Key] = set()
    for consumer, keys in waiting.items():
        bodies = [_body(key) for key in keys]
        missed.update(keys[at] for at in queues.send(os.environ[QUEUES[consumer]], bodies))
    return missed


# --- from the queues ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a queue: which event it tells of."""

    message: str
    event: Key


def deliveries(invocation: Mapping[str, Any]) -> list[Delivery]:
    """The messages in the event that Lambda makes of a batch from SQS."""
    return [
        Delivery(record["messageId"], Key(**json.loads(record["body"])))
        for record in invocation["Records"]
    ]


def each(work: Callable[[Key], None], batch: Iterable[Delivery]) -> list[str]:
    """Does the work for each message on its own; gives the messages whose work failed.

    One that cannot be done must not take its neighbours along, whatever is wrong with it; it comes
    again, and ends with the dead letters.
    """
    failed = []
    for delivery in batch:
        try:
            work(delivery.event)
        except Exception as fault:  # noqa: BLE001 - what a batch is to SQS, `endpoint` is to HTTP
            # Its words may quote a mail or an address: only the kind goes into the log.
            where = " ".join(delivery.event)
            log.warning("not done", fault=type(fault).__name__, about=where)
            failed.append(delivery.message)
    return failed


def at_once(work: Callable[[Sequence[Key]], None], batch: Sequence[Delivery]) -> list[str]:
    """Does the work for all messages together, which is cheaper; where that fails, for each alone.
    Gives the messages whose work failed.
    """
    try:
        work([delivery.event for delivery in batch])
    except Exception as fault:  # noqa: BLE001 - each is tried again, and what fails is logged
        log.info("taken apart", fault=type(fault).__name__, messages=len(batch))
        return each(lambda event: work([event]), batch)
    return []


def failures(identifiers: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The answer that makes Lambda bring only these messages or records again."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


# --- done -----------------------------------------------------------------------------------


def load(keys: Iterable[Key], consumer: Consumer) -> list[Event]:
    """Those of these events that still wait for this consumer; one trip."""
    found = table.fetch(list(keys))
    known = (history.as_event(key, item) for key, item in found.items())
    return [event for event in known if consumer in event.todo]


def finished(event: Event, consumer: Consumer) -> Write:
    """The write by which a consumer takes its name off an event, if `todo` is still as it was read.

    The last one takes the event out of the index.
    """
    last = event.todo == {consumer}
    return transact.update(
        event.id,
        "REMOVE #todo, p10, s10" if last else "DELETE #todo :names",
        {":name": consumer, ":one": 1} | ({} if last else {":names": {consumer}}),
        condition=f"contains(#todo, :name) AND size(#todo) {'=' if last else '>'} :one",
        names={"#todo": "todo"},
    )


def finish(event: Event, consumer: Consumer) -> bool:
    """Takes a consumer's name off an event, whoever else does the same at this moment. False where
    the event is gone.
    """
    while consumer in event.todo:
        try:
            _write_finished(event, consumer)
        except ConditionFailed as changed:
            if changed.old is None:
                return False
            event = history.as_event(event.id, changed.old)
        else:
            break
    return True


def _write_finished(event: Event, consumer: Consumer) -> None:
    transact.retried(lambda: transact.write(finished(event, consumer)))
