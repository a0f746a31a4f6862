"""A ticket's history as a list of changes, made from its events (docs/zammad.md 17.20).

Each event holds one or more changes. A change is numbered by its position, which is stable, since
events are only appended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from helpdesk.events import history
from helpdesk.events.history import Event
from helpdesk.model.actor import NOBODY, THE_DESK
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, ticket_key
from helpdesk.storage.reading import readable, reading

What = Literal["created", "updated", "added", "removed", "merged_into", "received_merge"]

JOBS = frozenset({"tombstone"})
"""Kinds of events that are jobs, not history."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One change of a ticket.

    `thing` is what has changed: the ticket, an entry or a link. `field` names the desk's field
    whose value was `before` and is `after`, as stored: ids of rows, people and tickets, stored
    times.
    """

    id: int
    at: datetime
    by: int
    what: What
    thing: Literal["ticket", "entry", "link", "mention"] = "ticket"
    number: int = 0
    field: str = ""
    before: Any = None
    after: Any = None

    @property
    def names_another(self) -> bool:
        """Whether `number` is that of another ticket, which was linked or merged."""
        return self.thing == "link" or self.what in {"merged_into", "received_merge"}


Change = tuple[What, str, int, str, Any, Any]


def read(ticket: int, newest: int | None = None) -> list[Happening]:
    """The history of a ticket, oldest first; of a long one only the `newest` changes, if given. One
    round trip per MB.
    """
    rows = table.query(ticket_key(ticket).pk, begins="V#")
    found = list(happenings(readable(_as_event, rows)))
    return found[-newest:] if newest else found


def _as_event(row: Item) -> Event:
    return history.as_event(Key(row["pk"], row["sk"]), row)


def happenings(events: Iterator[Event]) -> Iterator[Happening]:
    """The changes in the events of one ticket, in order."""
    count = 0
    for event in events:
        for what, thing, number, field, before, after in next(readable(_read, [event]), ()):
            count += 1
            yield Happening(
                id=count,
                at=event.at,
                by=_author(event),
                what=what,
                thing=thing,  # type: ignore[arg-type]
                number=number,
                field=field,
                before=before,
                after=after,
            )


def _author(event: Event) -> int:
    if event.agent is not None:
        return event.agent
    person = event.person if event.person != NOBODY else None
    return person or THE_DESK


def _read(event: Event) -> list[Change]:
    with reading("event", event.id):
        found = list(_changes(event))
        for _, _, number, field, before, after in found:
            fits = _ID if field in _BY_ID else _VALUE
            if not (type(number) is int and isinstance(field, str)):
                raise TypeError("number")
            if not (isinstance(before, fits) and isinstance(after, fits)):
                raise TypeError(field)
    return found


_BY_ID = frozenset({"status", "priority", "department", "agent", "person", "user"})
_ID = (int, type(None))
_VALUE = (str, int, float, list, tuple, Mapping, type(None))


def _changes(event: Event) -> Iterator[Change]:
    if event.kind in JOBS:
        return
    read_kind = _KINDS.get(event.kind)
    if read_kind is not None:
        yield from read_kind(event)


# --- one function per kind of event ---------------------------------------------------------


def _value(field: str, before: Any, after: Any) -> Change:
    return ("updated", "ticket", 0, field, before, after)


def _created(event: Event) -> Iterator[Change]:
    yield ("created", "ticket", event.ticket or 0, "", None, None)
    if "entry" in event.data:
        yield ("created", "entry", event.data["entry"], "", None, None)


def _entry(event: Event) -> Iterator[Change]:
    yield ("created", "entry", event.data.get("entry", 0), "", None, None)


def _status(event: Event) -> Iterator[Change]:
    data = event.data
    before = data.get("from", event.before.status if event.before else None)
    after = data.get("to", data.get("status", event.after.status if event.after else None))
    yield _value("status", before, after)


def _agent(event: Event) -> Iterator[Change]:
    before = event.before.agent or None if event.before else event.data.get("from")
    if event.kind == "released":
        yield _value("agent", event.data.get("agent"), None)
    else:
        yield _value("agent", before, event.data.get("agent"))


def _from_to(field: str) -> Callable[[Event], Iterator[Change]]:
    def changes(event: Event) -> Iterator[Change]:
        yield _value(field, event.data.get("from"), event.data.get("to"))

    return changes


def _edited(event: Event) -> Iterator[Change]:
    for field, values in event.data.items():
        if isinstance(values, list) and len(values) == 2:
            yield _value(field, values[0], values[1])


def _overdue(_event: Event) -> Iterator[Change]:
    yield _value("overdue", False, True)


def _link(event: Event) -> Iterator[Change]:
    what: What = "added" if event.kind == "linked" else "removed"
    data = event.data
    kind, other = data.get("kind"), data.get("ticket", 0)
    for name in ("parent", "child"):
        if name in data:
            kind, other = name, data[name]
    yield (what, "link", other, kind or "normal", *_sides(what, other))


def _sides(what: What, value: Any) -> tuple[Any, Any]:
    return (None, value) if what == "added" else (value, None)


def _tags(event: Event) -> Iterator[Change]:
    what: What = "added" if event.kind == "tagged" else "removed"
    for name in event.data["tags"]:
        yield (what, "ticket", 0, "tag", *_sides(what, name))


def _mention(event: Event) -> Iterator[Change]:
    what: What = "created" if event.kind == "mentioned" else "removed"
    user = event.data.get("user")
    yield (
        what,
        "mention",
        event.data.get("mention", 0),
        "user",
        *_sides("added" if what == "created" else "removed", user),
    )


def _accounted(event: Event) -> Iterator[Change]:
    yield _value("time_unit", event.data.get("from"), event.data.get("to"))


def _merged(event: Event) -> Iterator[Change]:
    data = event.data
    if "into" in data:
        if event.before and event.after:
            yield _value("status", event.before.status, event.after.status)
            if event.before.agent:
                yield _value("agent", event.before.agent, None)
        yield ("merged_into", "ticket", data["into"], "", event.ticket, data["into"])
    else:
        yield ("received_merge", "ticket", data["source"], "", data["source"], event.ticket)


def _entry_changed(event: Event) -> Iterator[Change]:
    data = event.data
    for field, values in data.items():
        if isinstance(values, list) and len(values) == 2:
            yield ("updated", "entry", data.get("entry", 0), field, values[0], values[1])


def _entry_deleted(event: Event) -> Iterator[Change]:
    yield ("removed", "entry", event.data.get("entry", 0), "", None, None)


_KINDS: Mapping[str, Callable[[Event], Iterator[Change]]] = {
    "created": _created,
    "message": _entry,
    "response": _entry,
    "note": _entry,
    "status": _status,
    "closed": _status,
    "reopened": _status,
    "transferred": _from_to("department"),
    "assigned": _agent,
    "released": _agent,
    "edited": _edited,
    "overdue": _overdue,
    "customer_changed": _from_to("person"),
    "phase": _from_to("phase"),
    "woken": _from_to("phase"),
    "linked": _link,
    "unlinked": _link,
    "tagged": _tags,
    "untagged": _tags,
    "mentioned": _mention,
    "unmentioned": _mention,
    "accounted": _accounted,
    "merged": _merged,
    "entry_changed": _entry_changed,
    "entry_deleted": _entry_deleted,
}
"""The changes in each kind of event; other kinds are no change of the ticket."""
