"""Changes of the catalogue, one way for all kinds of rows and for the settings.

A change reads the whole catalogue at a version, makes the one it wants, checks that as a whole,
and writes the row together with the next version. Two changes at once cannot both go through, so
that every rule that holds for the whole (names are unique, what is named exists) always holds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from helpdesk import idempotency
from helpdesk.catalogue import cache, rows, stock
from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, Row, fold
from helpdesk.clock import now
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
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
"""The fields that tell two rows of a kind apart; the name where a kind is not here."""

BUILT_IN: dict[str, set[int]] = {
    kind: {row.id for row in stock.ROWS[kind]} for kind in ("fields", "templates")
}
"""Rows that the desk itself relies on: they may be changed, but not renamed or removed."""

FIXED = {"fields": ("name", "form", "kind"), "templates": ("name",)}
"""What must stay as it is on a built-in row."""


# --- the changes ----------------------------------------------------------------------------


def list_rows(actor: Actor, kind: str) -> list[Row]:
    """All rows of a kind by id, private ones too. Errors: NotAllowed for a customer's key."""
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")
    return [row for _, row in sorted(_rows(cache.current(), kind).items())]


def find_row(actor: Actor, kind: str, number: int) -> Row:
    """One row as it is now. Errors: NotAllowed for a customer's key, NotFound."""
    for row in list_rows(actor, kind):
        if row.id == number:
            return row
    raise NotFound(kind, number)


def find_settings(actor: Actor) -> Settings:
    """The settings as they are now. Errors: NotAllowed for a customer's key."""
    if actor.customer is not None:
        raise NotAllowed("can_manage_desk")
    return cache.current().settings


def create_row(
    actor: Actor, kind: str, values: Values, once: IdempotencyRecord | None = None
) -> Row:
    """A new row. `id` among the values is honoured where it is free.

    Errors: NotAllowed for a key bound to a part of the desk, Invalid, Conflict (`id_taken`,
    `name_taken`, `built_in`), AlreadyAnswered, KeyReused, ChangedUnderYou.
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
    """A row with other values. Errors: NotAllowed, NotFound, Invalid, Conflict (`name_taken`,
    `built_in`, `in_use`, `default_row`, `last_of_state`), ChangedUnderYou.
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
            # Counters know tickets by state: it must not change below them.
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
    """Removes a row that nothing refers to any more. Errors: NotAllowed, NotFound, Conflict
    (`in_use`, `built_in`, `last_of_state`, `last_row`), ChangedUnderYou.
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
    """The settings with other values. Errors: NotAllowed, Invalid, ChangedUnderYou."""

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
    """What a change does: the catalogue after it, its writes, its event, the ids it uses up."""

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
    if actor.bound:
        # The catalogue is the whole desk's; a key that sees a part of it would change the rest.
        raise NotAllowed("can_manage_directory")

    def attempt() -> T:
        found = table.fetch([CATALOGUE_VERSION, *idempotency.first_keys(once)])
        idempotency.check(once, found)
        moved = found.get(CATALOGUE_VERSION, {"n": 0})
        change = make(cache.current(found), moved.get("last", {}))
        _check_states(change.after)
        at = now()
        event = history.audit_event(change.event, actor, at, data=change.data)
        item = moved | {
            "n": moved["n"] + 1,
            "last": {**moved.get("last", {}), **change.last},
            "event": event.key.sk,
        }
        version = transact.put(
            CATALOGUE_VERSION,
            item,
            condition="attribute_not_exists(pk) OR #n = :n",
            values={":n": moved["n"]},
            names={"#n": "n"},
        )
        answer = [once.write(change.result, at)] if once else []
        try:
            transact.commit([version, *change.writes, event, *answer])
        except Cancelled as cancelled:
            standing = cancelled.failed.get(CATALOGUE_VERSION)
            if standing and standing.get("event") == event.key.sk:
                return change.result
            idempotency.check(once, cancelled.failed)
            if CATALOGUE_VERSION in cancelled.failed or not cancelled.failed:
                raise Cancelled({}, conflict=True) from cancelled
            # All that is left is the person of an agent, under an id that somebody has.
            raise Conflict("id_taken") from cancelled
        return change.result

    return transact.retried(attempt)


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
    """The writes that add a row. People and agents share their ids: an agent's is also taken where
    a person's would stand.
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
    for told_by in UNIQUE.get(kind, (("name",),)):
        mine = [fold(getattr(row, name)) for name in told_by]
        for other in _rows(known, kind).values():
            if other.id != row.id and [fold(getattr(other, name)) for name in told_by] == mine:
                raise Conflict(f"{told_by[0]}_taken")


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
    """Refuses where tickets are known to have this row. Errors: Conflict."""
    if kind == "agents":
        used = any(True for _ in table.query(padded(number), index="g08", limit=1))
    elif kind in _PLACE_IN_CELL:
        place = _PLACE_IN_CELL[kind]
        used = any(
            int(cell["sk"].split("#")[place]) == number and cell.get("n", 0) > 0
            for cell in table.query("CELL", where="index")
        )
    else:
        return
    if used:
        raise Conflict("in_use")


_PLACE_IN_CELL = {"statuses": 0, "departments": 1, "topics": 2}
