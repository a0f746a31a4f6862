"""The list of tags: every tag that a ticket has had, or that an admin has created.

A ticket stores the names of its tags; the list is derived from events, so that no two creates write
the same item (docs/aws.md m16). Names that differ only in case are one tag, spelled as in the list.
A tag that was renamed or deleted leaves a mark under its old name for a day, for tickets that got
it concurrently (`tickets.tags`).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk import idempotency, operations, text
from helpdesk.catalogue.rows import fold
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import ChangedUnderYou, Damaged, Invalid, NotAllowed, NotFound, Problem
from helpdesk.events.history import audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.relations import Tag
from helpdesk.storage import aws, sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, TAGS, Key, tag_key, tag_pointer_key
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, Write

LONGEST_NAME = 250
"""Characters of a tag's name."""

MOST_FOUND = 10
"""Tags that a search returns at most."""

MARKED = timedelta(days=1)
"""How long the mark of a renamed or deleted tag is kept."""


# --- names ----------------------------------------------------------------------------------


def clean(name: str) -> str:
    """A tag's name as stored: on one line, without surrounding space."""
    return text.one_line(text.strip_controls(name))[:LONGEST_NAME].strip()


def folded(name: str) -> str:
    """A tag's name in the form for comparisons and keys."""
    return fold(name)[:LONGEST_NAME]


def key_of(name: str) -> Key:
    """The key of a tag's row in the list."""
    return tag_key(folded(name))


def spelled(name: str, found: Mapping[Key, Item]) -> str:
    """A name as the list spells it; `found` has the rows."""
    return str(found.get(key_of(name), {}).get("name") or name)


def listed(name: str, found: Mapping[Key, Item]) -> bool:
    """Whether the list has a tag; `found` has the rows."""
    return "id" in found.get(key_of(name), {})


def check_may_make(actor: Actor) -> None:
    """Refuses an actor who may not change the list.

    Raises:
        NotAllowed: The key lacks `can_manage_directory`, or sees only part of the desk.
    """
    if actor.bound or not actor.may("can_manage_directory"):
        raise NotAllowed("can_manage_directory")


# --- reading --------------------------------------------------------------------------------


def list_tags() -> list[Tag]:
    """All tags by name, each with the number of its tickets. One round trip.

    The numbers follow the tickets within seconds.
    """
    rows, counted, _version = aws.together(
        lambda: list(table.query(TAGS)),
        lambda: list(table.query(TAGS, where="index", consistent=False)),
        # It tells which generation to read.
        lambda: list(table.fetch([CATALOGUE_VERSION]).values()),
    )
    counts = dict(readable(_counted, counted))
    found = [
        replace(tag, count=max(0, counts.get(folded(tag.name), 0)))
        for tag in readable(as_tag, (row for row in rows if "left" not in row))
    ]
    return sorted(found, key=lambda tag: (folded(tag.name), tag.id))


def as_tag(row: Item) -> Tag:
    """The tag that a row of the list holds.

    Raises:
        Damaged: It holds none.
    """
    with reading("tag", row):
        tag = make(Tag, {name: row[name] for name in ("id", "name")})
        if key_of(tag.name).sk != row["sk"]:
            raise ValueError("name")
    return tag


def _counted(item: Item) -> tuple[str, int]:
    with reading("count", item):
        count = item.get("n", 0)
        if type(count) is not int:
            raise TypeError("n")
    return item["sk"], count


def search_tags(term: str) -> list[Tag]:
    """The tags whose names contain a text (ignoring case), by name; the most used ones if it is
    blank. At most MOST_FOUND; one round trip.
    """
    found = list_tags()
    if wanted := fold(term):
        return [tag for tag in found if wanted in folded(tag.name)][:MOST_FOUND]
    return sorted(found, key=lambda tag: -tag.count)[:MOST_FOUND]


# --- changing the list ----------------------------------------------------------------------


def create_tag(actor: Actor, name: str, once: IdempotencyRecord | None = None) -> Tag:
    """Adds a tag to the list; returns it, new or existing. Three round trips.

    Raises:
        Invalid: `name` is blank.
        NotAllowed: `check_may_make`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the tag.
    """
    check_may_make(actor)
    wanted = _named(name)
    for _ in transact.attempts():
        found = table.fetch([key_of(wanted), *idempotency.first_keys(once)])
        idempotency.check(once, found)
        if listed(wanted, found):
            made = as_tag(found[key_of(wanted)])
            idempotency.record_answer(once, made)
            return made
        made = Tag(sequences.allocate_ids(tag=1)["tag"], wanted)
        event = audit_event("tag_created", actor, now(), data={"tag": made.id, "name": wanted})
        try:
            operations.commit(event, _new_row(made), once=once, result=made)
        except Cancelled:
            continue
        return made
    raise ChangedUnderYou


