"""Delivers events to their consumers (docs/architecture.md).

A sparse index lists an event until each of its consumers has removed its name from `todo`. The
stream queues an event within a second or two; `requeue` finds in the index the events that were
lost between the stream, the queues and the consumers, and queues them again (docs/aws.md m2). So an
event may be delivered more than once, and late.

The index is sorted by the time from which an event counts as lost, minus PATIENCE: initially the
time of the event. A consumer that cannot handle an event yet defers it (`defer`): the message is
deleted, and `requeue` queues the event when it is due. So deferral does not use up the message's
receive count, and deferred events are in no queue (docs/decisions/0027).
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from aws_lambda_powertools import Logger

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.events import history
from helpdesk.events.history import Consumer, Event
from helpdesk.storage import aws, queues, sweeps, table, transact
from helpdesk.storage.attributes import Item, unpack
from helpdesk.storage.keys import CATALOGUE_VERSION, TODO, Key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import ConditionFailed, Write

log = Logger()

PATIENCE = timedelta(minutes=10)
"""The age at which an event is queued again; normally it is handled within a second or two."""

MOST_DOUBLINGS = 6
"""How often that wait doubles for an event that is queued again and again: up to ten hours, so that
a queue with a backlog does not fill with copies.
"""

LONGEST_DEFERRAL = timedelta(hours=2)
"""No consumer defers an event for longer; a stored time beyond that is not trusted."""

ASIDE = "ASIDE"
"""The partition of the index that lists the damaged events."""

QUEUES: Mapping[str, str] = {
    "notify": "NOTIFY_QUEUE_URL",
    "project": "PROJECT_QUEUE_URL",
    "broadcast": "BROADCAST_QUEUE_URL",
}
"""The environment variable that names each consumer's queue."""


# --- onto the queues ------------------------------------------------------------------------


