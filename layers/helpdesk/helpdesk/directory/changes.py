"""Changes of the catalogue's rows, one way for all kinds (`versions`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_type_hints

from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, Row
from helpdesk.directory import rules, uses, versions
from helpdesk.errors import (
    Conflict,
    Damaged,
    InUse,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
)
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Topic
from helpdesk.storage import sequences, transact
from helpdesk.storage.keys import catalogue_key, person_key
from helpdesk.storage.transact import Write

Values = Mapping[str, Any]

HIGHEST_CHOSEN_ID = 999_999_999
"""The highest id a caller may choose: sequences continue after it, and ids must fit 32 bits."""


def list_rows(actor: Actor, kind: str) -> list[Row]:
    """All rows of a kind by id, private ones too.

    Raises:
        NotAllowed: The key is a customer's.
    """
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")
    return [row for _, row in sorted(rules.rows_of(cache.current(), kind).items())]


def find_row(actor: Actor, kind: str, number: int) -> Row:
    """One row as it is now.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is none.
    """
    for row in list_rows(actor, kind):
        if row.id == number:
            return row
    _check_damaged(cache.seen(), kind, number)
    raise NotFound(kind, number)


def create_row(
    actor: Actor, kind: str, values: Values, once: IdempotencyRecord | None = None
) -> Row:
    """Creates a row, with the `id` in the values, if given.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Invalid: Something that the row names does not exist, or its parents form a cycle.
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

    def make(before: Catalogue, last: Mapping[str, int]) -> versions.Change[Row]:
        known = rules.rows_of(before, kind)
        damaged = before.damaged.get(kind, frozenset())
        taken = {*known, *(rules.field_ids(before) if kind == "fields" else ())}
        new = max(last.get(kind, 0), *taken, *damaged, 0) + 1 if number is None else number
        if new in taken:
            raise Conflict("id_taken")
        row = KINDS[kind](**{**values, "id": new})
        highest = {kind: max(last.get(kind, 0), new)}
        if isinstance(row, Topic):
            row, highest["fields"] = rules.number_fields(before, row, last.get("fields", 0))
        after = _with(before, kind, {**known, new: row})
        rules.check_row(after, kind, row)
        return versions.Change(
            event="row_created",
            data={"kind": kind, "row": new},
            changes=history.differences({}, versions.told(row)),
            name=row.name,
            after=after,
            # With the id of a damaged row, this repairs it.
            writes=[versions.put(kind, new, row)] if new in damaged else new_row(kind, row),
            last=highest,
            result=row,
        )

    return versions.change(actor, make, once)


