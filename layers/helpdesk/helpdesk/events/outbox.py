"""Brings events to their consumers (docs/architecture.md).

A sparse index lists an event until each of its consumers has removed its own name from `todo`. The
stream queues an event within a second or two; `requeue` finds in the index what was lost between
the stream, the queues and the consumers, and queues it again (docs/aws.md m2). So every event may
be delivered more than once, and late.

The index is by the time from which an event counts as lost, less PATIENCE: at first that is when it
happened. A consumer that cannot handle an event yet puts it off (`defer`): the message is done, and
`requeue` brings the event when its time has come. So no attempt counts against a message, and what
waits stands in no queue (docs/decisions/0027).
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
"""How old an event may be before it is queued again: as a rule it is handled in a second or two."""

MOST_DOUBLINGS = 6
"""How often that time doubles for an event that was queued again and is not done: to ten hours, so
that a queue which is late does not fill with copies.
"""

LONGEST_DEFERRAL = timedelta(hours=2)
"""No consumer puts an event off for longer: what is stored beyond that is no time to wait for."""

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

    Gives the sequence numbers of the records that did not reach every queue, for Lambda to deliver
    them again.
    """
    fresh: list[tuple[str, Key, Item]] = []
    for record in records:
        change = record["dynamodb"]
        item = unpack(change["NewImage"])
        fresh.append((change["SequenceNumber"], Key(item["pk"], item["sk"]), item))
    missed = _queue((key, item) for _, key, item in fresh)
    return [sequence for sequence, key, _ in fresh if key in missed]


def requeue() -> int:
    """Queues every event that has waited for longer than PATIENCE, or whose time has come; gives
    how many. Each waits twice as long as before until it is queued once more.
    """
    table.fetch([CATALOGUE_VERSION])  # tells of the shards
    waiting = sweeps.merged(TODO, "g10", between=("0", f"{to_iso(now() - PATIENCE)}~"))
    count = 0
    while page := [Key(item["pk"], item["sk"]) for item in islice(waiting, 100)]:
        # The index may lag behind: the table has the consumers that are left.
        found = {key: item for key, item in table.fetch(page).items() if "s10" in item}
        missed = _queue(found.items())
        queued = [(key, item) for key, item in found.items() if key not in missed]
        count += aws.count_done(partial(_wait_longer, at=now()), queued)
    return count


def _wait_longer(found: tuple[Key, Item], at: datetime) -> bool:
    """Lets an event that has been queued again wait; True where nobody has done so meanwhile."""
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
    """Notes that a consumer will handle an event at a later time; until then it stands in no queue
    of that consumer's. `requeue` brings it, within a minute of its time.
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
    """Where an event stands in the index that is to be queued at a time."""
    return f"{to_iso(due - PATIENCE)}#{key.pk}#{key.sk}"


def set_aside(key: Key) -> None:
    """Takes a damaged event out of the list of those that wait, so that it does not come again and
    again. It keeps its consumers, and is listed under ASIDE.
    """
    aside = transact.set_attributes(
        key, {"p10": ASIDE}, condition="begins_with(#p10, :todo)", values={":todo": TODO}
    )
    with suppress(ConditionFailed, ChangedUnderYou):
        transact.write(aside)


def key_in(body: str) -> Key | None:
    """The key of the event that a message of a queue is about; None where it is about none."""
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
    """Queues an event once more for a consumer that has not finished it. Where that fails,
    `requeue` finds the event.
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
    """The consumers that an event waits for and that this code knows."""
    try:
        with reading("event", key):
            return sorted(QUEUES.keys() & item.get("todo", set()))
    except Damaged:
        # Whoever reads it sets it aside.
        return ["project"]


# --- from the queues ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a queue, and the key of its event."""

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

    A message whose work fails, for whatever reason, must not stop the others; it is delivered again
    and ends in the dead-letter queue.
    """
    failed = []
    for delivery in batch:
        try:
            work(delivery.event)
        except Damaged:
            # It has been logged and counted, and would be as damaged when it comes again.
            set_aside(delivery.event)
        except Exception as fault:  # noqa: BLE001 - one message must not stop the others
            # The message may quote a mail or an address: only its kind goes into the log.
            where = " ".join(delivery.event)
            log.warning("not done", fault=aws.told(fault), about=where)
            failed.append(delivery.message)
    return failed


def together_or_each(work: Callable[[Sequence[Key]], None], batch: Sequence[Delivery]) -> list[str]:
    """Does the work for all messages together, which is cheaper; where that fails, for each alone.
    Gives the messages whose work failed.
    """
    try:
        work([delivery.event for delivery in batch])
    except Exception as fault:  # noqa: BLE001 - each is tried again, and what fails is logged
        log.info("taken apart", fault=aws.told(fault), messages=len(batch))
        return each(lambda event: work([event]), batch)
    return []


def failures(identifiers: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The answer that makes Lambda deliver only these messages or records again."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


# --- done -----------------------------------------------------------------------------------


def load(keys: Iterable[Key], consumer: Consumer) -> list[Event]:
    """Those of these events that still wait for this consumer; one round trip.

    Raises:
        Damaged: One of them cannot be read.
    """
    return waiting(table.fetch(list(keys)), consumer)


def waiting(found: Mapping[Key, Item], consumer: Consumer) -> list[Event]:
    """Those of these events that a consumer has yet to handle, and may by now.

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
    """Those of these events that somebody may be told of by mail. Where the desk is a restored one,
    those from before are finished instead, without a mail: it went out before the table was lost
    (docs/aws.md m24).
    """
    restored = os.environ.get("RESTORED_AT", "")
    old = [event for event in events if restored and event.at <= from_iso(restored)]
    for event in old:
        finish(event, consumer)
    return [event for event in events if event not in old]


def finished(event: Event, consumer: Consumer, *, unless_counted_in: str = "") -> Write:
    """The write that removes a consumer's name from an event; it fails where `todo` has changed, or
    the event is counted in a generation of the index.

    The last one removes the event from the index.
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
    fails where it is, or waits no longer for `project`.
    """
    return transact.update(
        event.id,
        "SET #in = :in",
        {":in": generation, ":name": "project"},
        condition="contains(#todo, :name) AND (attribute_not_exists(#in) OR #in <> :in)",
        names={"#in": "generation", "#todo": "todo"},
    )


def finish(event: Event, consumer: Consumer) -> bool:
    """Removes a consumer's name from an event, also where others do so at this moment. False where
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
    transact.write(finished(event, consumer))
