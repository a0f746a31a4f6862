"""Changes of the catalogue, one way for all kinds of rows and for the settings.

A change reads the whole catalogue at a version, makes its row, checks the catalogue as it would be,
and writes the row together with the next version. Of two changes at once only one goes through, so
that rules of the whole (names are unique, what is named exists) always hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache, rows, stock
from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, Row, fold
from helpdesk.clock import now
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, NotAllowed, NotFound, Problem
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.keys import manage
from helpdesk.model.actor import Actor
from helpdesk.model.settings import Settings
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, catalogue_key, padded, person_key
from helpdesk.storage.transact import Cancelled, Write

T = TypeVar("T")
Values = Mapping[str, Any]

HIGHEST_CHOSEN_ID = 999_999_999
"""The highest id a caller may choose: sequences go on behind it, and ids must fit 32 bits."""

REFERENCES: dict[str, dict[str, str]] = {
    "departments": {
        "parent": "departments",
        "sla": "slas",
        "schedule": "schedules",
        "manager": "agents",
    },
    "topics": {
        "parent": "topics",
        "department": "departments",
        "priority": "priorities",
        "sla": "slas",
        "status": "statuses",
        "agent": "agents",
        "team": "teams",
    },
    "slas": {"schedule": "schedules"},
    "teams": {"lead": "agents", "members": "agents"},
    "agents": {"department": "departments", "departments": "departments"},
    SETTINGS: {
        "default_dept_id": "departments",
        "default_ticket_status_id": "statuses",
        "default_priority_id": "priorities",
        "default_help_topic": "topics",
        "default_sla_id": "slas",
        "default_schedule_id": "schedules",
    },
}
"""Which field of which kind names rows of which other kind."""

UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "departments": (("name", "parent"),),
    "topics": (("name", "parent"),),
    "priorities": (("name",), ("tag",)),
    "agents": (("email",), ("username",)),
    "fields": (("name", "form"),),
}
"""The fields that are unique among the rows of a kind; the name where a kind is not here."""

BUILT_IN: dict[str, set[int]] = {
    kind: {row.id for row in stock.ROWS[kind]} for kind in ("fields", "templates")
}
"""Rows that the desk itself relies on: they may be changed, but not renamed or removed."""

FIXED = {"fields": ("name", "form", "kind"), "templates": ("name",)}
"""What must stay as it is on a built-in row."""


# --- the changes ----------------------------------------------------------------------------


def list_rows(actor: Actor, kind: str) -> list[Row]:
    """All rows of a kind by id, private ones too.

    Raises:
        NotAllowed: The key is a customer's.
    """
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")
    return [row for _, row in sorted(_rows(cache.current(), kind).items())]


def find_row(actor: Actor, kind: str, number: int) -> Row:
    """One row as it is now.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is none.
    """
    for row in list_rows(actor, kind):
        if row.id == number:
            return row
    raise NotFound(kind, number)


def find_settings(actor: Actor) -> Settings:
    """The settings as they are now.

    Raises:
        NotAllowed: The key is a customer's.
    """
    if actor.customer is not None:
        raise NotAllowed("can_manage_desk")
    return cache.current().settings


def create_row(
    actor: Actor, kind: str, values: Values, once: IdempotencyRecord | None = None
) -> Row:
    """A new row, under the `id` among the values where there is one.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        Invalid: What the row names does not exist, or its parents form a circle.
        Conflict: `id_taken`, `name_taken`, `built_in`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the catalogue.
    """
    if kind == "templates":
        raise Conflict("built_in")
    chosen = values.get("id")
    if kind == "agents":
        if chosen is not None:
            sequences.reserve_id("person", chosen)
        number = chosen if chosen is not None else sequences.allocate_ids(person=1)["person"]
    else:
        number = chosen

    def make(before: Catalogue, last: Mapping[str, int]) -> _Change[Row]:
        known = _rows(before, kind)
        new = max(last.get(kind, 0), *known, 0) + 1 if number is None else number
        if new in known:
            raise Conflict("id_taken")
        row = KINDS[kind](**{**values, "id": new})
        after = _with(before, kind, {**known, new: row})
        _check_row(after, kind, row)
        return _Change(
            event="row_created",
            data={"kind": kind, "row": new},
            after=after,
            writes=new_row(kind, row),
            last={kind: max(last.get(kind, 0), new)},
            result=row,
        )

    return _change(actor, make, once)


def update_row(actor: Actor, kind: str, number: int, values: Values) -> Row:
    """A row with other values.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        NotFound: There is none.
        Invalid: What the row names does not exist, or its parents form a circle.
        Conflict: `name_taken`, `built_in`, `in_use`, `default_row`, `last_of_state`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[Row]:
        known = _rows(before, kind)
        old = _row(known, kind, number)
        row: Row = replace(old, **values)
        if number in BUILT_IN.get(kind, ()):
            for name in FIXED[kind]:
                if getattr(row, name) != getattr(old, name):
                    raise Conflict("built_in")
        if kind == "statuses" and getattr(row, "state", "") != getattr(old, "state", ""):
            # Counters count tickets by state, which must not change without an event.
            _refuse_in_tickets(kind, number)
        after = _with(before, kind, {**known, number: row})
        _check_row(after, kind, row)
        if _unfit_default(after):
            raise Conflict("default_row")
        return _Change(
            event="row_changed",
            data={"kind": kind, "row": number, "fields": sorted(values)},
            after=after,
            writes=[_put(kind, number, row)],
            result=row,
        )

    return _change(actor, make)


