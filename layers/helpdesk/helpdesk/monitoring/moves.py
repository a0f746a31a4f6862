"""Moves a given number of dead letters back to where they came from.

SQS's own redrive moves a whole queue. Here the admin gives a number; a function receives, sends and
deletes one message after the other, and stores its progress, so that it can be watched and stopped.
If it stops between sending and deleting, a message is moved twice: all background work may run
twice (docs/architecture.md).

The dead letters of functions (`failed-calls`) are events of asynchronous invocations: the function
is invoked again with its event. Scheduled invocations are left: the next run does their work.

Moved messages carry the move's id, so that dead letters that come back are recognised.
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from aws_lambda_powertools import Logger

from helpdesk import operations
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import Conflict, Damaged, DeskError, NotFound
from helpdesk.events.history import audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.storage import functions, queues, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import move_key
from helpdesk.storage.queues import Message
from helpdesk.storage.reading import make, reading
from helpdesk.storage.transact import Cancelled, ConditionFailed

log = Logger()

FAILED_CALLS = "failed-calls"
"""The name of the queue of failed calls."""

MOST = 4_000
"""Messages of one move: as many as its function moves in its time."""

PER_SECOND = 5.0
"""Messages moved per second, so as not to overload a function that has failed."""

QUIET = timedelta(minutes=2)
"""For how long a move that runs may be silent; then it has been cut off, and another may begin."""

_HIDDEN = 60
"""Seconds for which a message is hidden while it is moved."""

_AGAIN = "again"
"""The attribute of an invocation's event that names the move that caused it."""

_EMPTY = 3
"""Calls without a message after which a queue is empty: each reaches only some servers."""

State = Literal["running", "done", "stopped", "cut_off"]


@dataclass(frozen=True, slots=True)
class Move:
    """The progress of a move: `moved` of `of` messages. `cut_off`: its function has ended early."""

    moved: int
    of: int
    state: State


def urls() -> dict[str, tuple[str, str]]:
    """The URLs of each queue and of its dead-letter queue; failed calls have only the latter."""
    found: dict[str, list[str]] = json.loads(os.environ["QUEUES"])
    return {name: (main, dead) for name, (main, dead) in found.items()}


def url_of(name: str) -> tuple[str, str]:
    """The URLs of one queue.

    Raises:
        NotFound: There is no such queue.
    """
    known = urls()
    if name not in known:
        raise NotFound("queue", name)
    return known[name]


# --- asking ---------------------------------------------------------------------------------


def redrive(actor: Actor, name: str, count: int, once: IdempotencyRecord | None = None) -> Move:
    """Begins to move as many dead letters of a queue; at most MOST.

    Raises:
        NotFound: There is no such queue.
        Conflict: `move_under_way`: another move of this queue runs.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
    """
    url_of(name)
    if once:
        once.replay(table.get(once.key))
    at, identity = now(), uuid4().hex
    item = {"id": identity, "of": min(count, MOST), "moved": 0, "state": "running"}
    begun = transact.put(
        move_key(name),
        {**item, "beat": to_iso(at), "ttl": seconds(at + timedelta(days=7))},
        condition="attribute_not_exists(pk) OR #state <> :running OR #beat < :late",
        values={":running": "running", ":late": to_iso(at - QUIET)},
        names={"#state": "state", "#beat": "beat"},
    )
    move = Move(0, min(count, MOST), "running")
    event = audit_event("queue_redriven", actor, at, data={"queue": name, "count": move.of})
    try:
        operations.commit(event, [begun], once=once, result=move)
    except Cancelled as cancelled:
        raise Conflict("move_under_way") from cancelled
    try:
        functions.call(os.environ["MOVE_MESSAGES"], {"queue": name, "id": identity})
    except DeskError:
        # Nothing runs: another may begin at once.
        with suppress(NotFound):
            stop(name)
        raise
    return move


def stop(name: str) -> Move:
    """Ends a move; messages that were moved stay moved.

    Raises:
        NotFound: There is no such queue, or no move of it is running.
    """
    url_of(name)
    stopped = transact.set_attributes(
        move_key(name),
        {"state": "stopped"},
        condition="#state = :running",
        values={":running": "running"},
    )
    try:
        transact.write(stopped)
    except ConditionFailed as failed:
        raise NotFound("move", name) from failed
    return _as_move(table.get(move_key(name)) or {}, now())


