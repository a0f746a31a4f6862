"""Changes of the catalogue, one way for all kinds of rows and for the settings.

A change reads the whole catalogue at a version, makes its row, checks the catalogue as it would be,
and writes the row together with the next version. Of two changes at once only one goes through, so
that rules of the whole (names are unique, what is named exists) always hold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, get_type_hints

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache, rows
from helpdesk.catalogue.rows import KINDS, SETTINGS, Catalogue, Row
from helpdesk.clock import now, seconds
from helpdesk.directory import rules, uses
from helpdesk.errors import (
    ChangedUnderYou,
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
from helpdesk.model.settings import Settings
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, catalogue_key, person_key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import Cancelled, Write

T = TypeVar("T")
Values = Mapping[str, Any]

HIGHEST_CHOSEN_ID = 999_999_999
"""The highest id a caller may choose: sequences go on behind it, and ids must fit 32 bits."""

MOST_BANNED = 1_000
"""Addresses on the ban list: it is one item with all other settings."""

# --- the changes ----------------------------------------------------------------------------


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
        return _Change(
            event="row_created",
            data={"kind": kind, "row": new},
            changes=history.differences({}, _told(row)),
            name=row.name,
            after=after,
            # Under the id of a damaged row, this mends it.
            writes=[_put(kind, new, row)] if new in damaged else new_row(kind, row),
            last=highest,
            result=row,
        )

    return _change(actor, make, once)


def update_row(
    actor: Actor,
    kind: str,
    number: int,
    values: Values,
    unchanged: Callable[[Row], None] | None = None,
) -> Row:
    """A row with other values. Where nothing would change, nothing is written. `unchanged` is asked
    about the row as it is, and raises where it is not what the caller has seen.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        NotFound: There is none.
        Invalid: What the row names does not exist, or its parents form a circle.
        Conflict: `name_taken`, `built_in`, `in_use`, `default_row`, `last_of_state`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, last: Mapping[str, int]) -> _Change[Row]:
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
        return _Change(
            event="row_changed",
            data={"kind": kind, "row": number, "fields": sorted(values)},
            changes=history.differences(_told(old), _told(row)),
            name=row.name,
            after=after,
            writes=[_put(kind, number, row)] if row != old else [],
            last=highest,
            result=row,
        )

    return _change(actor, make)


