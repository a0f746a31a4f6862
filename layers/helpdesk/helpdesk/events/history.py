"""Events: each item is part of a ticket's history and of the desk's outbox (docs/architecture.md).

An event is written in the transaction of its operation, so it exists if and only if the change
does. Its `todo` names the consumers that have not handled it yet, and a sparse index lists it until
the last of them has removed its name (docs/aws.md m2).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from secrets import token_hex
from typing import Any, Literal
from zlib import crc32

from helpdesk.clock import from_iso, seconds, to_iso
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket
from helpdesk.storage import shards, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import TODO, Key, audit_key, audited, event_key
from helpdesk.storage.reading import make, reading
from helpdesk.storage.transact import Write

Consumer = Literal["notify", "project", "broadcast"]

BOTH: tuple[Consumer, ...] = ("notify", "project")

AUDIT_DAYS = 400
"""Days for which changes of keys and catalogue, and `deleted` events, are kept."""


Difference = Mapping[str, Any]
"""A field whose value has changed: `field`, `before`, `after`; None stands for no value."""


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of a ticket by which lists and counters group it."""

    status: int
    department: int
    topic: int
    agent: int
    state: str
    overdue: bool = False

    @property
    def bucket(self) -> str:
        """The unit of list indexes and counters (docs/aws.md m13): status, department and topic."""
        return f"{self.status}#{self.department}#{self.topic}"