def rename_tag(actor: Actor, number: int, name: str) -> Tag:
    """Renames a tag, at once in the list and then in all tickets. If the list already has the new
    name, the two are merged. Three round trips.

    Raises:
        Invalid: `name` is blank.
        NotAllowed: `check_may_make`.
        NotFound: There is no such tag.
        ChangedUnderYou: Others kept changing the tag.
    """
    check_may_make(actor)
    wanted = _named(name)
    for _ in transact.attempts():
        before = _read(number)
        if before.name == wanted:
            return before
        found = table.fetch([key_of(wanted)])
        at, same = now(), folded(before.name) == folded(wanted)
        if listed(wanted, found) and not same:
            after = as_tag(found[key_of(wanted)])
            writes = [_left(before, at, after.name), transact.delete(tag_pointer_key(number))]
        else:
            after = Tag(number, wanted)
            pointer = transact.put(tag_pointer_key(number), {"name": wanted})
            writes = [_row(after, same=before if same else None), pointer]
            writes += [] if same else [_left(before, at, wanted)]
        data = {"tag": number, "from": before.name, "to": after.name}
        if _committed(audit_event("tag_renamed", actor, at, todo=["project"], data=data), writes):
            return after
    raise ChangedUnderYou


def delete_tag(actor: Actor, number: int) -> None:
    """Removes a tag, from the list at once and from all tickets after it. Two round trips.

    Raises:
        NotAllowed: `check_may_make`.
        NotFound: There is no such tag.
        ChangedUnderYou: Others kept changing the tag.
    """
    check_may_make(actor)
    for _ in transact.attempts():
        before, at = _read(number), now()
        event = audit_event(
            "tag_deleted", actor, at, todo=["project"], data={"tag": number, "from": before.name}
        )
        if _committed(event, [_left(before, at), transact.delete(tag_pointer_key(number))]):
            return
    raise ChangedUnderYou


def _named(name: str) -> str:
    wanted = clean(name)
    if not wanted:
        raise Invalid(Problem("name", "required"))
    return wanted


def _read(number: int) -> Tag:
    pointer = table.get(tag_pointer_key(number))
    if pointer is None:
        raise NotFound("tag", number)
    with reading("tag", pointer):
        return make(Tag, {"id": number, "name": pointer["name"]})


def _committed(event: Write, writes: Iterable[Write]) -> bool:
    try:
        operations.commit(event, writes)
    except Cancelled:
        return False
    return True


# --- rows -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a renamed or deleted tag: `to` is its new name, empty if it was deleted."""

    at: datetime
    to: str


def mark_of(name: str, found: Mapping[Key, Item]) -> Mark | None:
    """The mark under a tag's old name; None if there is none, or it is damaged. `found` has the
    rows.
    """
    row = found.get(key_of(name), {})
    if "left" not in row:
        return None
    with suppress(Damaged), reading("tag", row):
        return make(Mark, {"at": from_iso(row["left"]), "to": row.get("to", "")})
    return None


def add_rows(names: Iterable[str]) -> None:
    """Adds tags to the list that are not in it. Idempotent.

    Raises:
        ChangedUnderYou: Others kept changing one of the rows.
    """
    for name in names:
        made = Tag(sequences.allocate_ids(tag=1)["tag"], name)
        try:
            transact.commit_retried(_new_row(made))
        except Cancelled:
            continue  # Another delivery, or an admin, has put it there.


def _new_row(tag: Tag) -> list[Write]:
    return [_row(tag), transact.put(tag_pointer_key(tag.id), {"name": tag.name})]


def _row(tag: Tag, same: Tag | None = None) -> Write:
    """The write of a tag's row, which is new or replaces a mark, or the `same` tag."""
    row = {"id": tag.id, "name": tag.name}
    if same is None:
        return transact.put(key_of(tag.name), row, condition="attribute_not_exists(id)")
    return _row_of(same, row)


def _left(tag: Tag, at: datetime, to: str = "") -> Write:
    mark = {"left": to_iso(at), "to": to, "ttl": seconds(at + MARKED)}
    return _row_of(tag, mark)


def _row_of(tag: Tag, row: Item) -> Write:
    """The write that replaces a tag's row, if it is still that of this tag, with this name."""
    return transact.put(
        key_of(tag.name),
        row,
        condition="id = :id AND #name = :was",
        values={":id": tag.id, ":was": tag.name},
        names={"#name": "name"},
    )