def delete_row(
    actor: Actor,
    kind: str,
    number: int,
    *,
    release: bool = False,
    unchanged: Callable[[Row], None] | None = None,
) -> Row | None:
    """Removes a row that nothing refers to any more; gives it as it was, None where it could not be
    read. A service leaves all who chose it. With `release`, tickets do not keep an agent: those
    that are open lose theirs within a second.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        NotFound: There is none.
        Conflict: `in_use`, `built_in`, `last_of_state`, `last_row`.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[Row | None]:
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
        return _Change(
            event="row_deleted",
            data={"kind": kind, "row": number},
            changes=history.differences(_told(known.get(number)), {}),
            name=getattr(known.get(number), "name", ""),
            after=_with(before, kind, rest),
            writes=gone,
            result=known.get(number),
            todo=("project",) if kind == "services" or release else (),
        )

    return _change(actor, make)


def order_rows(actor: Actor, kind: str, ids: Sequence[int]) -> list[Row]:
    """The rows of a kind that has an order, put into this one.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        NotFound: The kind has no order.
        Invalid: `ids` does not name every row once.
        ChangedUnderYou: Others kept changing the catalogue.
    """
    if kind not in SORTED:
        raise NotFound("order", kind)

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[list[Row]]:
        known = rules.rows_of(before, kind)
        if sorted(ids) != sorted(known):
            raise Invalid(Problem("ids", "order"))
        changed: dict[str, Any] = {}
        after: dict[int, Row] = {}
        for place, number in enumerate(ids, 1):
            changed["sort"] = place
            after[number] = replace(known[number], **changed)
        writes = [_put(kind, row.id, row) for row in after.values() if row != known[row.id]]
        earlier = sorted(known, key=lambda number: (getattr(known[number], "sort", 0), number))
        return _Change(
            event="rows_ordered",
            data={"kind": kind},
            changes=history.differences({"order": earlier}, {"order": list(ids)}),
            after=_with(before, kind, after),
            writes=writes,
            result=list(after.values()),
        )

    return _change(actor, make)


SORTED = frozenset(kind for kind, row in KINDS.items() if "sort" in get_type_hints(row))
"""The kinds whose rows have an order."""


def update_settings(
    actor: Actor, values: Values, unchanged: Callable[[Settings], None] | None = None
) -> Settings:
    """The settings with other values.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        Invalid: What a setting names does not exist or cannot be given to a new ticket.
        ChangedUnderYou: Others kept changing the catalogue.
    """

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[Settings]:
        if unchanged:
            unchanged(before.settings)
        settings = replace(before.settings, **values)
        after = replace(before, settings=settings)
        rules.check_references(after, SETTINGS, settings)
        if unfit := rules.unfit_default(after):
            raise Invalid(Problem(unfit, "unfit"))
        return _Change(
            event="settings_changed",
            data={"fields": sorted(values)},
            changes=history.differences(_told(before.settings), _told(settings)),
            after=after,
            writes=[_put(SETTINGS, 0, settings)],
            result=settings,
        )

    return _change(actor, make)


@dataclass(frozen=True, slots=True)
class BanList:
    """The ban list after a change, and what of it has come and gone by that."""

    addresses: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def update_ban_list(actor: Actor, add: Iterable[str], remove: Iterable[str]) -> BanList:
    """The ban list with some addresses more and some fewer, whatever others change of it meanwhile.
    What is there already is not added, what is not there not removed.

    Raises:
        NotAllowed: The key sees a part of the desk only.
        Invalid: `add` (`too_many`): there would be more than MOST_BANNED.
        ChangedUnderYou: Others kept changing the catalogue.
    """
    wanted, unwanted = tuple(dict.fromkeys(add)), frozenset(remove)

    def make(before: Catalogue, _last: Mapping[str, int]) -> _Change[BanList]:
        listed = before.settings.ban_list
        kept = tuple(one for one in listed if one not in unwanted)
        added = tuple(one for one in wanted if one not in kept)
        if len(kept) + len(added) > MOST_BANNED:
            raise Invalid(Problem("add", "too_many", detail=str(MOST_BANNED)))
        settings = replace(before.settings, ban_list=(*kept, *added))
        gone = tuple(one for one in listed if one not in settings.ban_list)
        new = tuple(one for one in added if one not in listed)
        return _Change(
            event="settings_changed",
            data={"fields": ["ban_list"]},
            changes=history.differences(_told(before.settings), _told(settings)),
            after=replace(before, settings=settings),
            writes=[_put(SETTINGS, 0, settings)] if new or gone else [],
            result=BanList(settings.ban_list, new, gone),
        )

    return _change(actor, make)


# --- how a change is made -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change(Generic[T]):
    """A change: its event, the catalogue after it, its writes, and `last`, the highest id that any
    row of a kind has had. `todo` names who does what follows from it. `changes` and `name` are for
    the audit: which fields have which values now, of what.
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
                # All that is left is the person of an agent, under an id that somebody has.
                raise Conflict("id_taken") from cancelled
        else:
            return change.result
    raise ChangedUnderYou


def _next_version(before: Item, change: _Change[Any]) -> Write:
    """The write of the catalogue's next version; it fails where the version has changed. One that
    is damaged is followed by one that no container can have seen.
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
    """The highest id that any row of a kind has had; none where that is damaged."""
    last: Mapping[str, int] = version.get("last", {})
    with suppress(Damaged), reading("catalogue version", CATALOGUE_VERSION):
        if not all(type(number) is int for number in last.values()):
            raise TypeError("last")
        return last
    return {}


def _told(row: Row | Settings | None) -> Item:
    """A row as the audit tells it; its id stands beside."""
    return {} if row is None else {n: v for n, v in rows.as_item(row).items() if n != "id"}


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


def _put(kind: str, number: int, row: Row | Settings) -> Write:
    return transact.put(catalogue_key(kind, number), rows.as_item(row))


def new_row(kind: str, row: Row) -> list[Write]:
    """The writes that add a row. People and agents share one sequence of ids, so an agent takes the
    person's key as well.
    """
    person = transact.put_new(person_key(row.id), {"agent": row.id})
    return [_put(kind, row.id, row), *([person] if kind == "agents" else [])]
