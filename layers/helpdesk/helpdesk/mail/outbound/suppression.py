"""Suppressed addresses, which bounced or whose owners complained, and which get no more mail. SES
suspends an account that continues to mail such addresses, and has its own suppression list. When an
admin lifts a suppression here, the address is removed from SES's list as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from helpdesk import operations
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.outbound import render
from helpdesk.model.actor import Actor
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, suppressed_key
from helpdesk.storage.person_items import folded
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, Write

Reason = Literal["bounce", "complaint", "admin"]

LISTED = "suppressed"
"""The partition of the index that lists all of them."""

MOST_PAGES = 10
"""Pages that are searched for a piece of text."""

LONGEST_ADDRESS = 320
"""Characters: 64 for the local part, 255 for the domain (RFC 5321, 4.5.3.1)."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One address, folded; why it is suppressed, and since when. `admin`: suppressed by an
    admin.
    """

    address: str
    reason: Reason
    at: datetime


def key(address: str) -> Key:
    """The key of an address's suppression."""
    return suppressed_key(folded(address))


def suppression(address: str, reason: Reason, at: datetime) -> Write:
    """The write that suppresses an address; idempotent."""
    listed = {"p11": LISTED, "s11": history.new_event_id(at)}
    about = {"address": folded(address), "reason": reason, "at": to_iso(at)}
    return transact.put(key(address), about | listed)


def list_addresses(
    actor: Actor, *, piece: str = "", before: str, limit: int
) -> tuple[list[Suppressed], str | None]:
    """Suppressed addresses that contain `piece`, newest first, from the cursor `before` on (empty
    for the newest); and the cursor of the next page, None after the last. Two round trips; with a
    piece up to MOST_PAGES times as many, and a page may have fewer than `limit`.

    Raises:
        NotAllowed: the key sees only part of the desk.
    """
    _check(actor)
    piece, kept = folded(piece), list[Suppressed]()
    for _ in range(MOST_PAGES):
        found, more = table.newest(LISTED, before, limit)
        listed = readable(_as_suppressed, found.values())
        fits = [one for one in listed if piece in one.address]
        if len(kept) + len(fits) > limit:
            return kept, before
        kept += fits
        if more is None or not piece:
            return kept, more
        before = more
    return kept, before


def _as_suppressed(item: Item) -> Suppressed:
    with reading("suppressed address", item):
        return make(Suppressed, {**item, "at": from_iso(item["at"])})


def lift(actor: Actor, address: str) -> str:
    """Lifts the suppression of an address; returns the address as listed.

    Raises:
        NotAllowed: the key sees only part of the desk.
        NotFound: the address is not suppressed.
    """
    _check(actor)
    address = folded(address)
    there = key(address)
    item = table.get(there) if len(address) <= LONGEST_ADDRESS else None
    if item is None:
        raise NotFound("address")
    # SES first: if this fails it can be repeated, since the desk's list still has the address.
    if mailed := render.mailable(address):
        ses.forgive(mailed)
    data = {"address": address} | {name: item.get(name) for name in _OF_LIFTED}
    lifted = history.audit_event("suppression_lifted", actor, now(), data=data)
    try:
        transact.commit_retried([transact.delete(there, condition="attribute_exists(pk)"), lifted])
    except Cancelled as cancelled:
        raise NotFound("address") from cancelled
    return address


_OF_LIFTED = ("reason", "at")
"""The values of a lifted suppression that are kept in the event, so that it can be restored."""

LATELY = timedelta(days=1)
"""How long a lifted suppression can be restored as it was; later it starts as a new one."""


def suppress(actor: Actor, address: str, once: IdempotencyRecord | None = None) -> Suppressed:
    """Suppresses an address; restores a suppression that was lifted LATELY. An address that is
    already listed stays as it is. SES's own list is not changed.

    Raises:
        NotAllowed: the key sees only part of the desk.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
    """
    _check(actor)
    address, at = folded(address), now()
    found, _ = operations.first_round_trip([key(address)], once=once)
    if item := found.get(key(address)):
        return _as_suppressed(item)
    listed = _lifted_lately(address, at) or Suppressed(address, "admin", at)
    event = history.audit_event("suppressed", actor, at, data={"address": address})
    put = suppression(address, listed.reason, listed.at)
    operations.commit(event, [put], once=once, result=listed)
    return listed


def _lifted_lately(address: str, at: datetime) -> Suppressed | None:
    """The suppression of an address when it was lifted; two round trips."""
    for day in (at, at - LATELY):
        events = table.query(history.day_of(day), begins="V#", newest_first=True)
        for event in islice(events, MOST_EVENTS):
            data = event.get("data")
            if event.get("kind") == "suppression_lifted" and isinstance(data, dict):
                if data.get("address") != address:
                    continue
                item = {**data, "pk": event["pk"], "sk": event["sk"]}
                return next(readable(_as_suppressed, [item]), None)
    return None


MOST_EVENTS = 500
"""Changes of a day that are searched for a lifted address."""


def _check(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_desk")
