"""The progress of a long job: one item, from which a call continues where the last one stopped,
with a lease, so that only one call works at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import Conflict, Damaged
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import SEQUENCES, Key
from helpdesk.storage.reading import make, reading, reference
from helpdesk.storage.sequences import FIRST_IDS
from helpdesk.storage.transact import ConditionFailed

LEASE = timedelta(seconds=90)
"""How long a call holds the lease without saving progress."""

WALKED = ("tickets", "people", "organizations")
"""The phases that walk over ids, in the order of `Progress.lasts`."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a job: in this `phase` all ids below `next` of `last` are done.

    Args:
        name: what is being built, such as a generation of the index.
        since: when the phase began.
        lease: until when the working call holds the lease.
        holder: the id of that call.
        lasts: the last ids of tickets, people and organizations when the walk began.
    """

    name: str
    phase: str
    since: datetime
    next: int = 1
    lease: datetime | None = None
    holder: str = ""
    lasts: Sequence[int] = ()

    @property
    def last(self) -> int:
        """The last id of this phase; 0 for none."""
        if self.phase == "removal":
            return max(self.lasts, default=0)
        return self.lasts[WALKED.index(self.phase)] if self.phase in WALKED and self.lasts else 0

    def told(self) -> dict[str, Any]:
        """The values that the caller of the job prints."""
        return {"phase": self.phase, "done": max(0, self.next - 1), "of": self.last}


class Held:
    """The progress of a job, leased to this call.

    Args:
        key: where it is stored.
        progress: the progress.
    """

    def __init__(self, key: Key, progress: Progress) -> None:
        self.key = key
        self.progress = progress

    def save(self, **values: Any) -> None:
        """Saves the progress, and renews the lease.

        Raises:
            Conflict: `job_under_way`: another call has taken it over.
        """
        after = replace(self.progress, **{"lease": now() + LEASE, **values})
        _write(self.key, after, self.progress)
        self.progress = after

    def enter(self, phase: str) -> None:
        """Starts a phase."""
        self.save(phase=phase, since=now(), next=1)

    def release(self) -> None:
        """Lets the next call go on at once."""
        self.save(lease=None)


def find(key: Key) -> Progress | None:
    """The progress of a job; None if it was never started."""
    item = table.get(key)
    return None if item is None else _as_progress(item)


def take(key: Key, found: Progress | None, begun: Progress) -> Held:
    """Takes the lease of a job, given the progress that was `found`, to continue with `begun`.

    Raises:
        Conflict: `job_under_way`: another call works on it.
    """
    if found is not None and found.lease is not None and found.lease > now():
        raise Conflict("job_under_way")
    held = replace(begun, lease=now() + LEASE, holder=uuid4().hex)
    _write(key, held, found)
    return Held(key, held)


def _as_progress(item: Item) -> Progress:
    with reading("progress", item):
        times: dict[str, Any] = {n: from_iso(item[n]) for n in ("since", "lease") if n in item}
        return make(Progress, {**item, **times, "lasts": list(item.get("lasts", ()))})


def _write(key: Key, progress: Progress, before: Progress | None) -> None:
    item = {
        "name": progress.name,
        "phase": progress.phase,
        "since": to_iso(progress.since),
        "next": progress.next,
        "lease": to_iso(progress.lease) if progress.lease else None,
        "holder": progress.holder,
        "lasts": list(progress.lasts),
    }
    if before is None:
        change = transact.put_new(key, item)
    else:
        change = transact.put(
            key,
            item,
            condition="#holder = :holder",
            values={":holder": before.holder},
            names={"#holder": "holder"},
        )
    try:
        transact.write(change)
    except ConditionFailed as taken:
        raise Conflict("job_under_way") from taken


def last_ids() -> list[int]:
    """The last ids allocated, for each of WALKED.

    Raises:
        Damaged: A sequence does not hold a number. A rebuild from no ids must not replace the
            existing data.
    """
    ids = table.get(SEQUENCES) or {}
    return [_last(ids, name) for name in ("ticket", "person", "organization")]


def _last(ids: Item, name: str) -> int:
    if name not in ids:
        return FIRST_IDS.get(name, 1) - 1
    last = reference(ids, name)
    if last is None:
        raise Damaged("sequence")
    return last
