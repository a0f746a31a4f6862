"""How the catalogue changes: from one version to the next, the rows and settings together.

A change reads the whole catalogue at a version, builds its rows, checks the resulting catalogue,
and writes them together with the next version. Of two concurrent changes only one succeeds, so that
integrity rules (unique names, existing references) are always met.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache, rows
from helpdesk.catalogue.rows import SETTINGS, Catalogue, Row
from helpdesk.clock import now, seconds
from helpdesk.directory import rules
from helpdesk.errors import (
    ChangedUnderYou,
    Conflict,
    Damaged,
    NotAllowed,
)
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.settings import Settings
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, catalogue_key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import Cancelled, Write

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A change: its event, the catalogue after it, its writes, and `last`, the highest id that any
    row of a kind has had. `todo` names the consumers of its event. `changes` and `name` are for the
    audit log: the changed fields, and the name of the row.
    """

    event: str
    data: Item
    after: Catalogue
    writes: list[Write]
    result: T
    last: Mapping[str, int] = field(default_factory=dict)
    todo: tuple[history.Consumer, ...] = ()
    changes: Sequence[history.Difference] = ()
    name: str = ""


def change(
    actor: Actor,
    make: Callable[[Catalogue, Mapping[str, int]], Change[T]],
    once: IdempotencyRecord | None = None,
) -> T:
    """Changes the current catalogue, with retries on conflicts."""
    if actor.bound:
        # The catalogue belongs to the whole desk; a key that sees only part of it would change the
        # rest.
        raise NotAllowed("can_manage_directory")
    for _ in transact.attempts():
        found = table.fetch([CATALOGUE_VERSION, *idempotency.first_keys(once)])
        idempotency.check(once, found)
        before = found.get(CATALOGUE_VERSION, {})
        change = make(cache.current(found), _last_ids(before))
        if not change.writes:
            return change.result
        rules.check_states(change.after)
        event = history.audit_event(
            change.event,
            actor,
            now(),
            todo=change.todo,
            data=change.data,
            changes=change.changes,
            about=(change.data.get("kind", SETTINGS), change.data.get("row", 0), change.name),
        )
        try:
            operations.commit(
                event,
                [_next_version(before, change), *change.writes],
                once=once,
                result=change.result,
            )
        except Cancelled as cancelled:
            if CATALOGUE_VERSION not in cancelled.failed:
                # The only other cause is the person's item of a new agent, under an id that is
                # taken.
                raise Conflict("id_taken") from cancelled
        else:
            return change.result
    raise ChangedUnderYou


def _next_version(before: Item, change: Change[Any]) -> Write:
    """The write of the catalogue's next version; it fails if the version has changed. A damaged
    version is replaced by one that no container can have seen.
    """
    seen = before.get("n", 0)
    values: dict[str, Any] = {":n": seen}
    if known := type(seen) is int:
        condition = "attribute_not_exists(#n) OR #n = :n"
    else:
        condition = "NOT attribute_type(#n, :number) OR #n < :mended OR #n > :most"
        values = {":number": "N", ":mended": _MENDED, ":most": _MENDED * 10}
    following = {
        "n": seen + 1 if known else seconds(now()),
        "last": {**_last_ids(before), **change.last},
    }
    names = {"#n": "n"}
    return transact.put(
        CATALOGUE_VERSION, before | following, condition=condition, values=values, names=names
    )


_MENDED = 10**9
"""Versions that took the place of a damaged one, a time in seconds, are greater; no other is."""


def _last_ids(version: Item) -> Mapping[str, int]:
    """The highest id that any row of a kind has had; None if that is damaged."""
    last: Mapping[str, int] = version.get("last", {})
    with suppress(Damaged), reading("catalogue version", CATALOGUE_VERSION):
        if not all(type(number) is int for number in last.values()):
            raise TypeError("last")
        return last
    return {}


def told(row: Row | Settings | None) -> Item:
    """A row as shown in the audit log, without its id."""
    return {} if row is None else {n: v for n, v in rows.as_item(row).items() if n != "id"}


def put(kind: str, number: int, row: Row | Settings) -> Write:
    """The write of one row, or of the settings."""
    return transact.put(catalogue_key(kind, number), rows.as_item(row))