def delete_row(actor: Actor, kind: str, number: int) -> None:
    """Removes a row that nothing refers to any more.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        NotFound: There is none.
        Conflict: `in_use`, `built_in`, `last_of_state`, `last_row`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[None]:
        known = _rows(before, kind)
        _row(known, kind, number)
        if number in BUILT_IN.get(kind, ()):
            raise Conflict("built_in")
        if kind in REFERENCES[SETTINGS].values() and len(known) == 1:
            raise Conflict("last_row")
        if any(True for _ in _references_to(before, kind, number)):
            raise Conflict("in_use")
        if kind in {"departments", "agents"} and manage.is_referenced(kind, number):
            raise Conflict("in_use")
        _refuse_in_tickets(kind, number)
        rest = {other: row for other, row in known.items() if other != number}
        gone = [transact.delete(catalogue_key(kind, number))]
        if kind == "agents":
            gone.append(transact.delete(person_key(number)))
        return _Change(
            event="row_deleted",
            data={"kind": kind, "row": number},
            after=_with(before, kind, rest),
            writes=gone,
            result=None,
        )

    _change(actor, make)


def update_settings(actor: Actor, values: Values) -> Settings:
    """The settings with other values.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        Invalid: What a setting names does not exist or cannot be given to a new ticket.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[Settings]:
        settings = replace(before.settings, **values)
        after = replace(before, settings=settings)
        _check_references(after, SETTINGS, settings)
        if unfit := _unfit_default(after):
            raise Invalid(Problem(unfit, "unfit"))
        return _Change(
            event="settings_changed",
            data={"fields": sorted(values)},
            after=after,
            writes=[_put(SETTINGS, 0, settings)],
            result=settings,
        )

    return _change(actor, make)


# --- how a change is made -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change(Generic[T]):
    """A change: its event, the catalogue after it, its writes, and `last`, the highest id that any
    row of a kind has had.
    """

    event: str
    data: Item
    after: Catalogue
    writes: list[Write]
    result: T
    last: Mapping[str, int] = field(default_factory=dict)


def _change(
    actor: Actor,
    make: Callable[[Catalogue, Mapping[str, int]], _Change[T]],
    once: IdempotencyRecord | None = None,
) -> T:
    """Makes a change of the catalogue as it is, and again where somebody else was faster."""
    if actor.bound:
        # The catalogue is the whole desk's; a key that sees a part of it would change the rest.
        raise NotAllowed("can_manage_directory")
    for _ in transact.attempts():
        found = table.fetch([CATALOGUE_VERSION, *idempotency.first_keys(once)])
        idempotency.check(once, found)
        before = found.get(CATALOGUE_VERSION, {"n": 0})
        change = make(cache.current(found), before.get("last", {}))
        _check_states(change.after)
        event = history.audit_event(change.event, actor, now(), data=change.data)
        try:
            operations.commit(
                event,
                [_next_version(before, change), *change.writes],
                once=once,
                result=change.result,
            )
        except Cancelled as cancelled:
            if CATALOGUE_VERSION not in cancelled.failed:
                # All that is left is the person of an agent, under an id that somebody has.
                raise Conflict("id_taken") from cancelled
        else:
            return change.result
    raise ChangedUnderYou


