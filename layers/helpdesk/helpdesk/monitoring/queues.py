"""The desk's queues and their dead letters: counts, contents, and removal."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from helpdesk.clock import now
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.events import history, outbox
from helpdesk.events.history import Event, audit_event
from helpdesk.model.actor import Actor
from helpdesk.monitoring import moves
from helpdesk.monitoring.moves import FAILED_CALLS, Move
from helpdesk.operations import commit
from helpdesk.storage import aws, queues, table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import mail_key, ticket_key
from helpdesk.storage.queues import Message
from helpdesk.storage.reading import readable

SAMPLE = 10
"""Dead letters of a queue that are shown."""

_PEEKS = 3
"""Calls that look for them: each reaches only some of SQS's servers."""

_SEARCHES = 50
"""Calls that look for one of them."""

_HIDDEN = 20
"""Visibility timeout in seconds of messages received in a search; they are released earlier."""

_OLDEST = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: messages waiting, in flight, and dead. `oldest_seconds` is the age of the oldest
    event that waits for it; `oldest_dead` when the oldest of a sample of dead letters was first
    sent. Counts are SQS's, and approximate.
    """

    name: str
    waiting: int
    under_way: int
    dead: int
    oldest_seconds: int | None = None
    oldest_dead: datetime | None = None
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: `kind` is that of its event, or `mail`, `mail_event`, `schedule` for a failed
    call; `reason` is SES's word for a refused mail, if any. `came_back` tells that the queue's
    latest move has retried it.
    """

    id: str
    at: datetime
    tries: int
    kind: str
    ticket: int | None = None
    number: str = ""
    reason: str = ""
    came_back: bool = False


def check(actor: Actor) -> None:
    """Refuses a key that sees only part of the desk.

    Raises:
        NotAllowed
    """
    if actor.bound:
        raise NotAllowed("can_manage_desk")


# --- counted --------------------------------------------------------------------------------


def list_queues(actor: Actor) -> list[Queue]:
    """Every queue. Three round trips, all queues at the same time.

    Raises:
        NotAllowed: The key sees only part of the desk.
    """
    check(actor)
    names = list(moves.urls())
    events = outbox.oldest(_OLDEST)
    found = aws.together(*(partial(_queue, name, events) for name in names))
    under_way = moves.find_all(names)
    return [replace(one, move=move) for one, move in zip(found, under_way, strict=True)]


def count_dead() -> int:
    """How many dead letters there are, of all queues."""
    dead = [url for _, url in moves.urls().values()]
    # A message received by a move or a search is a dead letter until it is deleted.
    return sum(sum(found) for found in aws.together(*(partial(queues.counts, url) for url in dead)))


def _queue(name: str, events: list[Event]) -> Queue:
    (main, dead), at = moves.urls()[name], now()
    waiting, under_way = queues.counts(main) if main else (0, 0)
    letters = sum(queues.counts(dead))
    sample = queues.receive(dead, SAMPLE, hidden=0) if letters else []
    since = (event.waits_since(name) for event in events if name in event.todo)
    ages = [at - one for one in since if one <= at]
    return Queue(
        name=name,
        waiting=waiting,
        under_way=under_way,
        dead=letters,
        oldest_seconds=int(max(ages).total_seconds()) if waiting and ages else None,
        oldest_dead=min((message.at for message in sample), default=None),
    )


# --- dead letters ---------------------------------------------------------------------------


def list_dead(actor: Actor, name: str) -> list[DeadLetter]:
    """A sample of a queue's dead letters, the oldest first.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such queue.
    """
    check(actor)
    dead = moves.url_of(name)[1]
    found: dict[str, Message] = {}
    for _ in range(_PEEKS):
        for message in queues.receive(dead, SAMPLE, hidden=0):
            found.setdefault(message.id, message)
        if len(found) >= SAMPLE:
            break
    sample = sorted(found.values(), key=lambda message: message.at)[:SAMPLE]
    again = moves.came_back(name, sample)
    known = [_failed_call(one) for one in sample] if name == FAILED_CALLS else _dead_events(sample)
    return [replace(letter, came_back=letter.id in again) for letter in known]


def _failed_call(message: Message) -> DeadLetter:
    kind = moves.kind_of(moves.event_in(message.body))
    return DeadLetter(message.id, message.at, message.tries, kind)


def _dead_events(sample: list[Message]) -> list[DeadLetter]:
    keys = {message.id: outbox.key_in(message.body) for message in sample}
    items = table.fetch([key for key in keys.values() if key])
    read = readable(lambda key: history.as_event(key, items[key]), items)
    events = {event.id: event for event in read}
    tickets = {event.ticket for event in events.values() if event.ticket is not None}
    found = table.fetch([ticket_key(ticket) for ticket in tickets])
    numbers = {ticket: _number(found.get(ticket_key(ticket))) for ticket in tickets}
    letters = []
    for message in sample:
        key = keys[message.id]
        event = events.get(key) if key else None
        letters.append(
            DeadLetter(
                id=message.id,
                at=message.at,
                tries=message.tries,
                kind=event.kind if event else "unknown",
                ticket=event.ticket if event else None,
                number=numbers.get((event.ticket if event else None) or 0, ""),
                reason=_reason(event) if event else "",
            )
        )
    return letters


def _number(item: Item | None) -> str:
    number = (item or {}).get("number")
    return number if isinstance(number, str) else ""


def _reason(event: Event) -> str:
    """SES's word for the first of an event's mails that it has refused."""
    name = event.id.sk.removeprefix("V#")
    mails = table.query(mail_key(name, "").pk)
    errors = (mail.get("error") for mail in mails if mail.get("state") != "done")
    return next((error for error in errors if isinstance(error, str)), "")


def put_aside(actor: Actor, name: str, message: str, reason: str) -> None:
    """Deletes one dead letter permanently, with a reason that is recorded. Its work is not done,
    and not retried.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such queue, or no such dead letter of it.
    """
    check(actor)
    dead = moves.url_of(name)[1]
    found = _find(dead, message)
    key = None if name == FAILED_CALLS else outbox.key_in(found.body)
    data: dict[str, Any] = {"queue": name, "message": message, "reason": reason}
    if key:
        outbox.set_aside(key)
        data |= {"event": f"{key.pk} {key.sk}"}
    else:
        data |= {"call": moves.kind_of(moves.event_in(found.body))}
    commit(audit_event("dead_letter_put_aside", actor, now(), data=data))
    queues.remove(dead, found)


def _find(url: str, message: str) -> Message:
    """A message by its id; other messages received in the search are released.

    Raises:
        NotFound: It is not there.
    """
    found: list[Message] = []
    try:
        empty = 0
        for _ in range(_SEARCHES):
            some = queues.receive(url, queues.BATCH, hidden=_HIDDEN)
            found += some
            empty = 0 if some else empty + 1
            if empty == _PEEKS or any(one.id == message for one in some):
                break
    finally:
        for one in found:
            if one.id != message:
                queues.release(url, one)
    wanted = next((one for one in found if one.id == message), None)
    if wanted is None:
        raise NotFound("message", message)
    return wanted
