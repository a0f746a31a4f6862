"""Migrates stored items to the shape of this version (`storage.shapes`) while the desk is in use:
`make migrate`. It walks over all ids, which are dense; an item is rewritten on condition that it
has not changed since it was read. Damaged items stay as they are. No event is written, and so no
mail is sent. First it moves the items out of shards that are no longer written (`storage.shards`).

A call works for a while and reports its progress; the next call continues there.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from helpdesk import organizations
from helpdesk.catalogue import cache
from helpdesk.clock import from_iso, now
from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.events import history
from helpdesk.projection import progress
from helpdesk.projection.progress import WALKED, Progress
from helpdesk.storage import (
    aws,
    person_items,
    shapes,
    shards,
    table,
    ticket_items,
    transact,
    version_item,
)
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    ALL,
    DUE,
    MIGRATE,
    PENDING,
    TODO,
    Key,
    organization_key,
    person_key,
    ticket_key,
)
from helpdesk.storage.shapes import SHAPE
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

_ORDER = (*WALKED, "done")

AT_ONCE = 25
"""Ids of one step, whose items are written in parallel."""


def go_on(seconds: float, *, anew: bool = False) -> Progress:
    """Starts or continues a migration, for about `seconds` seconds. A finished one has the phase
    `done`; it is repeated only for another shape, or with `anew`.

    Raises:
        Conflict: `job_under_way`: another call is working on it.
        Damaged: A sequence of ids cannot be read.
        ChangedUnderYou: Others kept changing the items.
    """
    until = time.monotonic() + seconds
    cache.current()
    if not _gathered(until):
        return Progress("shards", "shards", now())
    found, name = progress.find(MIGRATE), f"shape {SHAPE}"
    if anew or found is None or found.name != name:
        held = progress.take(MIGRATE, found, Progress(name, WALKED[0], now()))
        held.save(lasts=progress.last_ids())
    elif found.phase == "done":
        return found
    else:
        held = progress.take(MIGRATE, found, found)
    steps: Mapping[str, Callable[[Sequence[int]], None]] = {
        "tickets": partial(_migrate, ticket_key, _ticket),
        "people": partial(_migrate, person_key, _person),
        "organizations": partial(_migrate, organization_key, _organization),
    }
    try:
        while held.progress.phase != "done":
            begin, last = held.progress.next, held.progress.last
            if begin > last:
                held.enter(_ORDER[_ORDER.index(held.progress.phase) + 1])
                continue
            end = min(begin + AT_ONCE, last + 1)
            steps[held.progress.phase](range(begin, end))
            held.save(next=end)
            if time.monotonic() > until:
                break
    finally:
        held.release()
    return held.progress


# --- moving out of unused shards ------------------------------------------------------------

SETTLED = timedelta(seconds=90)
"""After this time every function that began with more shards has ended: no writer runs for longer
than a minute (docs/decisions/0028).
"""


def _gathered(until: float) -> bool:
    """Moves the items out of shards that are no longer written (`storage.shards`), as time allows;
    returns whether these shards need no longer be read.
    """
    seen = shards.seen()
    if seen.read == seen.written:
        return True
    empty = True
    for partition, (index, attribute, number_of) in _SPREAD.items():
        move = partial(_move, partition, attribute, number_of)
        for name in shards.beyond(partition):
            listed = table.query(name, index=index)
            while keys := [Key(item["pk"], item["sk"]) for item in islice(listed, AT_ONCE)]:
                empty = False
                aws.together(*(partial(move, item) for item in table.fetch(keys).values()))
                if time.monotonic() > until:
                    return False
    if not empty or (seen.since and from_iso(seen.since) + SETTLED > now()):
        return False
    settled = shards.Shards(seen.written, seen.written)
    with suppress(ChangedUnderYou):
        version_item.announce(shards.ATTRIBUTE, settled.stored(), seen=seen.stored())
        return True
    return False


def _id_of(item: Item) -> int:
    return int(item["pk"].removeprefix("T#"))


def _digest_of(item: Item) -> int:
    return history.digest(Key(item["pk"], item["sk"]))


_SPREAD: Mapping[str, tuple[str, str, Callable[[Item], int]]] = {
    ALL: ("g04", "p4", _id_of),
    DUE: ("g09", "p9", _id_of),
    PENDING: ("g09", "p9", _id_of),
    TODO: ("g10", "p10", _digest_of),
}
"""For each partition with shards: an index that lists it, the attribute of an item that names its
shard, and a function for the number that selects the shard.
"""


def _move(partition: str, attribute: str, number_of: Callable[[Item], int], item: Item) -> None:
    """Moves an item to its current shard, even if it is damaged."""
    seen = item.get(attribute)
    if seen not in shards.beyond(partition):
        return
    moved = transact.set_attributes(
        Key(item["pk"], item["sk"]),
        {attribute: shards.to_write(partition, number_of(item))},
        condition=f"#{attribute} = :seen",
        values={":seen": seen},
    )
    with suppress(ConditionFailed):
        transact.write(moved)


Rewritten = Callable[[Item], Sequence[Write]]
"""The writes that migrate an item; they fail if it has changed since it was read."""


def _migrate(key_of: Callable[[int], Key], rewritten: Rewritten, ids: Sequence[int]) -> None:
    found = table.fetch([key_of(number) for number in ids])
    old = [item for item in found.values() if shapes.is_old(item) and "agent" not in _own(item)]
    aws.together(*(partial(_rewrite, item, rewritten) for item in old))


def _own(item: Item) -> set[str]:
    # An agent's item among people only holds the id; a ticket's `agent` is something else.
    return set(item) if item["pk"].startswith("U#") else set()


def _rewrite(item: Item, rewritten: Rewritten) -> None:
    key = Key(item["pk"], item["sk"])
    for _ in transact.attempts():
        with suppress(Damaged):
            try:
                transact.commit_retried(rewritten(item))
            except Cancelled:
                now_there = table.get(key)
                if now_there is None or not shapes.is_old(now_there):
                    return
                item = now_there
                continue
        return


def _ticket(item: Item) -> list[Write]:
    ticket = ticket_items.as_ticket(item)
    wanted = ticket_items.as_item(ticket, cache.seen().state_of(ticket))
    # Others may append to it concurrently.
    del wanted["entries"]
    return [_set(item, wanted, ("version", "updated"))]


def _person(item: Item) -> list[Write]:
    person = person_items.strictly(item)
    copies = [(item, person_items.listed(person))]
    if person.email:
        held = table.get(person_items.holder_key(person.email))
        # There is a full copy under the address; unless that item is another person's.
        if held is not None and held.get("id") == person.id:
            copies.append((held, person_items.as_item(person)))
    return [_set(copy, wanted, ("version", "name", "email")) for copy, wanted in copies]


def _organization(item: Item) -> list[Write]:
    wanted = organizations.as_item(organizations.as_organization(item))
    return [_set(item, wanted, ("version", "name", "updated"))]


def _set(item: Item, wanted: Mapping[str, Any], same: Sequence[str]) -> Write:
    """Sets the missing attributes of an item, if the attributes `same` are unchanged."""
    there = {name: item[name] for name in same if name in item}
    conditions = ["attribute_exists(pk)", *(f"#{name} = :was_{name}" for name in there)]
    conditions += [f"attribute_not_exists(#{name})" for name in same if name not in there]
    return transact.set_attributes(
        Key(item["pk"], item["sk"]),
        shapes.missing(item, wanted),
        condition=" AND ".join(conditions),
        values={f":was_{name}": value for name, value in there.items()},
        names={f"#{name}": name for name in same},
    )
