"""The progress of a broadcast as an item: written after each batch, so that a run can continue
after a crash.

A lease ensures that only one run works on it. `again` are people whose mail another run had
started: whether SES accepted it is known when that mail's own lease ends.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex
from typing import Any

from helpdesk.broadcasts import progress
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.events.history import Event
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, broadcast_key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import ConditionFailed, Write

LEASE = timedelta(minutes=2)
"""How long a run holds the lease without renewing it."""

KEPT = timedelta(days=400)


class Lost(Exception):
    """Another run has taken the broadcast over."""


class Run:
    """One run's lease of a broadcast.

    `cursor` is the last person handled, in the order of ids. Sums are written, not increments,
    since the AWS client retries a write whose answer was lost.
    """

    def __init__(self, key: Key, holder: str, item: Mapping[str, Any]) -> None:
        self.key = key
        self.holder = holder
        self.cursor = int(item.get("cursor", 0))
        self.sent, self.skipped = (int(item.get(name, 0)) for name in ("sent", "skipped"))
        self.again: set[int] = {int(one) for one in item.get("again", ())}

    def count(self, left: int) -> None:
        """Stores the total number of people to mail, of whom `left` are still to be mailed.

        Raises:
            Lost.
        """
        done = self.sent + self.skipped
        self._write("SET #total = :total", {":total": done + left + len(self.again)})

    def advance(self, cursor: int, *, sent: int, skipped: int, again: set[int]) -> None:
        """Stores the results for the people up to `cursor`.

        Raises:
            Lost.
        """
        sent, skipped = self.sent + sent, self.skipped + skipped
        values: dict[str, Any] = {":cursor": cursor, ":sent": sent, ":skipped": skipped}
        expression = "SET #cursor = :cursor, #sent = :sent, #skipped = :skipped"
        if more := {str(one) for one in again - self.again}:
            expression, values = f"{expression} ADD #again :more", values | {":more": more}
        if fewer := {str(one) for one in self.again - again}:
            expression, values = f"{expression} DELETE #again :fewer", values | {":fewer": fewer}
        self._write(expression, values)
        self.cursor, self.again = cursor, set(again)
        self.sent, self.skipped = sent, skipped

    def release(self, *, finished: bool) -> None:
        """Ends the run. Does nothing if another one has taken over."""
        expression, values = "REMOVE #holder, #lease", dict[str, Any]()
        if finished:
            expression, values = f"SET #finished = :now {expression}", {":now": to_iso(now())}
        with suppress(Lost):
            self._write(expression, values)

    def _write(self, expression: str, values: Mapping[str, Any]) -> None:
        if "#holder" not in expression:
            # Every write renews the lease.
            expression = expression.replace("SET", "SET #lease = :lease,", 1)
            values = {**values, ":lease": to_iso(now() + LEASE)}
        names = {f"#{name}": name for name in _NAMES if f"#{name}" in expression}
        change = transact.update(
            self.key,
            expression,
            {**values, ":holder": self.holder},
            condition="#holder = :holder",
            names=names | {"#holder": "holder"},
        )
        try:
            transact.write(change)
        except ConditionFailed as lost:
            raise Lost from lost


_NAMES = (*("total", "cursor", "sent", "skipped", "again", "finished", "lease", "holder"),)


def take(event: Event) -> Run | None:
    """Takes the lease of a broadcast, and starts it if it is new; None while another run has it.

    Raises:
        Damaged: Its item cannot be read.
    """
    name = event.id.sk.removeprefix("V#")
    key, holder, at = broadcast_key(name), token_hex(8), now()
    lease = {"holder": holder, "lease": to_iso(at + LEASE)}
    found = table.get(key)
    if found is None:
        begun: Item = {
            "id": name,
            "ticket": event.ticket,
            "what": event.data.get("what", ""),
            "started": to_iso(at),
            "p11": progress.LISTED,
            "s11": name,
            "ttl": seconds(at + KEPT),
            **lease,
        }
        return _held(transact.put_new(key, begun), Run(key, holder, begun))
    with reading("broadcast", found):
        held = "holder" in found and from_iso(found["lease"]) > at
        run = Run(key, holder, found)
    if held:
        return None
    seen = found.get("holder")
    same = "#holder = :seen" if seen else "attribute_not_exists(#holder)"
    taken = transact.update(
        key,
        "SET #holder = :holder, #lease = :lease",
        {":holder": holder, ":lease": lease["lease"], **({":seen": seen} if seen else {})},
        condition=same,
        names={"#holder": "holder", "#lease": "lease"},
    )
    return _held(taken, run)


def _held(taking: Write, run: Run) -> Run | None:
    """The run, if it has taken the lease by this write."""
    try:
        transact.write(taking)
    except ConditionFailed as there:
        # The AWS client retries a write whose answer was lost, and then finds its own lease.
        if (there.old or {}).get("holder") != run.holder:
            return None
    return run
