"""Ids and names of states, priorities, groups, types, senders and roles, as stock Zammad has them
(docs/zammad.md 10 and 16), both ways.

Rows that an admin added to osTicket's stock keep their name; their id is the row's id plus BEYOND,
so that it never collides with one of Zammad's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpdesk.catalogue import stock
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.catalogue import Department, Priority, Status
from helpdesk.model.tickets import Phase, Ticket

BEYOND = 100

_STOCK_STATUSES = {row.id for row in stock.STATUSES}


@dataclass(frozen=True, slots=True)
class State:
    """A state. `type` is its type's id; `phase` and `status` are the desk's terms for it; `alike`
    are all statuses that are shown as this state.
    """

    id: int
    name: str
    type: int
    status: int
    alike: frozenset[int]
    phase: Phase | None = None
    active: bool = True


STATE_TYPES: Mapping[int, str] = {
    1: "new",
    2: "open",
    3: "pending reminder",
    4: "pending action",
    5: "closed",
    6: "merged",
    7: "removed",
}

NEW, OPEN, PENDING_REMINDER, CLOSED, MERGED, REMOVED, PENDING_CLOSE = range(1, 8)

_PHASES: Mapping[Phase, tuple[int, str, int]] = {
    "new": (NEW, "new", 1),
    "open": (OPEN, "open", 2),
    "pending_reminder": (PENDING_REMINDER, "pending reminder", 3),
    "pending_close": (PENDING_CLOSE, "pending close", 4),
}


def states(known: Catalogue) -> list[State]:
    """All states, by id."""
    open_, closed, gone = (_of(known, *one) for one in _KINDS)
    found = [
        State(number, name, kind, _status(known, "open"), frozenset(open_), phase)
        for phase, (number, name, kind) in _PHASES.items()
    ]
    closed_one = _status(known, "closed")
    found.append(State(CLOSED, "closed", 5, closed_one, frozenset(closed)))
    found.append(State(MERGED, "merged", 6, closed_one, frozenset(closed)))
    removed = min(gone, default=0)
    found.append(State(REMOVED, "removed", 7, removed, frozenset(gone), active=False))
    found += [
        State(
            BEYOND + row.id,
            row.name,
            2 if row.state == "open" else 5,
            row.id,
            frozenset({row.id}),
            "open" if row.state == "open" else None,
        )
        for row in known.statuses.values()
        if row.id not in _STOCK_STATUSES and row.state != "deleted"
    ]
    return sorted(found, key=lambda state: state.id)


_KINDS = (("open",), ("closed", "archived"), ("deleted",))


def _of(known: Catalogue, *kinds: str) -> list[int]:
    """The stock statuses of these kinds, which one of Zammad's own states represents."""
    rows = (row for row in known.statuses.values() if row.state in kinds)
    return [row.id for row in rows if row.id in _STOCK_STATUSES or row.state == "deleted"]


def _status(known: Catalogue, kind: str) -> int:
    """The status that a state sets: the default one, or the last one of the stock, which is
    `Closed`, not `Resolved`.
    """
    if kind == "open":
        return known.settings.default_ticket_status_id
    rows = [row.id for row in known.statuses.values() if row.state == kind]
    return max((row for row in rows if row in _STOCK_STATUSES), default=min(rows))


def state_of(ticket: Ticket, known: Catalogue) -> tuple[int, str]:
    """A ticket's state: its id and its name."""
    if ticket.merged_into is not None:
        return MERGED, "merged"
    status = known.statuses.get(ticket.status)
    if status is None or status.state == "deleted":
        return REMOVED, "removed"
    own = status.id not in _STOCK_STATUSES
    if status.state != "open":
        return _own(status) if own else (CLOSED, "closed")
    if own and ticket.stage in {"new", "open"}:
        return _own(status)
    number, name, _ = _PHASES[ticket.stage]
    return number, name


def _own(status: Status) -> tuple[int, str]:
    return BEYOND + status.id, status.name


# --- priorities -----------------------------------------------------------------------------

_TAGS: Mapping[str, tuple[int, str]] = {
    "low": (1, "1 low"),
    "normal": (2, "2 normal"),
    "high": (3, "3 high"),
}


@dataclass(frozen=True, slots=True)
class Rank:
    """A priority; `row` is the desk's row, `alike` are all rows that are shown as this one."""

    id: int
    name: str
    row: int
    alike: frozenset[int]


def priorities(known: Catalogue) -> list[Rank]:
    """All priorities, by id; an emergency is shown as high."""
    by_tag = {row.tag: row.id for row in known.priorities.values()}
    found = []
    for tag, (number, name) in _TAGS.items():
        if tag in by_tag:
            alike = {by_tag[one] for one in (tag, *_ALSO.get(tag, ())) if one in by_tag}
            found.append(Rank(number, name, by_tag[tag], frozenset(alike)))
    taken = {row for rank in found for row in rank.alike}
    found += [
        Rank(BEYOND + row.id, row.name, row.id, frozenset({row.id}))
        for row in known.priorities.values()
        if row.id not in taken
    ]
    return sorted(found, key=lambda rank: rank.id)


_ALSO: Mapping[str, tuple[str, ...]] = {"high": ("emergency",)}


def priority_of(row: int, known: Catalogue) -> tuple[int, str]:
    """The Zammad id and name of one of the desk's priorities."""
    priority = known.priorities.get(row)
    if priority is None:
        return _TAGS["normal"]
    tag = "high" if priority.tag in _ALSO["high"] and _has(known, "high") else priority.tag
    return _TAGS.get(tag) or (BEYOND + priority.id, priority.name)


def _has(known: Catalogue, tag: str) -> bool:
    return any(row.tag == tag for row in known.priorities.values())


def urgency(rank: Rank, known: Catalogue) -> Priority:
    """The desk's row of a priority."""
    return known.priorities[rank.row]


# --- groups ---------------------------------------------------------------------------------

USERS = "Users"
"""The name of stock Zammad's only group."""


def group_name(department: Department, known: Catalogue) -> str:
    """The full name of a group, `Parent::Child`; the default department is `Users`."""
    return "::".join(reversed([*_line(department, known)]))


def _line(department: Department, known: Catalogue) -> Iterator[str]:
    row: Department | None = department
    for _ in range(len(known.departments)):
        if row is None:
            return
        is_default = row.id == 1 == known.settings.default_dept_id
        yield USERS if is_default else row.name
        row = known.departments.get(row.parent or 0)


def find_group(name: str, known: Catalogue) -> Department | None:
    """A group by its full name, or by the desk's own name."""
    rows = sorted(known.departments.values(), key=lambda row: row.id)
    named = [row for row in rows if group_name(row, known) == name]
    return next(iter([*named, *(row for row in rows if row.name == name)]), None)


# --- articles -------------------------------------------------------------------------------

TYPES: Mapping[str, int] = {
    "email": 1,
    "sms": 2,
    "chat": 3,
    "fax": 4,
    "phone": 5,
    "twitter status": 6,
    "twitter direct-message": 7,
    "facebook feed post": 8,
    "facebook feed comment": 9,
    "note": 10,
    "web": 11,
    "telegram personal-message": 12,
}
"""Zammad's article types with their ids, by the channels of entries."""

SENDERS: Mapping[str, tuple[int, str]] = {
    "agent": (1, "Agent"),
    "customer": (2, "Customer"),
    "system": (3, "System"),
}

ROLES: Mapping[int, str] = {1: "Admin", 2: "Agent", 3: "Customer"}

NOBODY_LOGIN = "-"