def _next_version(before: Item, change: _Change[Any]) -> Write:
    """The write of the catalogue's next version; it fails where the version has changed."""
    return transact.put(
        CATALOGUE_VERSION,
        before | {"n": before["n"] + 1, "last": {**before.get("last", {}), **change.last}},
        condition="attribute_not_exists(pk) OR #n = :n",
        values={":n": before["n"]},
        names={"#n": "n"},
    )


def _rows(known: Catalogue, kind: str) -> Mapping[int, Row]:
    rows: Mapping[int, Row] = getattr(known, kind)
    return rows


def _with(known: Catalogue, kind: str, rows: Mapping[int, Row]) -> Catalogue:
    changed: dict[str, Any] = {kind: rows}
    return replace(known, **changed)


def _row(rows: Mapping[int, Row], kind: str, number: int) -> Row:
    if number not in rows:
        raise NotFound(kind, number)
    return rows[number]


def _put(kind: str, number: int, row: Row | Settings) -> Write:
    return transact.put(catalogue_key(kind, number), rows.as_item(row))


def new_row(kind: str, row: Row) -> list[Write]:
    """The writes that add a row. People and agents share one sequence of ids, so an agent takes the
    person's key as well.
    """
    person = transact.put_new(person_key(row.id), {"agent": row.id})
    return [_put(kind, row.id, row), *([person] if kind == "agents" else [])]


# --- what must hold -------------------------------------------------------------------------


def _named(value: object) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, int) else ()


def _check_references(known: Catalogue, kind: str, row: Row | Settings) -> None:
    """What a row names must exist. 0 in the settings is none, where there may be none."""
    optional = {"default_help_topic", "default_sla_id"}
    problems = [
        Problem(name, "unknown")
        for name, other in REFERENCES.get(kind, {}).items()
        for wanted in _named(getattr(row, name))
        if wanted not in _rows(known, other) and not (name in optional and wanted == 0)
    ]
    if problems:
        raise Invalid(*dict.fromkeys(problems))


def _check_row(known: Catalogue, kind: str, row: Row) -> None:
    _check_references(known, kind, row)
    if kind in {"departments", "topics"}:
        _check_parents(_rows(known, kind), row)
    for unique in UNIQUE.get(kind, (("name",),)):
        mine = [fold(getattr(row, name)) for name in unique]
        for other in _rows(known, kind).values():
            if other.id != row.id and [fold(getattr(other, name)) for name in unique] == mine:
                raise Conflict(f"{unique[0]}_taken")


def _check_parents(rows: Mapping[int, Any], row: Any) -> None:
    above, seen = row.parent, {row.id}
    while above is not None:
        if above in seen:
            raise Invalid(Problem("parent", "circular"))
        seen.add(above)
        above = rows[above].parent


def _unfit_default(known: Catalogue) -> str:
    """The setting whose default row exists, but cannot be given to a new ticket."""
    settings = known.settings
    if not known.departments[settings.default_dept_id].active:
        return "default_dept_id"
    if known.statuses[settings.default_ticket_status_id].state != "open":
        return "default_ticket_status_id"
    topic = known.topics.get(settings.default_help_topic)
    return "default_help_topic" if topic and not topic.active else ""


def _check_states(known: Catalogue) -> None:
    """Every desk can open and close: each of these states keeps a status."""
    if not {"open", "closed"} <= {row.state for row in known.statuses.values()}:
        raise Conflict("last_of_state")


def _references_to(known: Catalogue, kind: str, number: int) -> Iterator[str]:
    """The fields, anywhere in the catalogue, that name this row."""
    for other, names in REFERENCES.items():
        rows = [known.settings] if other == SETTINGS else list(_rows(known, other).values())
        for name in (name for name, target in names.items() if target == kind):
            yield from (name for row in rows if number in _named(getattr(row, name)))


def _refuse_in_tickets(kind: str, number: int) -> None:
    """Refuses a row that tickets are known to have.

    Raises:
        Conflict: `in_use`.
    """
    if kind == "agents":
        used = any(True for _ in table.query(padded(number), index="g08", limit=1))
    elif kind in _POSITION_IN_CELL:
        position = _POSITION_IN_CELL[kind]
        used = any(
            int(bucket["sk"].split("#")[position]) == number and bucket.get("n", 0) > 0
            for bucket in table.query("CELL", where="index")
        )
    else:
        return
    if used:
        raise Conflict("in_use")


_POSITION_IN_CELL = {"statuses": 0, "departments": 1, "topics": 2}
