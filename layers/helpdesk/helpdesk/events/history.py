"""What happened: the ticket's history and the desk's outbox in one item (docs/architecture.md).

An event is written in the transaction of its operation, so it exists exactly when the change does.
It is written with the names of the consumers that have not handled it yet (`todo`), and a sparse
index lists it until the last of them has removed its own name (docs/aws.md m2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any, Literal

from helpdesk.clock import from_iso, seconds, to_iso
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket
from helpdesk.storage import transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import TODO, Key, audit_key, event_key
from helpdesk.storage.reading import make, reading
from helpdesk.storage.transact import Write

Consumer = Literal["notify", "project", "broadcast"]

BOTH: tuple[Consumer, ...] = ("notify", "project")

AUDIT_DAYS = 400
"""Days for which changes of keys and catalogue, and `deleted` events, are kept."""


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
    """One thing that happened. What `data` holds depends on the kind: entry id, options, key id.

    `key`, `agent` and `person` say who did it. A new ticket has no `before`, a deleted one no
    `after`.
    """

    id: Key
    kind: str
    at: datetime
    ticket: int | None = None
    key: int | None = None
    agent: int | None = None
    person: int | None = None
    todo: frozenset[str] = frozenset()
    before: Facets | None = None
    after: Facets | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def new_event_id(at: datetime) -> str:
    """A unique id that sorts by time: 48 bits of milliseconds, 80 random bits."""
    return f"{int(at.timestamp() * 1000):012x}{token_hex(10)}"


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

    The event is kept as long as the ticket, or for so many `days`. It is a `put_new` under a new
    id, by which `operations.commit` recognises that a transaction has happened.
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
    """The writes that record a link in the history of either ticket. They have no consumers."""
    sides = ((child, {"parent": parent}), (parent, {"child": child}))
    return [ticket_event(kind, actor, ticket, at, todo=(), data=data) for ticket, data in sides]


def audit_event(
    kind: str, actor: Actor, at: datetime, *, todo: Iterable[Consumer] = (), data: Mapping[str, Any]
) -> Write:
    """The write that records a change of keys, catalogue or settings, a `put_new`; kept for
    AUDIT_DAYS.
    """
    key = audit_key(f"{at:%Y-%m-%d}", new_event_id(at))
    item = _new_item(key, kind, actor, at, todo=todo, data=data)
    item["ttl"] = seconds(at) + AUDIT_DAYS * 86_400
    return transact.put_new(key, item)


def day_of(day: datetime) -> str:
    """The partition that has the changes of a day."""
    return audit_key(f"{day:%Y-%m-%d}", "").pk


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
    if waiting := set(todo):
        item |= {"todo": waiting, "p10": TODO, "s10": f"{to_iso(at)}#{key.pk}#{key.sk}"}
    return item


def as_event(key: Key, item: Item) -> Event:
    """The event that an item of the Desk table holds.

    Raises:
        Damaged: It holds none.
    """
    with reading("event", key):
        values = dict(item, id=key, at=from_iso(item["at"]), key=item.get("by_key"))
        values["todo"] = frozenset(item.get("todo", ()))
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
"""What consumers need of the data of events of a kind."""

_NUMBERS = frozenset({"into", "source", "mention", "user", "accounting"})
_LISTS: Mapping[str, type] = {"tags": str, "words": str, "objects": str, "mentions": int}


def _check_data(event: Event) -> None:
    """Raises TypeError or KeyError where an event's data is none that its consumers can read."""
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