def find_all(names: list[str]) -> list[Move | None]:
    """The latest move of each queue, None if there is no recent one; one round trip."""
    at, found = now(), table.fetch([move_key(name) for name in names])
    moves: list[Move | None] = []
    for name in names:
        try:
            item = found.get(move_key(name))
            moves.append(_as_move(item, at) if item else None)
        except Damaged:
            moves.append(None)
    return moves


def _as_move(item: Item, at: datetime) -> Move:
    with reading("move", item):
        late = item["state"] == "running" and at - from_iso(item["beat"]) > QUIET
        return make(Move, {**item, "state": "cut_off"} if late else item)


def came_back(name: str, letters: Iterable[Message]) -> frozenset[str]:
    """The ids of those dead letters of a queue that its latest move has moved; one round trip."""
    latest = (table.get(move_key(name)) or {}).get("id")
    return frozenset(letter.id for letter in letters if latest and _moved_by(letter) == latest)


def _moved_by(letter: Message) -> object:
    return letter.again or event_in(letter.body).get(_AGAIN)


# --- moving ---------------------------------------------------------------------------------


def carry_out(name: str, identity: str) -> int:
    """Moves the messages of a started move; returns how many. Ends if it is stopped, another has
    started, or nothing is left. A damaged move moves nothing.
    """
    item = table.get(move_key(name))
    if item is None or item.get("id") != identity:
        return 0
    try:
        move = _as_move(item, now())
    except Damaged:
        return 0
    left, moved, empty = move.of - move.moved, 0, 0
    kept: list[Message] = []
    main, dead = url_of(name)
    while left > moved and empty < _EMPTY:
        some = queues.receive(dead, min(queues.BATCH, left - moved), hidden=_HIDDEN)
        empty = 0 if some else empty + 1
        for position, message in enumerate(some):
            if not _goes_on(name, identity):
                _release(dead, [*some[position:], *kept])
                return moved
            if not _send(name, main, message, identity):
                kept.append(message)
                continue
            queues.remove(dead, message)
            moved += 1
            _count(name, identity)
            time.sleep(1 / PER_SECOND)
    _release(dead, kept)
    _end(name, identity)
    return moved


def _send(name: str, main: str, message: Message, identity: str) -> bool:
    """Whether a message is on its way again."""
    if name != FAILED_CALLS:
        return not queues.send(main, [message.body], again=identity)
    event = event_in(message.body)
    function = _FUNCTIONS.get(kind_of(event))
    if function is None:
        return False
    functions.call(os.environ[function], {**event, _AGAIN: identity})
    return True


def _goes_on(name: str, identity: str) -> bool:
    """Records that the move is still running; False if it was stopped."""
    noted = transact.set_attributes(
        move_key(name),
        {"beat": to_iso(now())},
        condition="#state = :running AND #id = :id",
        values={":running": "running", ":id": identity},
        names={"#state": "state", "#id": "id"},
    )
    try:
        transact.write(noted)
    except ConditionFailed:
        return False
    return True


def _count(name: str, identity: str) -> None:
    """Counts a moved message, even if the move was stopped meanwhile."""
    counted = transact.update(
        move_key(name),
        "ADD moved :one",
        {":one": 1, ":id": identity},
        condition="#id = :id",
        names={"#id": "id"},
    )
    with suppress(ConditionFailed):
        transact.write(counted)


def _end(name: str, identity: str) -> None:
    ended = transact.set_attributes(
        move_key(name),
        {"state": "done"},
        condition="#state = :running AND #id = :id",
        values={":running": "running", ":id": identity},
        names={"#id": "id"},
    )
    try:
        transact.write(ended)
    except ConditionFailed:
        log.info("move stopped", queue=name)


def _release(url: str, messages: list[Message]) -> None:
    for message in messages:
        queues.release(url, message)


# --- failed calls ---------------------------------------------------------------------------

_FUNCTIONS: Mapping[str, str] = {"mail": "RECEIVE_MAIL", "mail_event": "RECORD_MAIL_EVENTS"}
"""The environment variable that names the function of each kind of call."""


def event_in(body: str) -> Mapping[str, Any]:
    """The event of a failed call; empty for anything else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def kind_of(event: Mapping[str, Any]) -> str:
    """The source of an invocation's event: `mail` (SES), `mail_event` (SES's topic), `schedule`;
    `unknown` for anything else.
    """
    if event.get("detail-type") == "Scheduled Event":
        return "schedule"
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else {}
    source = first.get("eventSource") or first.get("EventSource") if isinstance(first, dict) else ""
    return {"aws:ses": "mail", "aws:sns": "mail_event"}.get(str(source), "unknown")