def update_row(
    actor: Actor,
    kind: str,
    number: int,
    values: Values,
    unchanged: Callable[[Row], None] | None = None,
) -> Row:
    """Changes a row. If nothing would change, nothing is written. `unchanged` is called with the
    current row, and raises if it is not the one that the caller has seen.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is none.
        Invalid: Something that the row names does not exist, or its parents form a cycle.
        Conflict: `name_taken`, `built_in`, `in_use`, `default_row`, `last_of_state`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, last: Mapping[str, int]) -> versions.Change[Row]:
        known = rules.rows_of(before, kind)
        _check_damaged(before, kind, number)
        old = _row(known, kind, number)
        if unchanged:
            unchanged(old)
        row: Row = replace(old, **values)
        highest: dict[str, int] = {}
        if isinstance(row, Topic) and "fields" in values:
            row, highest["fields"] = rules.number_fields(before, row, last.get("fields", 0))
        if number in rules.BUILT_IN.get(kind, ()):
            for name in rules.FIXED[kind]:
                if getattr(row, name) != getattr(old, name):
                    raise Conflict("built_in")
        if kind == "statuses" and getattr(row, "state", "") != getattr(old, "state", ""):
            # Counters count tickets by state, which must not change without an event.
            uses.refuse_in_tickets(kind, number)
        after = _with(before, kind, {**known, number: row})
        rules.check_row(after, kind, row)
        if rules.unfit_default(after):
            raise Conflict("default_row")
        return versions.Change(
            event="row_changed",
            data={"kind": kind, "row": number, "fields": sorted(values)},
            changes=history.differences(versions.told(old), versions.told(row)),
            name=row.name,
            after=after,
            writes=[versions.put(kind, number, row)] if row != old else [],
            last=highest,
            result=row,
        )

    return versions.change(actor, make)


def delete_row(
    actor: Actor,
    kind: str,
    number: int,
    *,
    release: bool = False,
    unchanged: Callable[[Row], None] | None = None,
) -> Row | None:
    """Removes a row that is no longer referenced; returns it as it was, None if it was damaged.
    Subscriptions to a deleted service end. With `release`, an agent may be assigned to tickets:
    open ones are unassigned within a second.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is none.
        Conflict: `in_use`, `built_in`, `last_of_state`, `last_row`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> versions.Change[Row | None]:
        known = rules.rows_of(before, kind)
        damaged = number in before.damaged.get(kind, ())
        if not damaged:
            old = _row(known, kind, number)
            if unchanged:
                unchanged(old)
        if number in rules.BUILT_IN.get(kind, ()):
            raise Conflict("built_in")
        if kind in rules.REFERENCES[SETTINGS].values() and known.keys() == {number}:
            raise Conflict("last_row")
        used = uses.of_row(before, kind, number, tickets=not release)
        if used.first:
            raise InUse(used.first, used)
        rest = {other: row for other, row in known.items() if other != number}
        gone = [transact.delete(catalogue_key(kind, number))]
        if kind == "agents":
            gone.append(transact.delete(person_key(number)))
        return versions.Change(
            event="row_deleted",
            data={"kind": kind, "row": number},
            changes=history.differences(versions.told(known.get(number)), {}),
            name=getattr(known.get(number), "name", ""),
            after=_with(before, kind, rest),
            writes=gone,
            result=known.get(number),
            todo=("project",) if kind == "services" or release else (),
        )

    return versions.change(actor, make)


def order_rows(actor: Actor, kind: str, ids: Sequence[int]) -> list[Row]:
    """The rows of a kind that has an order, put into this one.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: The kind has no order.
        Invalid: `ids` does not name every row once.
        ChangedUnderYou: Others kept changing the catalogue.
    """
    if kind not in SORTED:
        raise NotFound("order", kind)

    def make(before: Catalogue, _last: Mapping[str, int]) -> versions.Change[list[Row]]:
        known = rules.rows_of(before, kind)
        if sorted(ids) != sorted(known):
            raise Invalid(Problem("ids", "order"))
        changed: dict[str, Any] = {}
        after: dict[int, Row] = {}
        for place, number in enumerate(ids, 1):
            changed["sort"] = place
            after[number] = replace(known[number], **changed)
        writes = [versions.put(kind, row.id, row) for row in after.values() if row != known[row.id]]
        earlier = sorted(known, key=lambda number: (getattr(known[number], "sort", 0), number))
        return versions.Change(
            event="rows_ordered",
            data={"kind": kind},
            changes=history.differences({"order": earlier}, {"order": list(ids)}),
            after=_with(before, kind, after),
            writes=writes,
            result=list(after.values()),
        )

    return versions.change(actor, make)


SORTED = frozenset(kind for kind, row in KINDS.items() if "sort" in get_type_hints(row))
"""The kinds whose rows have an order."""


def _with(known: Catalogue, kind: str, rows: Mapping[int, Row]) -> Catalogue:
    changed: dict[str, Any] = {kind: rows}
    return replace(known, **changed)


def _check_damaged(known: Catalogue, kind: str, number: int) -> None:
    if number in known.damaged.get(kind, ()):
        raise Damaged(kind)


def _row(rows: Mapping[int, Row], kind: str, number: int) -> Row:
    if number not in rows:
        raise NotFound(kind, number)
    return rows[number]


def new_row(kind: str, row: Row) -> list[Write]:
    """The writes that add a row. People and agents share one sequence of ids, so an agent takes the
    person's key as well.
    """
    person = transact.put_new(person_key(row.id), {"agent": row.id})
    return [versions.put(kind, row.id, row), *([person] if kind == "agents" else [])]