def relay(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Queues the events of a batch of stream records, each for the consumers it waits for.

    Returns the sequence numbers of the records that did not reach every queue, for Lambda to
    redeliver.
    """
    fresh: list[tuple[str, Key, Item]] = []
    for record in records:
        change = record["dynamodb"]
        item = unpack(change["NewImage"])
        fresh.append((change["SequenceNumber"], Key(item["pk"], item["sk"]), item))
    missed = _queue((key, item) for _, key, item in fresh)
    return [sequence for sequence, key, _ in fresh if key in missed]


def requeue() -> int:
    """Queues every event that has waited for longer than PATIENCE, or that was deferred until now;
    returns how many. The wait until an event is queued again doubles each time.
    """
    table.fetch([CATALOGUE_VERSION])  # tells how many shards there are
    waiting = sweeps.merged(TODO, "g10", between=("0", f"{to_iso(now() - PATIENCE)}~"))
    count = 0
    while page := [Key(item["pk"], item["sk"]) for item in islice(waiting, 100)]:
        # The index may lag behind: only the table tells which consumers are left.
        found = {key: item for key, item in table.fetch(page).items() if "s10" in item}
        missed = _queue(found.items())
        queued = [(key, item) for key, item in found.items() if key not in missed]
        count += aws.count_done(partial(_wait_longer, at=now()), queued)
    return count


def _wait_longer(found: tuple[Key, Item], at: datetime) -> bool:
    """Sets the longer wait of an event before it is queued again; False if a concurrent run did so
    first.
    """
    key, item = found
    times = item.get("requeued", 0)
    times = times if type(times) is int and times >= 0 else 0
    later = at + PATIENCE * 2 ** min(times, MOST_DOUBLINGS)
    waits = transact.set_attributes(
        key,
        {"s10": _place(key, later), "requeued": times + 1},
        condition="#s10 = :seen",
        values={":seen": item["s10"]},
    )
    try:
        transact.write(waits)
    except ConditionFailed:
        return False
    return True


def defer(event: Event, consumer: Consumer, until: datetime) -> None:
    """Defers an event for a consumer until a later time; until then it is not in that consumer's
    queue. `requeue` queues it within a minute after that time.
    """
    others = (at for one, at in event.next.items() if one != consumer and one in event.todo)
    due = min([until, *(at for at in others if at > now())])
    deferred = transact.set_attributes(
        event.id,
        {
            f"next_{consumer}": to_iso(until),
            f"tries_{consumer}": event.tries.get(consumer, 0) + 1,
            "s10": _place(event.id, due),
        },
        remove=["requeued"],
        condition="contains(#todo, :consumer)",
        values={":consumer": consumer},
        names={"#todo": "todo"},
    )
    with suppress(ConditionFailed):
        transact.write(deferred)


def _place(key: Key, due: datetime) -> str:
    """The sort key in the index of an event that is to be queued at `due`."""
    return f"{to_iso(due - PATIENCE)}#{key.pk}#{key.sk}"


def set_aside(key: Key) -> None:
    """Removes a damaged event from the list of waiting ones, so that it is not delivered over and
    over. It keeps its consumers, and is listed under ASIDE.
    """
    aside = transact.set_attributes(
        key, {"p10": ASIDE}, condition="begins_with(#p10, :todo)", values={":todo": TODO}
    )
    with suppress(ConditionFailed, ChangedUnderYou):
        transact.write(aside)


def key_in(body: str) -> Key | None:
    """The key of the event that a queue message names; None if it names none."""
    try:
        found = json.loads(body)
        return Key(str(found["pk"]), str(found["sk"]))
    except (ValueError, LookupError, TypeError):
        return None


def oldest(limit: int) -> list[Event]:
    """The events that have waited longest for one of their consumers; two round trips."""
    waiting = sweeps.merged(TODO, "g10", limit=limit)
    keys = [Key(item["pk"], item["sk"]) for item in waiting]
    found = table.fetch([*keys, CATALOGUE_VERSION])
    known = [key for key in keys if key in found]
    return list(readable(lambda key: history.as_event(key, found[key]), known))


def queue_again(event: Event, consumer: Consumer) -> None:
    """Queues an event again for a consumer that has not finished it. If that fails, `requeue` will
    find the event.
    """
    queues.send(os.environ[QUEUES[consumer]], [_body(event.id)])


def _body(key: Key) -> str:
    return json.dumps(key._asdict())


def _queue(found: Iterable[tuple[Key, Item]]) -> set[Key]:
    waiting: dict[str, list[Key]] = {}
    for key, item in found:
        for consumer in _consumers(key, item):
            waiting.setdefault(consumer, []).append(key)
    missed: set[Key] = set()
    for consumer, keys in waiting.items():
        bodies = [_body(key) for key in keys]
        missed.update(keys[at] for at in queues.send(os.environ[QUEUES[consumer]], bodies))
    return missed


def _consumers(key: Key, item: Item) -> list[str]:
    """The consumers that still have to handle an event, as far as this code knows them."""
    try:
        with reading("event", key):
            return sorted(QUEUES.keys() & item.get("todo", set()))
    except Damaged:
        # The consumer will set the damaged event aside.
        return ["project"]


# --- from the queues ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a queue, and the key of its event."""

    message: str
    event: Key


def deliveries(invocation: Mapping[str, Any]) -> list[Delivery]:
    """The messages in a Lambda invocation with a batch from SQS."""
    return [
        Delivery(record["messageId"], Key(**json.loads(record["body"])))
        for record in invocation["Records"]
    ]


def each(work: Callable[[Key], None], batch: Iterable[Delivery]) -> list[str]:
    """Does the work for each message separately; returns the ids of the failed messages. A failure
    of any kind must not stop the others; the message is redelivered and eventually goes to the
    dead-letter queue.
    """
    failed = []
    for delivery in batch:
        try:
            work(delivery.event)
        except Damaged:
            # It has been logged and counted, and a redelivery would find it just as damaged.
            set_aside(delivery.event)
        except Exception as fault:  # noqa: BLE001 - one message must not stop the others
            # The error's text may quote a mail or an address: only its type is logged.
            where = " ".join(delivery.event)
            log.warning("not done", fault=aws.told(fault), about=where)
            failed.append(delivery.message)
    return failed


def together_or_each(work: Callable[[Sequence[Key]], None], batch: Sequence[Delivery]) -> list[str]:
    """Does the work for all messages together, which is cheaper; if that fails, for each
    separately. Returns the ids of the failed messages.
    """
    try:
        work([delivery.event for delivery in batch])
    except Exception as fault:  # noqa: BLE001 - each is tried again, and what fails is logged
        log.info("taken apart", fault=aws.told(fault), messages=len(batch))
        return each(lambda event: work([event]), batch)
    return []


def failures(identifiers: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The partial batch response that makes Lambda redeliver only these messages or records."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


# --- finishing ------------------------------------------------------------------------------


def load(keys: Iterable[Key], consumer: Consumer) -> list[Event]:
    """Those of these events that this consumer has yet to handle; one round trip.

    Raises:
        Damaged: One of them cannot be read.
    """
    return waiting(table.fetch(list(keys)), consumer)


def waiting(found: Mapping[Key, Item], consumer: Consumer) -> list[Event]:
    """Those of these events that a consumer has yet to handle and that are not deferred any longer.

    Raises:
        Damaged: One of them cannot be read.
    """
    known = (history.as_event(key, item) for key, item in found.items())
    at = now()
    last = at + LONGEST_DEFERRAL
    return [
        event
        for event in known
        if consumer in event.todo and not at < event.next.get(consumer, at) <= last
    ]


def since_restore(events: Sequence[Event], consumer: Consumer) -> list[Event]:
    """Those of these events that may be announced by mail. In a restored desk, events from before
    the restore are finished without a mail: it was sent before the table was lost (docs/aws.md
    m24).
    """
    restored = os.environ.get("RESTORED_AT", "")
    old = [event for event in events if restored and event.at <= from_iso(restored)]
    for event in old:
        finish(event, consumer)
    return [event for event in events if event not in old]


def finished(event: Event, consumer: Consumer, *, unless_counted_in: str = "") -> Write:
    """The write that removes a consumer's name from an event; it fails if `todo` has changed, or
    the event is counted in the generation `unless_counted_in`. The last consumer's also removes the
    event from the index.
    """
    last = event.todo == {consumer}
    values: dict[str, Any] = {":name": consumer, ":one": 1}
    condition = f"contains(#todo, :name) AND size(#todo) {'=' if last else '>'} :one"
    names = {"#todo": "todo"}
    if not last:
        values[":names"] = {consumer}
    if unless_counted_in:
        condition += " AND (attribute_not_exists(#in) OR #in <> :in)"
        values[":in"] = unless_counted_in
        names["#in"] = "generation"
    mine = f", next_{consumer}, tries_{consumer}" if consumer in event.next else ""
    expression = (
        f"REMOVE #todo, p10, s10, requeued{mine}"
        if last
        else f"DELETE #todo :names{mine and ' REMOVE'}{mine[1:]}"
    )
    return transact.update(event.id, expression, values, condition=condition, names=names)


def counted_in(event: Event, generation: str) -> Write:
    """The write that marks an event as counted in a generation of the index that is being built; it
    fails if the event is already counted, or no longer waits for `project`.
    """
    return transact.update(
        event.id,
        "SET #in = :in",
        {":in": generation, ":name": "project"},
        condition="contains(#todo, :name) AND (attribute_not_exists(#in) OR #in <> :in)",
        names={"#in": "generation", "#todo": "todo"},
    )


def finish(event: Event, consumer: Consumer) -> bool:
    """Removes a consumer's name from an event, with retries on conflicts with other consumers.
    False if the event is gone.
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
    transact.write(finished(event, consumer))