def facets_of(ticket: Ticket, state: str) -> Facets:
    """The facets of a ticket; `state` is that of its status."""
    return Facets(
        status=ticket.status,
        department=ticket.department,
        topic=ticket.topic or 0,
        agent=ticket.agent or 0,
        state=state,
        overdue=ticket.overdue,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """One event. The content of `data` depends on the kind: entry id, options, key id.

    `changes` and `about` are those of `audit_event`.

    `next` is when consumers that deferred it are to try again, `tries` how often they have tried.

    `key`, `agent` and `person` say who did it, `user` who had signed in and used the key. A new
    ticket has no `before`, a deleted one no `after`. `generation` is the generation of the index
    that counted the event while it was being built.
    """

    id: Key
    kind: str
    at: datetime
    ticket: int | None = None
    key: int | None = None
    agent: int | None = None
    user: str = ""
    person: int | None = None
    todo: frozenset[str] = frozenset()
    before: Facets | None = None
    after: Facets | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[Difference] = ()
    about: Sequence[Any] = ()
    next: Mapping[str, datetime] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
    generation: str = ""

    def waits_since(self, consumer: str) -> datetime:
        """The time from which a consumer could have handled it."""
        return max(self.at, self.next.get(consumer, self.at))


def new_event_id(at: datetime) -> str:
    """A unique id that sorts by time: 48 bits of milliseconds, 80 random bits."""
    return f"{int(at.timestamp() * 1000):012x}{token_hex(10)}"


def last_id_of(day: date) -> str:
    """An id greater than all that `new_event_id` makes on a day."""
    end = datetime.combine(day, time.max, UTC)
    return f"{int(end.timestamp() * 1000):012x}{'f' * 20}"


def ticket_event(
    kind: str,
    actor: Actor,
    ticket: int,
    at: datetime,
    *,
    todo: Iterable[Consumer] = BOTH,
    person: int | None = None,
    before: Facets | None = None,
    after: Facets | None = None,
    data: Mapping[str, Any] | None = None,
    days: int | None = None,
) -> Write:
    """The write that records what happened to a ticket, for the operation's own transaction.

    The event is kept as long as the ticket, or for `days` days. It is a `put_new` under a new id,
    by which `operations.commit` finds out whether a transaction was committed.
    """
    key = event_key(ticket, new_event_id(at))
    item = _new_item(key, kind, actor, at, todo=todo, data=data) | {
        "ticket": ticket,
        "person": person,
    }
    if before:
        item["before"] = asdict(before)
    if after:
        item["after"] = asdict(after)
    if days:
        item["ttl"] = seconds(at) + days * 86_400
    return transact.put_new(key, item)


def link_events(
    kind: Literal["linked", "unlinked"], actor: Actor, parent: int, child: int, at: datetime
) -> list[Write]:
    """The writes that record a link in the history of both tickets. The events have no
    consumers.
    """
    sides = ((child, {"parent": parent}), (parent, {"child": child}))
    return [ticket_event(kind, actor, ticket, at, todo=(), data=data) for ticket, data in sides]


def audit_event(
    kind: str,
    actor: Actor,
    at: datetime,
    *,
    todo: Iterable[Consumer] = (),
    data: Mapping[str, Any],
    changes: Sequence[Difference] = (),
    about: tuple[str, int, str] | None = None,
) -> Write:
    """The write that records a change of keys, catalogue or settings, a `put_new`; kept for
    AUDIT_DAYS.

    `changes` are the changed fields; `about` is the kind, id and name of the changed thing, by
    which the event is listed.
    """
    number = new_event_id(at)
    key = audit_key(f"{at:%Y-%m-%d}", number)
    item = _new_item(key, kind, actor, at, todo=todo, data=data)
    item["ttl"] = seconds(at) + AUDIT_DAYS * 86_400
    if changes:
        item["changes"] = list(changes)
    if about or (about := _about(kind, data)):
        thing, of, name = about
        item |= {"about": [thing, of, name], "p11": audited(thing, of), "s11": number}
    return transact.put_new(key, item)


THINGS: Mapping[str, str] = {"person": "people", "tag": "tags"}
"""The kind of thing that events are about, by the first word of their kind, if only the id is kept
in their data and no name may be.
"""


def _about(kind: str, data: Mapping[str, Any]) -> tuple[str, int, str] | None:
    word = kind.partition("_")[0]
    number = data.get(word)
    return (THINGS[word], number, "") if word in THINGS and type(number) is int else None


_LONGEST_TOLD, _LONGEST_LIST = 4_000, 50
"""Most characters of a value's JSON in an event, and most items of a list that is kept whole."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields in which two states differ, with both values. For long lists only the removed and
    added items are given, for other long values the beginning of their JSON, since an event must
    fit in an item. Empty values of a thing that was created or deleted are left out.
    """
    found: list[Difference] = []
    for name in {**before, **after}:
        was, now_is = before.get(name), after.get(name)
        if was == now_is or ((not before or not after) and not (was or now_is)):
            continue
        if isinstance(was, list) and isinstance(now_is, list):
            was, now_is = _apart(was, now_is)
        found.append({"field": name, "before": _short(was), "after": _short(now_is)})
    return found


def _apart(was: list[Any], now_is: list[Any]) -> tuple[list[Any], list[Any]]:
    if max(len(was), len(now_is)) <= _LONGEST_LIST:
        return was, now_is
    gone = [one for one in was if one not in now_is]
    come = [one for one in now_is if one not in was]
    return gone[:_LONGEST_LIST], come[:_LONGEST_LIST]


def _short(value: Any) -> Any:
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return value if len(written) <= _LONGEST_TOLD else f"{written[:_LONGEST_TOLD]}…"


def day_of(day: datetime) -> str:
    """The partition key of the changes of a day."""
    return audit_key(f"{day:%Y-%m-%d}", "").pk


def digest(key: Key) -> int:
    """The number by which an event's shard is chosen: from its own id, so that the events of one
    ticket spread over the shards.
    """
    return crc32(key.sk.encode())


def _new_item(
    key: Key,
    kind: str,
    actor: Actor,
    at: datetime,
    *,
    todo: Iterable[Consumer],
    data: Mapping[str, Any] | None,
) -> Item:
    item: Item = {
        "kind": kind,
        "at": to_iso(at),
        "by_key": actor.key,
        "agent": actor.agent,
        "person": actor.customer,
        "data": dict(data or {}),
    }
    if actor.user:
        item["user"] = actor.user
    if waiting := set(todo):
        shard = shards.to_write(TODO, digest(key))
        item |= {"todo": waiting, "p10": shard, "s10": f"{to_iso(at)}#{key.pk}#{key.sk}"}
    return item


def as_event(key: Key, item: Item) -> Event:
    """The event that an item of the Desk table holds.

    Raises:
        Damaged: It is not a valid event.
    """
    with reading("event", key):
        values = dict(item, id=key, at=from_iso(item["at"]), key=item.get("by_key"))
        values["todo"] = frozenset(item.get("todo", ()))
        later = {one: item[f"next_{one}"] for one in values["todo"] if f"next_{one}" in item}
        values["next"] = {one: from_iso(stamped) for one, stamped in later.items()}
        values["tries"] = {one: item.get(f"tries_{one}", 1) for one in later}
        for name in ("before", "after"):
            if name in item:
                values[name] = make(Facets, item[name])
        event = make(Event, values)
        _check_data(event)
        about = event.kind.partition("_")[0]
        needed = {about} & {"key", "organization", "person"} if event.ticket is None else set()
        for name in needed | ({"entry"} & event.data.keys()):
            if type(event.data[name]) is not int:
                raise TypeError(name)
    return event


_NEEDED: Mapping[str, Mapping[str, type]] = {
    "entry_changed": {"was": str},
    "entry_deleted": {"was": str},
    "tagged": {"tags": list},
    "untagged": {"tags": list},
    "tag_renamed": {"from": str, "to": str},
    "tag_deleted": {"from": str},
}
"""The data that consumers need, by kind of event: names and types."""

_NUMBERS = frozenset({"into", "source", "mention", "user", "accounting"})
_LISTS: Mapping[str, type] = {"tags": str, "words": str, "objects": str, "mentions": int}


def _check_data(event: Event) -> None:
    """Raises TypeError or KeyError if its consumers cannot read an event's data."""
    data = event.data
    for name, of in _NEEDED.get(event.kind, {}).items():
        if not isinstance(data[name], of):
            raise TypeError(name)
    if event.ticket is None:
        return
    for name in _NUMBERS & data.keys():
        if type(data[name]) is not int:
            raise TypeError(name)
    for name, of in _LISTS.items():
        if not isinstance(data.get(name, []), list | tuple):
            raise TypeError(name)
        if not all(type(one) is of for one in data.get(name, ())):
            raise TypeError(name)
